from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from voxlite._version import __version__
from voxlite.cli import shell
from voxlite.cli.main import app, run
from voxlite.errors import AudioError, VoxliteError

COMMANDS = (
    "analyze", "split", "explain", "info", "features", "listen", "score", "embed", "models", "bundle", "doctor",
    "enroll", "verify", "identify", "voices", "forget", "export-voices", "import-voices", "calibrate", "demo",
    "web", "vectors", "scan",
)  # fmt: skip


def test_version_and_help(as_process):
    assert as_process("--version").stdout.decode().strip() == f"voxlite {__version__}"
    shown = as_process("--help")
    assert shown.returncode == 0
    assert all(f" {name} " in shown.stdout.decode() for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_a_help_text(name):
    command = typer.main.get_group(app).commands[name]
    assert command.help
    assert all(getattr(parameter, "help", "") for parameter in command.params)


def test_the_program_starts_without_anything_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from voxlite.cli.main import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "heavy = {'numpy', 'soundfile', 'soxr', 'ai_edge_litert', 'matplotlib', 'tensorflow', 'keras', 'scipy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_wrong_use_exits_with_two(as_process):
    for arguments in (
        ("bogus",),
        ("analyze",),
        ("analyze", "--format", "xml", "a.wav"),
        ("info", "--no-such"),
    ):
        done = as_process(*arguments)
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr


def test_an_error_is_one_line_on_standard_error(as_process, tmp_path):
    done = as_process("info", tmp_path / "missing.wav")
    assert (done.returncode, done.stdout) == (1, b"")
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("voxlite: error: ")
    assert "missing.wav" in lines[0]


@pytest.fixture
def failing():
    """Return a program whose only command raises what it is told to."""

    def invoke(error: BaseException):
        program = typer.Typer(cls=shell.Commands, pretty_exceptions_enable=False)

        @program.command()
        def fail() -> None:
            raise error

        @program.callback()
        def group() -> None: ...

        return CliRunner().invoke(program, ["fail"])

    return invoke


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (AudioError("two\nlines \x1b[31m"), 1, "voxlite: error: two lines \ufffd[31m\n"),
        (
            OSError(28, "No space left on device", "/a/b"),
            1,
            "voxlite: error: /a/b: No space left on device: check ",
        ),
        (OSError(5, "Input/output error"), 1, "voxlite: error: Input/output error: check"),
        (IndexError("index 3"), 1, "voxlite: error: unexpected IndexError (index 3): a fault of voxlite"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 1, ""),
        (typer.Exit(7), 7, ""),
    ],
)
def test_every_exception_has_its_line_and_status(failing, monkeypatch, error, status, text):
    monkeypatch.delenv("VOXLITE_DEBUG", raising=False)
    result = failing(error)
    assert result.exit_code == status
    assert result.stderr.startswith(text)
    assert result.stderr.count("\n") == (1 if text else 0)


def test_debugging_shows_where_the_unexpected_happened(failing, monkeypatch):
    monkeypatch.setenv("VOXLITE_DEBUG", "1")
    assert isinstance(failing(IndexError("x")).exception, IndexError)
    assert failing(VoxliteError("said")).stderr == "voxlite: error: said\n"
    monkeypatch.setenv("VOXLITE_DEBUG", "0")
    assert failing(IndexError("x")).exit_code == 1


def test_a_reader_that_goes_away_is_no_error(tone):
    command = f'"{sys.executable}" -m voxlite info --json "{tone}" | true; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_run_is_the_program(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["voxlite", "--version"])
    with pytest.raises(SystemExit) as left:
        run()
    assert left.value.code == 0
    assert capsys.readouterr().out == f"voxlite {__version__}\n"


def test_late_commands_are_loaded_when_used_and_skipped_when_missing(tmp_path, monkeypatch):
    module = tmp_path / "late_command_for_test.py"
    module.write_text(
        "def register(app):\n    @app.command('later')\n    def later():\n        print('here')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(shell.Commands, "late", {})
    program = typer.Typer(cls=shell.Commands)

    @program.callback()
    def group() -> None: ...

    shell.add_late(program, "later", "late_command_for_test", "Comes later.")
    shell.add_late(program, "never", "no_such_module_for_test", "Never comes.")
    listed = CliRunner().invoke(program, ["--help"])
    assert "Comes later." in listed.stdout
    assert "never" not in listed.stdout
    assert "late_command_for_test" not in sys.modules
    assert CliRunner().invoke(program, ["later"]).stdout == "here\n"


def test_bars_need_an_encoding_that_has_them():
    class Target:
        encoding = "ascii"

    assert not shell.knows_blocks(Target())
    Target.encoding = "utf-8"
    assert shell.knows_blocks(Target())
    Target.encoding = "no-such-encoding"
    assert not shell.knows_blocks(Target())
