"""What MkDocs is told besides mkdocs.yml: pages from outside docs/, links of the repository, no other host.

The model cards and the changelog are taken from where they lie, so there is no copy to grow old. A
Content-Security-Policy in every page keeps even a reader's browser from asking another host for anything.
"""

from __future__ import annotations

import re
from typing import Any

from mkdocs.structure.files import File

from docs_links import ROOT, cards, outside_pages, pictures, rewritten

POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
"""Material's pages hold scripts, styles and data: pictures of their own."""
_NAMED = re.compile(r"(?<![\w/(\[.])`?(docs/[a-z]+\.md)\b`?")
"""A page of docs/ that cards and changelog name without a link: they are read in a terminal as well."""


def on_config(config: Any) -> Any:
    """Put the model cards where the navigation asks for them."""
    for section in config.nav:
        for title, pages in section.items():
            if pages == "models/":
                section[title] = ["models/index.md", *cards()]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that have no file in docs/, and the pictures outside docs/ that pages show."""
    for page, source in outside_pages().items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    files.append(File.generated(config, "models/index.md", content=_card_list()))
    shown = {
        path
        for file in files.documentation_pages()
        for path in pictures(file.content_string, source_of(file.src_uri))
    }
    for path in sorted(shown):
        files.append(File.generated(config, f"pictures/{path}", abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Make the links of a page fit for the site."""
    place = page.file.src_uri
    if place in outside_pages():
        markdown = _NAMED.sub(r"[\1](/\1)", markdown)
    return rewritten(markdown, place, source_of(place))


def on_post_page(output: str, **_: Any) -> str:
    """Forbid every page to load anything from another host."""
    return output.replace(
        "<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">', 1
    )


def on_post_template(output_content: str, **_: Any) -> str:
    """Forbid it to pages without a source, such as 404.html, too."""
    return on_post_page(output_content)


def source_of(page: str) -> str:
    """Return the path in the repository that a page of the site is made from."""
    return outside_pages().get(page, f"docs/{page}")


def _card_list() -> str:
    """Return the page that lists the model cards: name, what the model does, licence of its weights."""
    tables = {"package": "", "repository": ""}
    for page, source in cards().items():
        card = (ROOT / source).read_text(encoding="utf-8")
        title, what = card.split("\n\n", 2)[:2]
        licence = re.search(r"^- Licence of the weights: (.+?)\.?$", card, re.MULTILINE)
        row = (
            f"| [{title[2:]}]({page.removeprefix('models/')}) | {what} | {licence[1] if licence else ''} |\n"
        )
        tables["package" if source.startswith("src/") else "repository"] += row
    return _CARD_LIST.format(**{key: _HEAD + rows for key, rows in tables.items()})


_HEAD = "| model | what it hears | licence |\n|---|---|---|\n"
_CARD_LIST = """# Model cards

Each model comes with a card: what it is for, its thresholds with the error rates they were measured with, what it
learned from, and the licence of its weights. `voxlite models` says the same of the models on your machine.

## In the package

{package}
## In the repository

{repository}"""
