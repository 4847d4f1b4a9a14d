"""The code blocks of the documentation, and the commands in them: found as a reader of Markdown finds them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/**/*.md")
"""Globs of the pages whose code must work."""


@dataclass(frozen=True)
class Code:
    """A piece of code on a page.

    Parameters
    ----------
    page
        Path in the repository.
    line
        Of the page, where the code begins; the first is 1.
    language
        As the fence names it; empty where it names none.
    text
        The code, lines as they are.
    """

    page: str
    line: int
    language: str
    text: str

    @property
    def where(self) -> str:
        """Page and line."""
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Return the paths in the repository of all pages, in order."""
    return sorted({path.relative_to(ROOT).as_posix() for glob in PAGES for path in ROOT.glob(glob)})


def blocks(page: str) -> list[Code]:
    """Return the fenced blocks of a page, those within lists as well."""
    tokens = MarkdownIt().parse((ROOT / page).read_text(encoding="utf-8"))
    return [
        Code(page, token.map[0] + 2, token.info.split()[0] if token.info.strip() else "", token.content)
        for token in tokens
        if token.type == "fence" and token.map
    ]


def commands(block: Code) -> Iterator[Code]:
    """Yield the commands of a block of shell lines: lines that end in a backslash are joined, comments left out.

    A block with a here-document is one command.
    """
    if "<<" in block.text:
        yield block
        return
    held, begun = "", block.line
    for number, line in enumerate(block.text.splitlines(), block.line):
        begun = begun if held else number
        if line.endswith("\\"):
            held += line[:-1]
            continue
        words = shlex.split(held + line, comments=True)
        if words:
            yield Code(block.page, begun, block.language, (held + line).strip())
        held = ""


def words(command: Code) -> list[str]:
    """Return a command's words without what follows a redirection, a pipe or another command."""
    lexer = shlex.shlex(command.text, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    found = []
    for word in lexer:
        if re.fullmatch(r"[|&;<>]+", word):
            break
        found.append(word)
    return found
