"""`voxlite score TRIALS`: a speaker model on pairs of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voxlite.cli.shell import console, print_bytes
from voxlite.errors import ModelError, VoxliteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voxlite.recognition.trials import TrialScores

COLUMNS = ("first", "second", "cosine", "llr", "probability")


def score_list(
    trials: Path, root: Path | None, model: str, threads: int, out: Path | None, json: bool
) -> None:
    """Score a trial list: the table goes to `out` or to standard output, the figures beside it."""
    from voxlite.recognition import SpeakerRecognizer
    from voxlite.recognition.trials import read_trials, score_trials

    listed = read_trials(trials)
    folder = root if root is not None else trials.parent
    missing = next((name for name in listed.names if not (folder / name).is_file()), None)
    if missing is not None:
        raise VoxliteError(
            f"{trials}: its recording {missing} is not in {folder}: name the folder that paths begin from with --root"
        )
    recognizer = SpeakerRecognizer(model, threads)
    try:
        scorer = recognizer.scorer
    except ModelError as error:  # cosines need no calibration
        console(stderr=True).print(f"voxlite: only cosines: {error}", soft_wrap=True)
        scorer = None
    result = score_trials(listed, lambda name: recognizer.listen(folder / name), scorer)
    if out is not None or not json:
        _write("".join(_lines(result)), out)
    if json:
        from voxlite.report.jsonio import to_json

        about = {"schema": "voxlite.trials/1", "list": str(trials), "model": recognizer.model.summary()}
        print_bytes(to_json({**about, **result.figures()}) + "\n")
    else:
        _print(result, to_stderr=out is None)


def _lines(result: TrialScores) -> Iterator[str]:
    """Yield the table as CSV, from its header on; the label comes first where the list has one."""
    from voxlite.report.tables import csv_text

    trials, llr, likely = result.trials, result.llr, result.probability
    labels = None if trials.same is None else trials.same.tolist()
    yield csv_text([("same", *COLUMNS) if labels else COLUMNS])
    for at, (one, other) in enumerate(zip(trials.first.tolist(), trials.second.tolist(), strict=True)):
        row = [trials.names[one], trials.names[other], f"{result.cosine[at]:.6f}", "", ""]
        if llr is not None and likely is not None:
            row[-2:] = [f"{llr[at]:.4f}", f"{likely[at]:.6f}"]
        yield csv_text([[int(labels[at]), *row] if labels else row])


def _write(text: str, out: Path | None) -> None:
    if out is None:
        print_bytes(text)
        return
    try:
        out.write_bytes(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise VoxliteError(f"{out}: cannot be written ({error.strerror or error})") from error


def _print(result: TrialScores, to_stderr: bool) -> None:
    from voxlite.recognition.trials import TARGET_PRIOR

    figures, target = result.figures(), console(stderr=to_stderr)
    text = f"{figures['trials']} trials of {figures['recordings']} recordings"
    if "of_one_speaker" in figures:
        text += f", {figures['of_one_speaker']} of one speaker"
    target.print(text, soft_wrap=True)
    for name in ("cosine", "llr"):
        if name in figures:
            eer, cost = figures[name]["eer"], figures[name][f"min_dcf_{TARGET_PRIOR:g}"]
            target.print(
                f"  {name}: EER {100 * eer:.2f} %, minDCF({TARGET_PRIOR:g}) {cost:.4f}", soft_wrap=True
            )
