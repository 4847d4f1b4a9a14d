"""Where a file of the repository lies on the documentation site, and links rewritten for it.

The pages of docs/ are written for readers of the repository: they link to sources, cards and pictures outside docs/.
On the site a link to something published leads there; of any other file the path is shown as code.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARDS = ("src/voxlite/models/*.md", "models/*.md")
"""Model cards of the package and of the repository, as globs."""
_INDEXES = {"README.md": "index.md", "src/voxlite/models": "models/index.md"}
PICTURES = (".png", ".svg", ".jpg", ".gif", ".webp")

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")


def cards() -> dict[str, str]:
    """Return page -> path in the repository of each model card, the package's own first."""
    found = [path for pattern in CARDS for path in sorted(ROOT.glob(pattern))]
    return {f"models/{path.name}": path.relative_to(ROOT).as_posix() for path in found}


def outside_pages() -> dict[str, str]:
    """Return page -> path in the repository of every page that has no file in docs/."""
    return {"changelog.md": "CHANGELOG.md", **cards()}


def published(path: str) -> str | None:
    """Return the place on the site of a file of the repository, None for one that is not there.

    Examples
    --------
    >>> published("docs/numbers.md"), published("CHANGELOG.md"), published("src/voxlite/values.py")
    ('numbers.md', 'changelog.md', None)
    """
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path in _INDEXES:
        return _INDEXES[path]
    if path.endswith(PICTURES):
        return f"pictures/{path}"
    return next((page for page, source in outside_pages().items() if source == path), None)


def rewritten(markdown: str, page: str, source: str) -> str:
    """Return a page with its links made fit for the site.

    Parameters
    ----------
    markdown
        The page as it is in the repository.
    page
        Its place on the site, such as "models/voice-compact.md".
    source
        Its path in the repository, such as "src/voxlite/models/voice-compact.md".
    """
    folder = posixpath.dirname(source)

    def link(found: re.Match[str]) -> str:
        mark, text, target = found.groups()
        path, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:") or not path:
            return found[0]
        place = posixpath.normpath(posixpath.join(folder, path)).lstrip("/")  # "/docs" begins at the root
        there = published(place)
        if there is None:
            return _as_code(text, place)
        relative = posixpath.relpath(there, posixpath.dirname(page) or ".")
        return f"{mark}[{text}]({relative}{'#' + anchor if anchor else ''})"

    return "".join(part if code else _LINK.sub(link, part) for part, code in _parts(markdown))


def pictures(markdown: str, source: str) -> Iterator[str]:
    """Yield the paths in the repository of the pictures outside docs/ that a page shows."""
    for mark, _, target in _LINK.findall(markdown):
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if mark and "://" not in target and not place.startswith("docs/"):
            yield place


def _parts(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield a page's stretches of prose and of fenced code, each with whether it is code; joined they are the page."""
    part, fence = "", ""
    for line in markdown.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and not fence:
            yield part, False
            part, fence = line, mark[1]
        elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            yield part + line, True
            part, fence = "", ""
        else:
            part += line
    yield part, bool(fence)


def _as_code(text: str, path: str) -> str:
    """Return the words of a link that leads nowhere on the site, with the path that it led to."""
    words = text.strip("`")
    return f"`{path}`" if path.endswith(words) else f"{text} (`{path}`)"
