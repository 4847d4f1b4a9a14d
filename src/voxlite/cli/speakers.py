"""What `voxlite analyze` is told of the speakers: how many there are, and the store that knows some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from voxlite.cli.inputs import need

if TYPE_CHECKING:
    from voxlite.recognition import VoiceprintStore
    from voxlite.recognition.diarization import SpeakerOptions

MOST = 20


@dataclass(frozen=True)
class Told:
    """The options as they were typed."""

    n_speakers: int | None
    least: int
    most: int
    store: Path | None
    passphrase_file: Path | None
    keyring: bool

    def check(self, tasks: Sequence[str]) -> None:
        """Refuse what contradicts itself before any work is done: a usage error.

        Raises
        ------
        MissingExtraError
            If SciPy is not installed.
        """
        bounded = (self.least, self.most) != (1, MOST)
        if "speaker" not in tasks:
            if self.n_speakers is not None or bounded or self.store is not None:
                raise typer.BadParameter(
                    "is about speakers: --tasks must hold speaker",
                    param_hint="--speakers, --min-speakers, --max-speakers, --store",
                )
            return
        if self.least > self.most:
            raise typer.BadParameter(
                f"{self.least} is above --max-speakers {self.most}", param_hint="--min-speakers"
            )
        if self.n_speakers is not None and bounded:
            raise typer.BadParameter(
                "says it all: leave out --min-speakers and --max-speakers", param_hint="--speakers"
            )
        if self.store is None and (self.passphrase_file is not None or self.keyring):
            raise typer.BadParameter("opens a store: name it", param_hint="--store")
        need("diarize", "telling speakers apart", "scipy")

    @contextmanager
    def options(self, tasks: Sequence[str], model: str) -> Iterator[SpeakerOptions | None]:
        """Give what the analysis takes, None without the task; the store stays open as long.

        Parameters
        ----------
        tasks
            That were asked for.
        model
            Of speakers.
        """
        if "speaker" not in tasks:
            yield None
            return
        from voxlite.recognition.diarization import SpeakerOptions

        with self._voices(model) as voices:
            name_of = None if voices is None else voices.name_of
            yield SpeakerOptions(self.n_speakers, self.least, self.most, name_of)

    def _voices(self, model: str) -> VoiceprintStore | nullcontext[None]:
        if self.store is None:
            return nullcontext()
        from voxlite.cli.voice_store import open_store

        return open_store(self.store, self.passphrase_file, self.keyring, model=model, threads=1)
