"""`voxlite listen`: the live microphone."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voxlite.cli.inputs import parse_models
from voxlite.cli.shell import console, knows_blocks
from voxlite.errors import AudioError

if TYPE_CHECKING:
    from rich.console import Console

    from voxlite.values import FloatArray, Segment

_RATE_HZ = 16_000
_BLOCK_S = 0.05


def listen(
    device: Annotated[
        str | None,
        typer.Option(help="Number or part of the name of a microphone; the system's default if none."),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Stop after this time.")] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Model runs at the same time.")] = 4,
    model: Annotated[str, typer.Option(help="Voice model: a shipped name or a .tflite file.")] = "compact",
) -> None:
    """Listen to the microphone: the label of the moment, and each segment once it is final. Ctrl-C ends it.

    The sound is neither kept nor sent anywhere. A microphone that goes away ends
    it with one line, after the segments that were heard.
    """
    from voxlite.audio import microphone
    from voxlite.tasks.voice import VoiceDetector

    parse_models([f"voice={model}"])
    stream = VoiceDetector(model, threads).stream(_RATE_HZ)
    wanted = int(device) if device is not None and device.isdigit() else device
    display = _Display(console())
    gone: AudioError | None = None
    with closing(_limited(microphone(_RATE_HZ, wanted, _BLOCK_S), seconds)) as blocks, display:
        try:
            for block in blocks:
                display.show(stream.push(block))
                display.live(stream.now, len(block) / _RATE_HZ)
        except KeyboardInterrupt:  # the way to end: what was heard so far still counts
            pass
        except AudioError as error:  # the microphone went away: likewise
            gone = error
    display.show(stream.flush())
    if gone is not None:
        raise gone


def _limited(blocks: Iterator[FloatArray], seconds: float | None) -> Generator[FloatArray, None, None]:
    left = None if seconds is None else round(seconds * _RATE_HZ)
    for block in blocks:
        if left is not None and len(block) >= left:
            yield block[:left]
            return
        left = None if left is None else left - len(block)
        yield block


class _Display:
    """Final segments as lines; below them, on a terminal, the label of the moment."""

    def __init__(self, target: Console) -> None:
        self._console = target
        self._blocks = knows_blocks(target)
        self._live: Any = None
        self._heard_s = 0.0

    def __enter__(self) -> _Display:
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(console=self._console, refresh_per_second=10, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, segments: list[Segment]) -> None:
        """Print segments that are final."""
        from rich.text import Text

        from voxlite.report.palette import COLOURS, clock

        for s in segments:
            line = Text(f"{clock(s.start_s):>10} - {clock(s.end_s):>10}  ")
            line.append(f"{s.label:<7}", style=COLOURS[s.label])
            line.append(f"  {s.score:.2f}")
            self._console.print(line)

    def live(self, label: Any, block_s: float) -> None:
        """Show the label of the moment."""
        self._heard_s += block_s
        if self._live is None:
            return
        from rich.text import Text

        from voxlite.report.palette import ASCII_MARKS, COLOURS, MARKS, clock

        marks = MARKS if self._blocks else ASCII_MARKS
        line = Text(f"{clock(self._heard_s, 1):>9}  ")
        line.append(f"{marks[label]} {label}", style=COLOURS[label])
        self._live.update(line)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(listen)
