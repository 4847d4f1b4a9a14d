"""Every public value through JSON or CSV and back, and what may not change a decision: threads, chunks, batches."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from voxlite import Audio, VoiceDetector, VoxliteError, analyze
from voxlite.audio import read_audio
from voxlite.frontend.config import FrontEndConfig
from voxlite.report.jsonio import report_json
from voxlite.report.report import Report
from voxlite.report.scoring import read_truth
from voxlite.report.tables import report_csv
from voxlite.runtime.metadata import ModelMetadata, StepGeometry
from voxlite.values import LABELS, Decision, Scores, Segment, Turn

RATE_HZ = 16_000
shares = st.floats(0, 1)
words = st.text(st.characters(codec="utf-8"), max_size=40)
names = st.text(st.characters(), min_size=1, max_size=40)  # surrogates too: bytes that are no UTF-8
decisions = st.builds(
    Decision, words, shares, shares, st.floats(0, 1e6), st.lists(words, max_size=3).map(tuple)
)


@st.composite
def partitions(draw):
    """Segments that partition a recording, at least a millisecond each."""
    edges_s = [0.0]
    for n_ms in draw(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=12)):
        edges_s.append(edges_s[-1] + n_ms / 1000)
    labels = [draw(st.sampled_from(LABELS)) for _ in edges_s[1:]]
    return tuple(
        Segment(start_s, end_s, label, draw(shares))
        for start_s, end_s, label in zip(edges_s, edges_s[1:], labels, strict=False)
    )


@st.composite
def reports(draw):
    segments = draw(partitions())
    n = draw(st.integers(0, 20))
    edges_s = np.arange(n + 1) * 0.04
    scores = Scores(
        edges_s[:-1], edges_s[1:], np.array(draw(st.lists(shares, min_size=n, max_size=n)), np.float32)
    )
    turns = tuple(Turn(s.start_s, s.end_s, draw(words), draw(shares)) for s in segments if s.label == "voice")
    return Report(
        source=draw(st.none() | names),
        duration_s=segments[-1].end_s,
        rate_hz=draw(st.integers(4_000, 192_000)),
        channels=draw(st.integers(1, 32)),
        voice=draw(decisions),
        segments=segments,
        scores=scores,
        models=({"task": "voice", "name": draw(words), "version": "1", "licence": "CC0-1.0"},),
        speakers=draw(st.none() | st.just(turns)),
    )


@given(reports())
def test_a_report_comes_back_from_json(report):
    """Every key and value, whatever the recording is called; numbers as they are rounded in the report."""
    text = report_json(report)
    text.encode("utf-8")
    found = json.loads(text)
    assert found == report.to_dict()
    assert found["voice"]["reasons"] == list(report.voice.reasons)
    for entry, segment in zip(found["segments"], report.segments, strict=True):
        assert entry["label"] == segment.label
        assert math.isclose(entry["start_s"], segment.start_s, abs_tol=1e-4)
        assert math.isclose(entry["end_s"], segment.end_s, abs_tol=1e-4)
        assert math.isclose(entry["score"], segment.score, abs_tol=1e-4)
    starts, ends = ([entry[key] for entry in found["segments"]] for key in ("start_s", "end_s"))
    assert starts == [0.0, *ends[:-1]]  # a partition stays one when it is rounded
    assert ends[-1] == found["duration_s"]
    assert sum(found["shares"].values()) == pytest.approx(1.0, abs=2e-4)


@given(reports())
@settings(max_examples=40)
def test_segments_come_back_from_csv(tmp_path_factory, report):
    """`voxlite score` reads what `voxlite analyze --format csv` wrote."""
    assume(_is_utf8(report.source))
    path = tmp_path_factory.mktemp("csv") / "segments.csv"
    text = report_csv(replace(report, speakers=None))
    path.write_bytes(text.encode("utf-8"))
    found = read_truth(path)
    assert [part.label for part in found] == [part.label for part in report.segments]
    for one, other in zip(found, report.segments, strict=True):
        assert (one.start_s, one.end_s) == pytest.approx((other.start_s, other.end_s), abs=1e-4)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert all(len(row) == len(rows[0]) for row in rows)


def _is_utf8(text):
    try:
        (text or "").encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


configs = st.builds(
    FrontEndConfig,
    rate_hz=st.sampled_from([8_000, 16_000, 22_050, 32_000]),
    window_s=st.floats(0.01, 0.03),
    hop_s=st.floats(0.005, 0.02),
    fft_size=st.just(1024),
    low_hz=st.floats(0, 300),
    high_hz=st.floats(1_000, 4_000),
    log_floor=st.floats(1e-12, 1),
    mel_bands=st.integers(16, 128),
    coefficients=st.integers(1, 16),
    kind=st.sampled_from(["mfcc", "logmel"]),
    delta_width=st.sampled_from([3, 5, 9]),
    recipe=st.sampled_from(["plain", "kaldi"]),
)
constants = st.dictionaries(
    words.filter(lambda name: not name.startswith("pool_")), st.floats(-1e6, 1e6), max_size=4
)


@given(configs)
def test_a_configuration_comes_back_from_json_to_the_bit(config):
    assert FrontEndConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@given(configs, constants, st.integers(1, 5_000), st.integers(0, 9_000), st.booleans(), words)
def test_metadata_comes_back_from_json_to_the_bit(config, calibration, step, before, resizable, text):
    metadata = ModelMetadata(
        name=text, version="1", task="voice", labels=("voice", "no voice"), frontend=config,
        geometry=StepGeometry(step, before, 7), calibration=calibration,
        thresholds={"clip": {"value": 0.5, "far": 0.01, "frr": 0.02, "data": text}}, licence="CC0-1.0",
        description=text, weights="float32", resizable=resizable,
    )  # fmt: skip
    assert ModelMetadata.from_json(metadata.to_json(), "here") == metadata


@st.composite
def mixtures(draw, samples_dir):
    """Some seconds cut from a recording, with silences and noise, at any level."""
    call = read_audio(samples_dir / "call.flac", RATE_HZ).samples
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        n = draw(st.integers(1, 2 * RATE_HZ))
        kind = draw(st.sampled_from(["call", "call", "silence", "noise"]))
        if kind == "call":
            at = draw(st.integers(0, len(call) - n))
            parts.append(call[at : at + n] * np.float32(draw(st.floats(0.01, 3))))
        else:
            level = 0.0 if kind == "silence" else draw(st.floats(1e-4, 0.3))
            parts.append((level * np.random.default_rng(n).standard_normal(n)).astype(np.float32))
    return np.concatenate(parts)


@given(data=st.data())
@settings(max_examples=12)
def test_no_decision_depends_on_threads_chunks_or_batches(samples_dir, data):
    samples = data.draw(mixtures(samples_dir))
    audio = Audio(samples, RATE_HZ)
    wanted = analyze(audio, threads=1)
    found = analyze(audio, threads=data.draw(st.integers(2, 5)))
    assert found.to_dict() == wanted.to_dict()
    assert np.array_equal(found.scores.values, wanted.scores.values)
    detector = VoiceDetector(threads=data.draw(st.integers(1, 3)))
    stream, streamed, at = detector.stream(RATE_HZ), [], 0
    while at < len(samples):
        n = data.draw(st.sampled_from([1, 160, 799, 4_000, 20_000]))
        streamed += stream.push(samples[at : at + n])
        at += n
    streamed += stream.flush()
    assert tuple(streamed) == wanted.segments
    assert detector.decide(audio) == wanted.voice
    edges_s = [0.0, *(segment.end_s for segment in wanted.segments)]
    assert [segment.start_s for segment in wanted.segments] == edges_s[:-1]
    assert edges_s[-1] == pytest.approx(audio.duration_s, abs=1e-9)


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=50), st.integers()
)
def test_audio_is_finite_or_refused(values, rate_hz):
    try:
        audio = Audio(np.array(values, np.float32), rate_hz)
    except VoxliteError as error:
        assert "\n" not in str(error)  # noqa: PT017  the law is about both outcomes
    else:
        assert np.isfinite(audio.samples).all()
        assert 4_000 <= audio.rate_hz <= 192_000
