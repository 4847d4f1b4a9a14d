"""Lists adults whose pitch contradicts the gender that a corpus gives them: `python scripts/contradicted_voices.py`.

Read speech of men lies about 120 Hz, of women about 210 Hz, one standard deviation a fifth of that (Baken and Orlikoff
2000). A man's median above 180 Hz, or a woman's below 140 Hz, is far out: a swapped label more often than a rare voice.
Two estimates of librosa must agree on that, YIN and pYIN, for each alone takes some voices an octave wrong. Asked of
speechocean762, whose labels volunteers gave of themselves. The list keeps such voices out of training and lets an
evaluation tell them apart; nothing is relabelled. It needs `pip install librosa`.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np

from voxlite import Audio
from voxlite.training.corpus import Clip, read_manifest
from voxlite.training.places import find_manifest
from voxlite.training.traits.labels import CONTRADICTED

RATE_HZ = 16_000
MOST_HZ, LEAST_HZ = 180.0, 140.0
"""A man's median pitch above which, a woman's below which the label is doubted."""
_CLIPS, _SECONDS = 4, 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--source", nargs="*", default=["speechocean762"])
    parser.add_argument("--out", type=Path, default=CONTRADICTED)
    options = parser.parse_args(arguments)
    voices: dict[tuple[str, str, str], list[Clip]] = defaultdict(list)
    for clip in read_manifest(find_manifest(options.manifest)):
        is_adult = clip.kind == "speech" and clip.age == "adult" and clip.speaker and clip.gender
        if is_adult and clip.source in options.source:
            voices[clip.source, clip.speaker, clip.gender].append(clip)
    rows = []
    for at, (key, clips) in enumerate(sorted(voices.items())):
        chosen = sorted(clips, key=lambda clip: clip.original)[:: max(1, len(clips) // _CLIPS)][:_CLIPS]
        sounds = [Audio.read(clip.path, rate_hz=RATE_HZ).samples for clip in chosen]
        estimates = [yin_hz(sounds), pyin_hz(sounds)]
        if (key[2] == "male" and min(estimates) > MOST_HZ) or (
            key[2] == "female" and max(estimates) < LEAST_HZ
        ):
            rows.append((*key, round(sum(estimates) / 2)))
        print(f"\r{at + 1}/{len(voices)}", end="", file=sys.stderr)
    with options.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("source", "speaker", "gender", "pitch_hz"))
        writer.writerows(rows)
    print(f"\n{options.out}: {len(rows)} of {len(voices)} voices")


def yin_hz(sounds: Sequence[np.ndarray]) -> float:
    """Return the median over sounds, float32[n] at 16 kHz each, of the median pitch of their louder frames."""
    medians = []
    for samples in sounds:
        hz = librosa.yin(samples, fmin=60, fmax=450, sr=RATE_HZ, frame_length=1024)
        level = librosa.feature.rms(y=samples, frame_length=1024)[0][: len(hz)]
        medians.append(np.median(hz[: len(level)][level >= np.quantile(level, 0.6)]))
    return float(np.median(medians))


def pyin_hz(sounds: Sequence[np.ndarray]) -> float:
    """Return the median pitch of the voiced parts of the middles of the sounds; NaN if there are none."""
    found = []
    for samples in sounds:
        start = max(0, (len(samples) - _SECONDS * RATE_HZ) // 2)
        part = samples[start : start + _SECONDS * RATE_HZ]
        hz, is_voiced, chance = librosa.pyin(part, fmin=60, fmax=450, sr=RATE_HZ, frame_length=1024)
        found.append(hz[is_voiced & (chance > 0.5)])
    voiced = np.concatenate(found)
    return float(np.median(voiced)) if len(voiced) else float("nan")


if __name__ == "__main__":
    main()
