"""The documentation site: built without a warning, complete, and free of every other host."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="needs the group docs: pip install --group docs")
docs_links = importlib.import_module("docs_links")
ROOT = Path(__file__).resolve().parents[2]

MODULES = (
    "activity",
    "archive",
    "audio",
    "bundle",
    "frontend",
    "quality",
    "recognition",
    "report.page",
    "runtime",
    "voiceprints",
)
"""Submodules whose `__all__` is documented."""
LOADS = {
    ("script", "src"), ("link", "href"), ("img", "src"), ("img", "srcset"), ("iframe", "src"), ("source", "src"),
    ("source", "srcset"), ("audio", "src"), ("video", "src"), ("object", "data"), ("embed", "src"), ("form", "action"),
    ("use", "href"), ("image", "href"),
}  # fmt: skip
"""Attributes that make a browser fetch something."""
NEVER_FETCHED = {
    "https://unpkg.com/mermaid": "diagrams, of which there are none; the policy of each page forbids it",
    "https://unpkg.com/resize-observer-polyfill": "for browsers of before 2020; forbidden likewise",
    "https://api.github.com/": "figures of a repository, of which none is named; forbidden likewise",
    "https://${e}/api/v4/": "the same of a GitLab",
}
"""Addresses that Material's script could ask under other settings: beginning -> why it does not."""


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return folder


@pytest.fixture(scope="session")
def html(site) -> dict[str, str]:
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")
    }


@pytest.fixture(scope="session")
def documented(site) -> set[str]:
    from mkdocstrings import Inventory

    with (site / "objects.inv").open("rb") as file:
        return set(Inventory.parse_sphinx(file))


class Elements(HTMLParser):
    """Everything a page holds, tag by tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {key: value or "" for key, value in attrs}))


def undocumented(module: str, documented: set[str]) -> list[str]:
    """Return the names of a module's `__all__` that no page of the API holds, under any of their paths."""
    found = importlib.import_module(module)
    paths = {
        name: {
            f"{module}.{name}",
            f"voxlite.{name}",
            f"{getattr(getattr(found, name), '__module__', '')}.{name}",
        }
        for name in found.__all__
    }
    return [name for name, places in paths.items() if not places & documented]


def test_every_public_name_is_documented(documented):
    assert undocumented("voxlite", documented) == []


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_a_documented_module_is_documented(module, documented):
    assert undocumented(f"voxlite.{module}", documented) == []


def test_every_module_with_an_export_list_is_documented():
    root = ROOT / "src/voxlite"
    listed = {
        ".".join(path.parent.relative_to(root).parts)
        for path in root.rglob("*/__init__.py")
        if re.search(r"^__all__", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {name for name in listed if not name.startswith(("cli", "training"))} == set(MODULES)


def test_every_page_of_the_repository_is_there(html):
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    wanted = {
        page.replace(".md", ".html") for page in {*pages, *docs_links.outside_pages(), "models/index.md"}
    }
    assert wanted <= set(html)


def test_links_between_pages_survive(html):
    """MkDocs checks links in Markdown; this holds the made pages to it as well."""
    ids = {page: {a["id"] for _, a in Elements(text).found if "id" in a} for page, text in html.items()}
    for page, text in html.items():
        for tag, attributes in Elements(text).found:
            path, _, anchor = attributes.get("href", "").partition("#")
            if tag != "a" or ":" in path or path.startswith("/") or page == "404.html":
                continue
            there = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page  # noqa: PTH118, PTH120
            there = "index.html" if there == "." else there
            if there.endswith(".html"):
                assert there in ids, f"{page}: {path}"
                assert not anchor or anchor in ids[there], f"{page}: {path}#{anchor}"


def test_nothing_is_loaded_from_another_host(site, html):
    for page, text in html.items():
        for tag, attributes in Elements(text).found:
            for name, value in attributes.items():
                outside = re.match(r"(?i)\s*(https?:)?//", value)
                canonical = tag == "link" and attributes.get("rel") == "canonical"
                assert not outside or canonical or (tag, name) not in LOADS, f"{page}: <{tag} {name}={value}>"
    for path in site.rglob("*.css"):
        fetched = re.findall(
            r"""(?:url\(|@import\s)\s*["']?((?:https?:)?//[^)"']*)""", path.read_text(encoding="utf-8")
        )
        assert fetched == [], path.name
    for path in site.rglob("*.js"):
        for address in re.findall(r"""["'`](https?://[^"'`]+)""", path.read_text(encoding="utf-8")):
            assert address.startswith(tuple(NEVER_FETCHED)), f"{path.name}: {address}"


def test_every_page_forbids_other_hosts(html):
    for page, text in html.items():
        policies = [
            a["content"] for _, a in Elements(text).found if a.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(policies) == 1, page
        assert policies[0].startswith("default-src 'self';"), page
        assert "http" not in policies[0], page
        before = text[: text.index("Content-Security-Policy")]
        assert not re.search("<(script|link)", before), page


SHAPES = ("ul", "ol", "li", "table", "tr", "td", "pre", "h1", "h2", "h3", "img", "strong", "em")


class Shape(HTMLParser):
    """How many elements of each kind a page has, and what its lists say, without white space."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.lists = ""
        self._depth = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.counts[tag] += tag in SHAPES
        self._depth += tag == "li"

    def handle_endtag(self, tag):
        self._depth -= tag == "li"

    def handle_data(self, data):
        if self._depth:
            self.lists += "".join(data.split())


def test_pages_read_alike_in_the_repository_and_on_the_site():
    """Markdown differs between the two in lists and indented code; a page must mean the same in both."""
    import markdown
    from markdown_it import MarkdownIt

    extensions = ["attr_list", "md_in_html", "tables", "toc", "pymdownx.highlight", "pymdownx.superfences"]
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / path for path in docs_links.outside_pages().values())]
    for path in pages:
        text = path.read_text(encoding="utf-8")
        here = Shape(MarkdownIt().enable("table").render(text))
        there = Shape(markdown.markdown(text, extensions=extensions))
        assert here.counts == there.counts, path.name
        assert here.lists == there.lists, path.name
