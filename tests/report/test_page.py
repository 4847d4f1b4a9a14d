"""A recording's page: what it says, what it never lets in, and how large it gets."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import tracemalloc
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import AudioError, MissingExtraError, VoxliteError
from voxlite.report.page import view, write_page, writing
from voxlite.report.page.rendering import inlined_json
from voxlite.report.palette import COLOURS, SPEAKER_COLOURS
from voxlite.report.report import Report
from voxlite.values import Decision, Detection, Event, Scores, Segment, Trait, TraitSegment, Turn

pytest.importorskip("jinja2", reason="needs the html extra")

RATE_HZ = 16_000
MARKUP = "<img src=x onerror=alert(1)>.wav"
NASTY = [
    MARKUP,
    "\"'><script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "{{ 7*7 }}",
    "a&lt;b\u2028",
]
VOID = {"meta", "link", "img", "image", "rect", "line", "path", "br", "input"}


class Page(HTMLParser):
    """A page taken apart: elements with their attributes and texts; it also checks that elements are closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def words(self) -> str:
        return " ".join(" ".join(self.texts["main"]).split())


@pytest.fixture
def call(tmp_path) -> Path:
    path = tmp_path / "call.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 4 * RATE_HZ), RATE_HZ, "PCM_16")
    return path


@pytest.fixture
def full_report(make_report) -> Report:
    """A report in which every task was asked for."""
    trait = Trait(
        "mood", Decision("unsure", 0.41, 0.86, 2.0, ("happy or sad",)), {"happy": 0.41, "sad": 0.3}, {"arousal": 0.7},
        (TraitSegment(1.0, 2.0, "happy", 0.6), TraitSegment(3.0, 4.0, "unsure", 0.4)),
    )  # fmt: skip
    gender = Trait(
        "gender", Decision("female", 0.9, 0.6, 2.0), {"female": 0.9, "child": 0.02}, {},
        (TraitSegment(1.0, 2.0, "female", 0.9),),
    )  # fmt: skip
    turns = (Turn(1.0, 2.0, "Ann", 0.8), Turn(3.0, 4.0, "speaker 1", 0.7))
    models = (
        {"task": "voice", "name": "compact", "version": "1", "licence": "CC-BY-SA-4.0"},
        {"task": "mood", "name": "mood-research", "version": "2", "licence": "LicenseRef-research"},
        {"task": "gender", "name": "own", "version": "3", "licence": "MIT"},
    )
    return replace(make_report(), speakers=turns, traits=(trait, gender), models=models)


def page_of(report, recording, out, **more) -> Page:
    return Page(write_page(report, str(recording), out, **more).read_text(encoding="utf-8"))


def data_of(page: Page):
    scripts = page.all("script")
    at = [script.get("id") for script in scripts].index("data")
    return json.loads(page.texts["script"][at])


def test_a_page_says_what_the_report_says(full_report, call, tmp_path):
    page = page_of(full_report, call, tmp_path / "a.html")
    words = page.words()
    assert page.texts["h1"] == ["one.wav"]
    assert "There is a voice" in words
    assert "0:02.00 of 0:04.00 (50 %), in 2 stretches" in words
    for label, share in full_report.shares().items():
        assert f"{label} {100 * share:.1f} %" in words
    for remark in full_report.quality.remarks:
        assert remark in words
    assert "Probability 0.99, decided from 0.50 on; it rests on 3.0 s of sound." in words
    assert "only a little" in words
    assert "happy or sad" in words
    assert "dBFS" in words
    assert "What somebody feels cannot be heard" in words
    assert "CC-BY-SA-4.0" in words
    assert "not free for every use" in words
    assert "Ann" in words
    assert data_of(page) == json.loads(json.dumps(full_report.to_dict()))


def test_the_table_has_a_row_for_each_segment_or_turn(full_report, call, tmp_path):
    page = page_of(full_report, call, tmp_path / "a.html")
    starts = [float(cell["data-t"]) for cell in page.all("td") if "data-t" in cell]
    assert starts == [segment.start_s for segment in full_report.segments]
    rows = [" ".join(text.split()) for text in page.texts["tr"] if "0:01.00" in text and "voice" in text]
    assert len(rows) == 1
    assert rows[0].endswith("Annhappyfemale")


def test_every_drawing_and_table_has_a_name(full_report, call, tmp_path):
    page = page_of(full_report, call, tmp_path / "a.html")
    drawings = [svg for svg in page.all("svg") if "drawing" in (svg.get("class") or "")]
    names = [svg["aria-label"] for svg in drawings]
    assert len(set(names)) == len(names)
    for word in ("Waveform", "Segments", "Ann", "Probability", "Spectrogram", "Mel-frequency", "Mood: happy"):
        assert any(name.startswith(word) for name in names), word
    assert all(svg["role"] == "img" for svg in drawings)
    assert len(page.texts["caption"]) == len(page.all("table"))
    assert all(page.texts["caption"])
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    named = [
        attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes
    ]
    assert set(named) <= set(ids)
    assert {tag for tag, _ in page.elements} >= {"header", "main", "footer", "section", "audio"}


def sources_of(policy: str, name: str) -> list[str]:
    return next(part.split()[1:] for part in policy.split("; ") if part.split()[0] == name)


def test_the_policy_lets_nothing_in_but_the_pages_own(full_report, call, tmp_path):
    path = write_page(full_report, str(call), tmp_path / "a.html")
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv"))
    assert sources_of(policy, "default-src") == ["'none'"]
    assert sources_of(policy, "img-src") == ["data:"]
    assert sources_of(policy, "media-src") == ["data:", "file:", "'self'"]
    assert sources_of(policy, "base-uri") == sources_of(policy, "form-action") == ["'none'"]
    assert text.index("Content-Security-Policy") < text.index("<style>")
    for name, element in (("style-src", "style"), ("script-src", "script")):
        raw = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert len(raw) == 1
        digest = base64.b64encode(hashlib.sha256(raw[0].encode()).digest()).decode()
        assert sources_of(policy, name) == [f"'sha256-{digest}'"]


def test_nothing_comes_from_elsewhere(full_report, call, tmp_path):
    page = page_of(full_report, call, tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name != "style"  # the policy would not let it in
            if name in ("src", "href", "xlink:href", "action", "srcset"):
                assert value.startswith(("data:", "#")), (tag, value[:80])
    style = page.texts["style"][0]
    assert "url(" not in style
    assert "@import" not in style
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name in the script, never loaded


def test_the_colours_are_those_of_every_output(full_report, call, tmp_path):
    style = page_of(full_report, call, tmp_path / "a.html").texts["style"][0]
    for label, colour in COLOURS.items():
        assert f"--{label}:{colour};" in style
    for place, colour in enumerate(SPEAKER_COLOURS):
        assert f"--s{place}:{colour};" in style
    for needed in ("prefers-color-scheme: dark", "@media print", "prefers-reduced-motion", ":focus-visible"):
        assert needed in style


@pytest.mark.parametrize("name", NASTY)
def test_markup_stays_text(full_report, call, tmp_path, name):
    clean = page_of(full_report, call, tmp_path / "clean.html")
    turns = tuple(replace(turn, speaker=name) for turn in full_report.speakers)
    reason = replace(full_report.voice, reasons=(name,))
    models = tuple({**model, "name": name, "licence": name} for model in full_report.models)
    nasty = replace(full_report, source=f"/calls/{name}", speakers=turns, voice=reason, models=models)
    page = page_of(nasty, call, tmp_path / "nasty.html")
    shown = view.printable(Path(f"/calls/{name}").name)
    assert page.texts["h1"] == [shown]
    assert page.texts["title"][0].startswith(shown)
    assert data_of(page)["source"] == nasty.source
    assert data_of(page)["speakers"][0]["speaker"] == name
    tags = {tag for tag, _ in clean.elements}
    assert {tag for tag, _ in page.elements} == tags
    assert len(page.all("script")) == len(clean.all("script")) == 2
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert any(view.printable(name) in (svg.get("aria-label") or "") for svg in page.all("svg"))


@given(
    st.recursive(
        st.text() | st.floats(allow_nan=False, allow_infinity=False), lambda x: st.lists(x, max_size=3)
    )
)
def test_json_in_a_page_comes_back_and_cannot_close_its_element(data):
    text = inlined_json(data)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == data


def test_a_name_that_is_not_utf8(full_report, call, tmp_path):
    page = page_of(replace(full_report, source="a\udcff.wav"), call, tmp_path / "a.html")
    assert page.texts["h1"] == ["a\ufffd.wav"]
    assert data_of(page)["source"] == "a\udcff.wav"


def test_tasks_that_were_not_asked_for_are_left_out(make_report, call, tmp_path):
    report = Report("call.wav", 4.0, RATE_HZ, 1)
    page = page_of(report, call, tmp_path / "bare.html")
    assert page.texts["h2"] == ["Summary", "Listen and look"]
    assert "table" not in page.texts
    assert "1 of voice" not in page.words()
    quiet = replace(make_report(), voice=Decision("no voice", 0.1, 0.5, 0.0), quality=None)
    words = page_of(quiet, call, tmp_path / "quiet.html").words()
    assert "No voice was found in 0:04.00 of sound" in words
    assert "Nothing about the recording" not in words


def test_nobody_speaks_and_nothing_to_judge(make_report, call, tmp_path):
    trait = Trait("gender", Decision("unsure", 0.0, 0.6, 0.0, ("no speech",)), {}, {}, ())
    segments = (Segment(0.0, 4.0, "silence", 1.0),)
    scores = Scores(np.zeros(0), np.zeros(0), np.zeros(0, np.float32))
    report = replace(make_report(), segments=segments, speakers=(), traits=(trait,), scores=scores)
    words = page_of(report, call, tmp_path / "a.html").words()
    assert "Nobody speaks." in words
    assert "There is no speech to judge." in words


def test_one_stretch_long_evidence_and_no_remarks(make_report, call, tmp_path):
    quality = replace(make_report().quality, remarks=())
    decision = Decision("voice", 0.9, 0.5, 75.0)
    report = replace(make_report(2), voice=decision, quality=quality)
    words = page_of(report, call, tmp_path / "a.html").words()
    assert "in 1 stretch" in words
    assert "1 stretches" not in words
    assert "it rests on 1:15 of sound" in words
    assert "Nothing about the recording's quality needs a remark." in words


def test_less_sound_than_a_frame(tmp_path):
    path = tmp_path / "tiny.wav"
    soundfile.write(path, np.full(9, 0.5), 8_000, "PCM_16")
    page = page_of(Report("tiny.wav", 9 / 8_000, 8_000, 1), path, tmp_path / "a.html")
    assert page.all("image") == []
    assert len([svg for svg in page.all("svg") if "drawing" in (svg.get("class") or "")]) == 1


def test_a_long_table_is_closed_and_cut(make_report, call, tmp_path, monkeypatch):
    monkeypatch.setattr(view, "MOST_ROWS", 100)
    page = page_of(make_report(300), call, tmp_path / "a.html")
    assert len([cell for cell in page.all("td") if "data-t" in cell]) == 100
    assert "And 200 more" in page.words()
    assert len(data_of(page)["segments"]) == 300
    assert "open" not in page.all("details")[0]


def test_sounds_of_detectors_have_a_lane_and_a_table(make_report, call, tmp_path, monkeypatch):
    monkeypatch.setattr(view, "MOST_EVENTS", 2)
    events = tuple(Event(k + 0.25, k + 0.75, label="kettle", score=0.9) for k in range(3))
    heard = (
        Detection("<b>kettle</b>", 0.97, 0.6, events),
        Detection("bell", 0.7, 0.6, events[:1]),
        Detection("dog", 0.1, 0.6),
    )
    report = replace(make_report(), detections=heard)
    page = page_of(report, call, tmp_path / "a.html")
    words = page.words()
    assert "<b>kettle</b> heard 3 times" in words
    assert "Highest probability 0.97, counted from 0.60 on." in words
    assert "And 1 more" in words
    assert "bell heard once" in words
    assert "dog not heard" in words
    names = [svg.get("aria-label") or "" for svg in page.all("svg")]
    assert "<b>kettle</b>, heard for 0:01.50." in names
    assert "dog, heard for 0:00.00." in names
    starts = [cell["data-t"] for cell in page.all("td") if "data-t" in cell]
    assert starts[:3] == ["0.2500", "1.2500", "0.2500"]
    assert data_of(page) == json.loads(json.dumps(report.to_dict()))


def hour_of_noise():
    block = np.random.default_rng(0).normal(0, 0.2, 1 << 18).astype(np.float32)
    for n in range(0, 3600 * RATE_HZ, len(block)):
        yield np.roll(block, n // len(block))[: 3600 * RATE_HZ - n]


def test_an_hour_stays_small_on_disk_and_in_memory(make_report, call, tmp_path, monkeypatch):
    """White noise is the worst that can happen to a picture's compression."""
    report = make_report(3600)
    turns = tuple(Turn(s.start_s, s.end_s, f"speaker {k % 20}", 0.5) for k, s in enumerate(report.segments))
    report = replace(report, speakers=tuple(turn for turn in turns if int(turn.start_s) % 2))
    monkeypatch.setattr(writing, "stream_audio", lambda *_: hour_of_noise())
    tracemalloc.start()
    try:
        path = write_page(report, str(call), tmp_path / "hour.html")
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size < 5_000_000
    assert peak_bytes < 120_000_000
    page = Page(path.read_text(encoding="utf-8"))
    assert len(page.all("image")) == 8
    assert len(data_of(page)["segments"]) == 3600


def test_without_jinja_the_extra_is_named(make_report, call, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"voxlite\[html\]"):
        write_page(make_report(), str(call), tmp_path / "a.html")
    assert list(tmp_path.glob("*.html")) == []


def test_a_page_that_cannot_be_written_leaves_the_old_one(make_report, call, tmp_path, monkeypatch):
    with pytest.raises(VoxliteError, match=r"nowhere.a\.html: the page cannot be written"):
        write_page(make_report(), str(call), tmp_path / "nowhere" / "a.html")
    old = tmp_path / "a.html"
    old.write_text("old")

    def pieces():
        yield "half of it"
        raise OSError(28, "No space left on device")

    with pytest.raises(VoxliteError, match="No space left"):
        writing.save(pieces(), old)
    assert old.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "call.wav"]


def test_a_recording_that_is_gone_is_told(make_report, tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        write_page(make_report(), str(tmp_path / "gone.wav"), tmp_path / "a.html")
