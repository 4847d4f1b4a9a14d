"""Links of the repository on the site: what is published is linked, the rest is shown as code."""

from __future__ import annotations

import importlib

import pytest

links = importlib.import_module("docs_links")


@pytest.mark.parametrize(
    ("given", "page", "made"),
    [
        ("see [numbers](numbers.md#speed)", "privacy.md", "see [numbers](numbers.md#speed)"),
        ("[numbers](../numbers.md)", "howto/split.md", "[numbers](../numbers.md)"),
        ("[guide](docs/guide.md)", "changelog.md", "[guide](guide.md)"),
        ("[changes](../CHANGELOG.md)", "web.md", "[changes](changelog.md)"),
        ("[the card](../src/voxlite/models/voice-compact.md)", "web.md", "[the card](models/voice-compact.md)"),
        ("[cards](../src/voxlite/models)", "index.md", "[cards](models/index.md)"),
        ("[`a.b`](../src/voxlite/values.py)", "web.md", "`a.b` (`src/voxlite/values.py`)"),
        ("[examples/c/verdict.c](../examples/c/verdict.c)", "web.md", "`examples/c/verdict.c`"),
        ("[two\nlines](../src/voxlite/values.py)", "web.md", "two\nlines (`src/voxlite/values.py`)"),
        ("![a](../web/screenshots/files.png)", "web.md", "![a](pictures/web/screenshots/files.png)"),
        ("![a](../images/det.png)", "howto/split.md", "![a](../images/det.png)"),
        ("[traits](/docs/traits.md)", "models/voice-compact.md", "[traits](../traits.md)"),
        ("[here](#there) [far](https://example.org/a.md)", "web.md", "[here](#there) [far](https://example.org/a.md)"),
        ("```c\n[a](../b.c)\n```\n[a](../b.c)", "web.md", "```c\n[a](../b.c)\n```\na (`b.c`)"),
        ("````\n```\n[a](../b.c)\n```\n````\n", "web.md", "````\n```\n[a](../b.c)\n```\n````\n"),
    ],
)  # fmt: skip
def test_a_link_leads_where_its_file_is_published(given, page, made):
    source = links.outside_pages().get(page, f"docs/{page}")
    assert links.rewritten(given, page, source) == made


def test_pictures_outside_the_folder_of_pages_are_found():
    text = "![a](../web/a.png) ![b](images/b.png) [c](../web/c.png) ![d](https://example.org/d.png)"
    assert list(links.pictures(text, "docs/web.md")) == ["web/a.png"]


def test_every_model_of_the_repository_has_a_card_on_the_site():
    shipped = {path.stem for path in (links.ROOT / "src/voxlite/models").glob("*.tflite")}
    assert shipped
    assert {f"models/{name}.md" for name in shipped} <= set(links.cards())
