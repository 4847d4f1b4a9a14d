"""Fetch free recordings out of Debian packages and build everything under samples/.

Run it on Debian 12 after `apt-get update`, as any user: `python scripts/fetch_samples.py`. It downloads about 110 MB
once. The same packages give the same samples, so running it again changes nothing.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from pathlib import Path

import numpy as np
import platformdirs
import soundfile

import sample_sound as sound
from sample_call import CALL, assemble
from sample_clips import CLIPS, ORIGINALS, SPEAKERS, build_clip
from sample_sources import PACKAGES, SOURCES, FetchError, Shelf

CALL_LICENCE = "GPL-3.0-or-later"
COMMON_LICENCES = Path("/usr/share/common-licenses")
LICENCE_TEXTS = ("GPL-2", "GPL-3", "LGPL-2.1")


def build_call(shelf: Shelf, out: Path) -> list[tuple[str, str]]:
    """Write call.flac and call.truth.csv; return (file, source) pairs."""
    samples, rows = assemble(CALL, lambda key: sound.read(shelf.path(key)))
    soundfile.write(out / "call.flac", samples, sound.RATE_HZ, subtype="PCM_16")
    with (out / "call.truth.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["start_s", "end_s", "label", "what"])
        writer.writerows([f"{row.start_s:.2f}", f"{row.end_s:.2f}", row.label, row.what] for row in rows)
    return [("call.flac", key) for key in dict.fromkeys(item.source for item in CALL)]


def build_clips(shelf: Shelf, out: Path) -> list[tuple[str, str]]:
    """Write the short clips and copy the originals; return (file, source) pairs."""
    pairs = []
    for clip in (*CLIPS, *SPEAKERS):
        samples = np.round(build_clip(clip, shelf) * 32768.0) / 32768.0
        soundfile.write(out / clip.name, samples, clip.rate_hz, subtype="PCM_16")
        pairs += [(clip.name, key) for key in dict.fromkeys(clip.sources)]
    for name, key in ORIGINALS.items():
        shutil.copyfile(shelf.path(key), out / name)
        pairs.append((name, key))
    return pairs


def write_attribution(pairs: list[tuple[str, str]], out: Path) -> None:
    """Write attribution.csv: one row per file and source."""
    with (out / "attribution.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "source", "package", "version", "original", "licence", "author"])
        for name, key in pairs:
            source = SOURCES[key]
            package = PACKAGES[source.package]
            author = f"{source.author}; {package.author}" if source.author else package.author
            writer.writerow([name, key, package.name, package.version, source.path, package.licence, author])


def copy_licences(shelf: Shelf, pairs: list[tuple[str, str]], out: Path) -> None:
    """Copy the copyright file of every package used, and the licences they refer to."""
    folder = out / "licences"
    folder.mkdir(exist_ok=True)
    for name in sorted({SOURCES[key].package for _, key in pairs}):
        package = PACKAGES[name]
        shutil.copyfile(shelf.root(name) / package.copyright, folder / f"{name}.txt")
        if package.papers:
            shutil.copyfile(shelf.root(name) / package.papers, folder / f"{name}-samples.txt")
    for name in LICENCE_TEXTS:
        shutil.copyfile(COMMON_LICENCES / name, folder / f"{name}.txt")


def main() -> int:
    """Build the samples and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(platformdirs.user_cache_dir("voxlite")) / "samples",
        help="folder for the downloaded packages",
    )
    parser.add_argument("--out", type=Path, default=Path("samples"), help="folder for the samples")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    shelf = Shelf(args.cache.resolve())
    try:
        pairs = build_call(shelf, args.out) + build_clips(shelf, args.out)
        write_attribution(pairs, args.out)
        copy_licences(shelf, pairs, args.out)
    except (FetchError, OSError, ValueError) as error:
        print(f"fetch_samples: {error}", file=sys.stderr)
        return 1
    for path in sorted(args.out.glob("*.*")):
        print(f"{path.stat().st_size:>9,d}  {path}")
    print(f"the call as a whole is {CALL_LICENCE}; each part keeps its own licence, see attribution.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
