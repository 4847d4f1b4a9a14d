"""How the program meets people: one line per error, exit statuses, standard output kept clean.

Exit statuses: 0 done, 1 something could not be done (one line on standard error says what), 2 used wrongly,
130 interrupted.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import IO, TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from voxlite.errors import VoxliteError

if TYPE_CHECKING:
    from rich.console import Console


def debugging() -> bool:
    """Tell whether VOXLITE_DEBUG asks for tracebacks."""
    return os.environ.get("VOXLITE_DEBUG", "") not in ("", "0")


def error_line(error: BaseException) -> str:
    """Return what a person is told about an error, one line."""
    if isinstance(error, VoxliteError):
        text = str(error)
    elif isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        text = f"{where}{error.strerror}: check the path, its permissions and the space left"
    else:
        text = (
            f"unexpected {type(error).__name__} ({error}): a fault of voxlite; please report it with the output "
            "of the same command under VOXLITE_DEBUG=1 and of `voxlite doctor`"
        )
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "\ufffd" for c in line)


def say_error(error: BaseException) -> None:
    """Write an error as one line to standard error; an unexpected one is raised again when debugging."""
    if debugging() and not isinstance(error, VoxliteError):
        raise error
    typer.echo(f"voxlite: error: {error_line(error)}", err=True)


class Commands(TyperGroup):
    """The program's commands: turns every exception into one line, and loads some commands late."""

    late: dict[str, str] = {}  # noqa: RUF012  typer makes the instances; filled by `main`
    """Command name -> module with a `register(app)`, imported when the command is used."""

    def main(self, *args: Any, **named: Any) -> Any:
        """Run the program; help and version meet a full disk before any command does."""
        try:
            return super().main(*args, **named)
        except BrokenPipeError:
            raise
        except OSError as error:
            _drop_output()
            say_error(error)
            sys.exit(1)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Load a late command in place of its stand-in before it is looked up."""
        if args and args[0] in self.late:
            scratch = typer.Typer(add_completion=False)
            importlib.import_module(self.late[args[0]]).register(scratch)
            self.commands.update(typer.main.get_group(scratch).commands)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what goes wrong becomes one line and an exit status."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _drop_output()
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except Exception as error:
            # Exits and usage errors carry a status and are for typer to show.
            if isinstance(error, typer.Abort) or hasattr(error, "exit_code"):
                raise
            say_error(error)
            raise typer.Exit(1) from None


def add_late(app: typer.Typer, name: str, module: str, help: str) -> None:
    """Register a command whose module is imported only when it is used; skipped where the module is missing."""
    if importlib.util.find_spec(module) is None:
        return
    Commands.late[name] = module

    def stand_in() -> None: ...

    app.command(name, help=help)(stand_in)


def flush_output() -> None:
    """Write out what is buffered; a reader that has gone (`| head`) is no error worth a word."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        _drop_output()
        say_error(error)
        sys.exit(1)


def _drop_output() -> None:
    """Point standard output nowhere, so that the interpreter's last flush finds no broken pipe."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
    except (OSError, ValueError):  # no descriptor behind it (tests): nothing to flush either
        return


def console(stderr: bool = False) -> Console:
    """Return a console for people, on standard output unless told otherwise."""
    from rich.console import Console

    stream: IO[str] = sys.stderr if stderr else sys.stdout
    return Console(file=stream, highlight=False, markup=False, emoji=False)


def knows_blocks(target: Console) -> bool:
    """Tell whether a console's encoding has the characters that draw bars."""
    try:
        "█▒·".encode(target.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def print_bytes(text: str) -> None:
    """Write machine-readable text to standard output: UTF-8 whatever the locale, file names byte for byte."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
