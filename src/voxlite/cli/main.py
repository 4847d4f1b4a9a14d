"""The `voxlite` program: its commands, its version, its way out.

Importing this module loads typer and nothing heavy: each command imports what it needs when it runs.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from voxlite._version import __version__
from voxlite.cli import (
    analyze,
    bundle,
    calibrate,
    demo,
    doctor,
    embed,
    enroll,
    explain,
    export_voices,
    features,
    forget,
    identify,
    import_voices,
    info,
    listen,
    models,
    scan,
    score,
    split,
    vectors,
    verify,
    voices,
    web,
)
from voxlite.cli.shell import Commands, add_late, flush_output

app = typer.Typer(
    name="voxlite",
    cls=Commands,
    help="Voice analysis on your own machine: where a recording holds voice, silence or noise, and how good it is.",
    epilog="Nothing leaves this machine. Errors are one line on standard error, exit status 1; usage errors 2.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_ABOUT_SOUND = (analyze, scan, split, explain, info, features, listen, score)
_ABOUT_VOICES = (enroll, verify, identify, voices, forget, export_voices, import_voices, calibrate, embed)
for command in (*_ABOUT_SOUND, *_ABOUT_VOICES, web, models, bundle, vectors, demo, doctor):
    command.register(app)

add_late(app, "corpus", "voxlite.cli.corpus", "Look after a training corpus.")
add_late(app, "train", "voxlite.cli.train", "Train a model.")
add_late(app, "evaluate", "voxlite.cli.evaluate", "Measure a model's quality on a corpus.")
add_late(app, "export", "voxlite.cli.export", "Export a trained model to .tflite.")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voxlite {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and leave.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


def run() -> None:
    """Run the program: the console entry point."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A locale without a character must cost that character, not the report.
            stream.reconfigure(errors="replace")
    try:
        app()
    except BrokenPipeError:
        pass
    finally:
        flush_output()


if __name__ == "__main__":
    run()
