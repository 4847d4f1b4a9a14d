"""Row 3: a lower sampling rate. The same sound at 48, 32, 16 and 8 kHz into the detector, and a net made for 8 kHz."""

from __future__ import annotations

from benchmarks.accelerated.frames import compared
from benchmarks.accelerated.row import Aucs, Part, Row, Setup
from benchmarks.windows import altered, resampled, roc_aucs, verdicts
from voxlite.audio import Audio
from voxlite.tasks.voice import VoiceDetector

TITLE = "lower sampling rate"
DEFAULT = "16 kHz: higher rates are converted and add nothing; 8 kHz sound is taken as it comes"
NARROW = "8 kHz, 40 bands"
NOTHING_NEW = "the corpus is 16 kHz: its windows at 48 and 32 kHz hold nothing new"
RATES_HZ = (48_000, 32_000, 16_000, 8_000)


def measure(setup: Setup) -> Row:
    """Time the detector on each rate, and score the test windows at each."""
    detector = VoiceDetector(model=setup.compact, threads=1)
    sound = setup.sound(setup.seconds)
    audio = {rate_hz: Audio(resampled(sound.samples, rate_hz), rate_hz) for rate_hz in RATES_HZ}
    taken = setup.per_second_ms(
        {str(hz): lambda item=item: detector.scores(item) for hz, item in audio.items()},  # type: ignore[misc]
        setup.seconds,
    )
    aucs = {hz: quality(setup, detector, hz) for hz in RATES_HZ}
    first, *others = RATES_HZ
    parts = [
        Part("compact net", _khz(first), _khz(hz), taken[str(first)], taken[str(hz)], aucs[first], aucs[hz])
        for hz in others
    ]
    remarks = [setup.windows] if isinstance(setup.windows, str) else []
    more, said = compared(setup, [NARROW])
    return Row(TITLE, DEFAULT, (*parts, *more), (*remarks, *said, NOTHING_NEW))


def quality(setup: Setup, detector: VoiceDetector, rate_hz: int) -> Aucs | None:
    """Return the ROC-AUC of the detector on windows at a rate, None without a corpus."""
    if isinstance(setup.windows, str):
        return None
    sets = altered(setup.windows, lambda samples: resampled(samples, rate_hz))
    return roc_aucs(sets, verdicts(detector, rate_hz))


def _khz(rate_hz: int) -> str:
    return f"{rate_hz // 1000} kHz"
