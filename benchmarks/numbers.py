"""Write docs/numbers.md and the README's figures from measured JSON: `python -m benchmarks.numbers`.

Nothing is typed by hand: what was not measured says which command measures it. With --check nothing is written, and
the exit status is 1 when a file differs from what would be.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.sections import (
    accelerations,
    archive,
    browser,
    copies,
    detectors,
    diarization,
    doubts,
    nets,
    quality,
    restricted,
    speakers,
    speed,
    traits,
    voiceprints,
)
from benchmarks.sections.markdown import table, wrapped
from benchmarks.sections.results import Results, load
from benchmarks.sections.summary import summary

ROOT = Path(__file__).resolve().parent.parent
START, END = "<!-- figures -->", "<!-- /figures -->"
PICTURES = {
    "ROC curves": "roc.png",
    "DET curves": "det.png",
    "Reliability of the probabilities": "reliability.png",
}
"""Of the evaluation: copied to docs/images."""
DRAWN = {"Factors of the accelerations": "accelerations.png"}
OF_THE_BROWSER = {"Memory while listening in the browser": "browser-memory.png"}
"""Both are drawn into docs/images by their own commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; return the exit status."""
    options = parse(arguments)
    evaluation = options.results / "evaluation"
    try:
        results = load(options.results, evaluation / "evaluation.json", options.parity)
        readme = with_figures(options.readme.read_text(encoding="utf-8"), summary(results))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if not options.check:
        copy_pictures(evaluation, options.images)
    folder = os.path.relpath(options.images, options.docs.parent)
    links = {
        caption: Path(folder, name).as_posix()
        for caption, name in (PICTURES | DRAWN | OF_THE_BROWSER).items()
        if (options.images / name).is_file()
    }
    wanted = {options.docs: page(results, links), options.readme: readme}
    stale = [path for path, text in wanted.items() if not holds(path, text)]
    for path in stale:
        if options.check:
            print(
                f"{path}: differs from the measured figures: run python -m benchmarks.numbers",
                file=sys.stderr,
            )
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(path)
    return 1 if options.check and stale else 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, tell what differs")
    parser.add_argument(
        "--results", type=Path, default=ROOT / "benchmarks" / "results", help="folder of the JSON"
    )
    parser.add_argument("--parity", type=Path, default=ROOT / "src" / "voxlite" / "models" / "parity.json")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs" / "numbers.md")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    parser.add_argument(
        "--images",
        type=Path,
        default=ROOT / "docs" / "images",
        help="where the evaluation's pictures are copied",
    )
    return parser.parse_args(arguments)


def page(results: Results, pictures: dict[str, str]) -> str:
    """Return the whole of docs/numbers.md; `pictures` maps captions to links."""
    blocks = [
        "# Numbers",
        "Each figure has its command; `python -m benchmarks.numbers` writes this page from the JSON that the commands "
        "leave in `benchmarks/results`. `make bench` installs the peers and runs everything; figures of quality need "
        "the corpus (`VOXLITE_CORPUS`). Times are medians of runs in turns in one process on one thread; ratios are "
        "more trustworthy than times.",
        *machine(results),
        *quality.voice(results),
        *quality.evaluation(results, {name: link for name, link in pictures.items() if name in PICTURES}),
        *speed.segments(results),
        *speed.speed(results),
        *speed.front_end(results),
        *accelerations.accelerations(
            results, {name: link for name, link in pictures.items() if name in DRAWN}
        ),
        *nets.nets(results),
        *speakers.speakers(results.speakers, results.speaker_evaluation),
        *restricted.restricted(results.restricted),
        *diarization.diarization(results.diarization),
        *copies.copies(results.copies),
        *doubts.doubts(results.doubts),
        *traits.traits(results.gender_evaluation, results.moods, results.traits),
        *voiceprints.voiceprints(results.voiceprints),
        *detectors.detectors(results.detectors),
        *browser.browser(
            results.browser,
            results.arm64,
            {name: link for name, link in pictures.items() if name in OF_THE_BROWSER},
        ),
        *archive.archive(results.archive),
        *speed.model_files(results),
    ]
    return "\n\n".join(map(wrapped, blocks)) + "\n"


def machine(results: Results) -> list[str]:
    """Return machine, dates and versions, grouped by what is the same."""
    groups: dict[str, list[str]] = {}
    packages: dict[str, list[str]] = {}
    for command, found in results.machines():
        dates = f", {found['date']}" if "date" in found else ""
        text = f"{found['cpu']}, {found['cores']} cores, {found['system']}, Python {found['python']}{dates}"
        groups.setdefault(text, []).append(f"`{command}`")
        for name, version in found["packages"].items():
            if version not in packages.setdefault(name, []):
                packages[name].append(version)
    if results.evaluation is not None and (version := results.evaluation.get("about", {}).get("voxlite")):
        packages["voxlite"] = [version]
    if not groups:
        return ["Machine: not measured yet."]
    rows = [[text, ", ".join(commands)] for text, commands in groups.items()]
    versions = ", ".join(f"{name} {' / '.join(found)}" for name, found in sorted(packages.items()))
    return [table(["machine, date", "commands"], rows), f"Versions: {versions}."]


def with_figures(readme: str, figures: str) -> str:
    """Return the README with another table between its markers.

    Raises
    ------
    ValueError
        If the markers are not there once each, in order.
    """
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    if readme.count(START) != 1 or readme.count(END) != 1 or END not in rest:
        raise ValueError(f"README: the figures go between one {START} and one {END} below it; add them")
    return f"{before}{START}\n\n{figures}\n\n{END}{after}"


def holds(path: Path, text: str) -> bool:
    """Tell whether a file exists and holds this text."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def copy_pictures(evaluation: Path, images: Path) -> None:
    """Copy the pictures of an evaluation that are there."""
    for name in PICTURES.values():
        if (evaluation / name).is_file():
            images.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(evaluation / name, images / name)


if __name__ == "__main__":
    sys.exit(main())
