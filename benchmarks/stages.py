"""Where the time of an analysis goes: each stage's own seconds, without those of the stages it calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import voxlite.analysis
from voxlite.activity import Segmenter, SilenceGate
from voxlite.audio.banding import BandLimiter
from voxlite.audio.recording import Recording
from voxlite.audio.resampling import Resampler
from voxlite.quality.meter import QualityMeter
from voxlite.runtime import Engine
from voxlite.tasks.voice import VoiceDetector

STAGES: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("media quality", QualityMeter, ("push", "result")),
    ("mix-down", voxlite.analysis, ("mix_down",)),
    ("resampling", Resampler, ("push", "flush")),
    ("band limit", BandLimiter, ("push",)),
    ("silence gate", SilenceGate, ("push",)),
    ("model", Engine, ("logits",)),
    ("segments", Segmenter, ("push", "flush")),
    ("verdict", VoiceDetector, ("decide_steps",)),
)
DECODING, REST = "decoding", "everything else"


class StageClock:
    """Exclusive seconds per stage, from functions wrapped while `running`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {DECODING: 0.0, **{name: 0.0 for name, _, _ in STAGES}, REST: 0.0}
        self._stack = [REST]
        self._since = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Wrap the stages and count; undo on leaving."""
        with ExitStack() as stack:
            blocks = Recording.blocks
            stack.enter_context(
                mock.patch.object(Recording, "blocks", lambda *a, **k: self._each(blocks(*a, **k)))
            )
            for name, owner, attributes in STAGES:
                for attribute in attributes:
                    wrapped = self._timed(name, getattr(owner, attribute))
                    stack.enter_context(mock.patch.object(owner, attribute, wrapped))
            self._since = time.perf_counter()
            try:
                yield
            finally:
                self._switch()

    def _switch(self) -> None:
        """Book the time since the last switch to the stage on top."""
        now = time.perf_counter()
        self.seconds[self._stack[-1]] += now - self._since
        self._since = now

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **keywords: Any) -> Any:
            self._switch()
            self._stack.append(stage)
            try:
                return function(*args, **keywords)
            finally:
                self._switch()
                self._stack.pop()

        return timed

    def _each(self, items: Iterator[Any]) -> Iterator[Any]:
        following = self._timed(DECODING, lambda: next(items, None))
        while (item := following()) is not None:
            yield item
