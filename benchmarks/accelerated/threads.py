"""Row 6: threads. The engine's fragments on 1, 2, 4 and 8 threads."""

from __future__ import annotations

from benchmarks.accelerated.row import Part, Row, Setup
from voxlite.tasks.voice import VoiceDetector

TITLE = "threads"
DEFAULT = "threads=4: more than the cores costs little, and results do not depend on it"
THREADS = (1, 2, 4, 8)


def measure(setup: Setup) -> Row:
    """Time scores over time with each number of threads."""
    parts = _parts(setup, "compact net", setup.compact, setup.seconds)
    if setup.inception_model is None:
        return Row(TITLE, DEFAULT, tuple(parts), (setup.no_inception,))
    parts += _parts(setup, "Inception-v3", str(setup.inception), setup.inception_s)
    return Row(TITLE, DEFAULT, tuple(parts))


def _parts(setup: Setup, what: str, model: str, seconds: float) -> list[Part]:
    audio = setup.sound(seconds)
    detectors = {n: VoiceDetector(model=model, threads=n) for n in THREADS}
    taken = setup.per_second_ms(
        {
            str(n): lambda detector=detector: detector.scores(audio)  # type: ignore[misc]
            for n, detector in detectors.items()
        },
        seconds,
    )
    first, *others = taken
    return [
        Part(
            f"{what}, {seconds:g} s of sound",
            "1 thread",
            f"{n} threads",
            taken[first],
            taken[n],
            more={"threads": int(n)},
        )
        for n in others
    ]
