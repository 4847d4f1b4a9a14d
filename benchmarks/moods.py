"""Moods beside openSMILE eGeMAPS with a linear SVM, on the same folds: `python -m benchmarks.moods`.

Leave one speaker out within each corpus, with its own moods, and leave one corpus out, with the moods that they share;
no judge is given statistics of a speaker or corpus that it judges. In a third part voxlite knows a few neutral
recordings of each speaker, and the peer the statistics of all that a speaker says. The peer: eGeMAPSv02 functionals of
whole clips, standardised, a linear SVM (squared hinge, C 0.1, classes balanced). It needs `pip install opensmile
scikit-learn`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.common import publish
from voxlite.cli.training_tools import progress_bar, quiet_tensorflow
from voxlite.errors import MissingExtraError
from voxlite.training.moods.evaluate import evaluate_moods, mood_tables, n_folds
from voxlite.training.moods.features import Described, described_corpus
from voxlite.training.moods.judging import RidgeJudge
from voxlite.training.moods.reference import against_neutral, referring_judge
from voxlite.training.places import SPEAKER_WEIGHTS, find_cache, find_manifest
from voxlite.training.store import build_store
from voxlite.values import FloatArray

PEER = "eGeMAPS + SVM"
NORMALISED_PEER = "eGeMAPS + SVM, by each speaker's mean and deviation"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, help="default: that in the folder VOXLITE_CORPUS")
    parser.add_argument("--weights", type=Path, default=SPEAKER_WEIGHTS, help="of the speaker net")
    parser.add_argument("--cache", type=Path, help="folder of decoded clips and features, reused")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/moods.json"))
    options = parser.parse_args(arguments)
    quiet_tensorflow()
    console, manifest = Console(), find_manifest(options.manifest)
    cache = find_cache(options.cache, manifest, "mood-train-research")
    with progress_bar(console, "describing", None) as tick:
        described = described_corpus(manifest, options.weights, cache, tick)
    with progress_bar(console, "openSMILE", len(described.clips)) as tick:
        rows = egemaps(described, cache, tick)
    judges = {"voxlite": RidgeJudge(described), PEER: SvmJudge(rows)}
    kept = against_neutral(described).kept
    referring = {
        "voxlite": referring_judge(described),
        NORMALISED_PEER: SvmJudge(by_speaker(rows, described.voices)[kept]),
    }
    with progress_bar(console, "judging", n_folds(described, len(judges), len(referring))) as tick:
        evaluation = evaluate_moods(described, judges, tick, referring)
    publish({"benchmark": "moods", **evaluation}, options.out, mood_tables(evaluation))


def egemaps(
    described: Described,
    cache: Path,
    tick: Callable[[], None],
    extract: Callable[[FloatArray], FloatArray] | None = None,
) -> FloatArray:
    """Return openSMILE's functionals of whole clips, float32[clips, 88], kept in the cache.

    Parameters
    ----------
    described
        Says which clips.
    cache
        Folder of their decoded samples, and of the result.
    tick
        Called after each clip.
    extract
        Samples at 16 kHz to functionals; openSMILE if left out.

    Raises
    ------
    MissingExtraError
        If openSMILE is not installed.
    """
    path = cache / f"egemaps-{len(described.clips)}.npy"
    if path.is_file():
        return np.asarray(np.load(path, allow_pickle=False), np.float32)
    extract = extract or _opensmile()
    store = build_store(described.clips, cache, rate_hz=16_000)
    rows = []
    for clip in described.clips:
        rows.append(extract(store.samples(clip)))
        tick()
    found = np.array(rows, np.float32)
    np.save(path, found)
    return found


def by_speaker(rows: FloatArray, voices: NDArray[np.str_]) -> FloatArray:
    """Return rows less the mean over all of their speaker's rows, whatever the mood, over their deviation."""
    found = np.nan_to_num(rows)
    for voice in np.unique(voices):
        own = voices == voice
        found[own] = (found[own] - found[own].mean(axis=0)) / np.maximum(found[own].std(axis=0), 1e-6)
    return found


def _opensmile() -> Callable[[FloatArray], FloatArray]:
    try:
        import opensmile
    except ImportError:
        raise MissingExtraError("the peer", "bench") from None
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals
    )
    return lambda samples: np.asarray(smile.process_signal(samples, 16_000).values[0], np.float32)


class SvmJudge:
    """A standardised linear SVM (squared hinge, C 0.1, classes balanced) on rows of features."""

    def __init__(self, rows: FloatArray) -> None:
        self._rows = np.nan_to_num(rows)

    def __call__(
        self,
        learned: NDArray[np.bool_],
        judged: NDArray[np.bool_],
        labels: NDArray[np.str_],
        names: NDArray[np.str_],
    ) -> FloatArray:
        """Return float32[judged, names]."""
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import LinearSVC

        scaler = StandardScaler().fit(self._rows[learned])
        svm: Any = LinearSVC(C=0.1, class_weight="balanced", max_iter=3000, random_state=0)
        svm.fit(scaler.transform(self._rows[learned]), labels)
        scores = np.full((int(judged.sum()), len(names)), -np.inf, np.float32)
        found = svm.decision_function(scaler.transform(self._rows[judged]))
        for column, label in enumerate(svm.classes_):
            scores[:, names == label] = found[:, [column]]
        return scores


if __name__ == "__main__":
    main()
