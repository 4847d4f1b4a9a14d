"""The overview of many recordings."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser

import pytest

from voxlite.errors import MissingExtraError
from voxlite.report.page import overview, overview_page

pytest.importorskip("jinja2", reason="needs the html extra")

GOOD = {
    "path": "calls/good.wav", "error": None, "duration_s": 7200.0, "voice_share": 0.5, "silence_share": 0.25,
    "noise_share": 0.25, "loudness_lufs": -20.04, "snr_db": 21.5, "remarks": (), "page": "pages/good.html",
}  # fmt: skip
BAD = {**GOOD, "path": "calls/bad.wav", "voice_share": 0.0, "silence_share": 1.0, "noise_share": 0.0, "page": None,
       "remarks": ["Very quiet: -50 LUFS; raise it.", "3 drop-outs of digital silence inside the sound"],
       "snr_db": None}  # fmt: skip
FAILED = {"path": "calls/not.wav", "error": "not audio: export it again"}


def rows_of(page: str, heading: str) -> list[str]:
    """Return the text of each body row of the table under a heading."""
    part = page[page.index(f'id="h-{heading}"') :]
    body = part[part.index("<tbody>") : part.index("</tbody>")]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row).split())
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def test_totals_failures_and_what_needs_a_look():
    page = overview_page([GOOD, BAD, FAILED], "Calls of May")
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "3 recordings · 4:00:00 of sound" in text
    assert "voice 25.0 % 1:00:00" in text
    assert "silence 62.5 % 2:30:00" in text
    assert "1 of the recordings could not be read." in text
    assert "Very quiet: 1" in text
    assert "Drop-outs: 1" in text
    assert rows_of(page, "failed") == ["calls/not.wav not audio: export it again"]
    assert rows_of(page, "all") == [
        "calls/good.wav 2:00:00 50.0 % 25.0 % 25.0 % -20.0 21.5",
        "calls/bad.wav 2:00:00 0.0 % 100.0 % 0.0 % -20.0",
    ]
    (looked_at,) = rows_of(page, "remarked")
    assert looked_at.startswith("calls/bad.wav Very quiet")
    assert 'href="pages/good.html"' in page
    assert "Content-Security-Policy" in page


def test_a_path_is_all_that_a_row_needs():
    page = overview_page([{"path": "a.wav"}])
    assert rows_of(page, "all") == ["a.wav"]
    assert "Needs a look" not in page
    assert "Could not be read" not in page
    assert overview_page([]).count("<table") == 0


def test_the_worst_come_first_and_tables_are_bounded(monkeypatch):
    monkeypatch.setattr(overview, "MOST_ROWS", 3)
    rows = [{**BAD, "path": f"{k}.wav", "remarks": ["Noisy: x"] * (1 + k % 4)} for k in range(10)]
    rows += [{**FAILED, "path": f"f{k}"} for k in range(5)]
    page = overview_page(iter(rows))
    assert [row.split()[0] for row in rows_of(page, "remarked")] == ["3.wav", "7.wav", "2.wav"]
    assert [row.split()[0] for row in rows_of(page, "all")] == ["0.wav", "1.wav", "2.wav"]
    assert len(rows_of(page, "failed")) == 3
    assert "The first 3 of 10" in page
    assert "The first 3 of 5" in page
    assert "Noisy: 10" in page  # a recording counts once, however often


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.wav", '"><script>alert(1)</script>', "a\udcff.wav"]
)
def test_markup_stays_text(name):
    class Tags(HTMLParser):
        tags: set[str] = set()  # noqa: RUF012

        def handle_starttag(self, tag, attrs):
            self.tags.add(tag)
            assert not any(key.startswith("on") for key, _ in attrs)

    page = overview_page(
        [{**BAD, "path": name, "remarks": [f"{name}: x"]}, {"path": name, "error": name}], name
    )
    page.encode("utf-8")
    parser = Tags()
    parser.feed(page)
    assert "img" not in parser.tags
    assert page.count("<script>") == 1


def test_a_link_is_always_a_file():
    page = overview_page([{**GOOD, "page": "javascript:alert(1)"}, {**GOOD, "page": 'a "b".html'}])
    assert 'href="javascript%3Aalert%281%29"' in page
    assert 'href="a%20%22b%22.html"' in page


def test_without_jinja_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[html\]"):
        overview_page([GOOD])
