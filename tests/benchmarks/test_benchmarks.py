import importlib
import importlib.util
import json
import time

import numpy as np
import pytest

from voxlite.training.tables import Table


def chunks(*spans, n, low=0.0):
    values = np.full(n, low, np.float32)
    for start, stop in spans:
        values[start:stop] = 0.9
    return values


def seconds(*samples):
    return [pytest.approx(sample / 16_000) for sample in samples]


def test_silero_rules(bench):
    segments = bench("peers").silero_segments
    assert segments(np.zeros(0, np.float32), 0) == []
    assert segments(chunks((10, 40), n=60), 60 * 512) == [tuple(seconds(10 * 512 - 480, 40 * 512 + 480))]
    assert segments(chunks((10, 17), n=60), 60 * 512) == []  # 224 ms are too short
    assert segments(chunks((10, 30), n=30), 30 * 512) == [tuple(seconds(10 * 512 - 480, 30 * 512))]
    # a pause of three chunks does not end speech, and neither does a long one that stays near the threshold
    assert len(segments(chunks((5, 20), (23, 40), n=60), 60 * 512)) == 1
    assert len(segments(chunks((5, 20), (40, 55), n=60, low=0.4), 60 * 512)) == 1
    assert len(segments(chunks((5, 20), (40, 55), n=60), 60 * 512)) == 2


def test_spans_become_a_partition(bench):
    filled = bench("segments").filled
    found = filled([(0.0, 1.0), (2.0, 3.0)], 4.0)
    assert [(s.start_s, s.end_s, s.label) for s in found] == [
        (0.0, 1.0, "voice"),
        (1.0, 2.0, "noise"),
        (2.0, 3.0, "voice"),
        (3.0, 4.0, "noise"),
    ]
    assert [s.label for s in filled([], 2.0)] == ["noise"]


def test_silence_counts_as_the_rest(bench):
    from voxlite.values import Segment

    labels = [s.label for s in bench("segments").voice_or_not(
        [Segment(i, i + 1, label, 1.0) for i, label in enumerate(("voice", "silence", "noise"))]
    )]  # fmt: skip
    assert labels == ["voice", "noise", "noise"]


def test_stage_clock_counts_each_moment_once(bench):
    from voxlite.audio.banding import BandLimiter
    from voxlite.audio.resampling import Resampler

    original = Resampler.push
    clock = bench("stages").StageClock()
    started = time.perf_counter()
    with clock.running():
        limited = BandLimiter(16_000).push(Resampler(8_000, 16_000).push(np.zeros(80_000, np.float32)))
    spent = time.perf_counter() - started
    assert limited.dtype == np.float32
    assert clock.seconds["resampling"] > 0
    assert clock.seconds["band limit"] > 0
    assert clock.seconds["model"] == 0
    assert sum(clock.seconds.values()) <= spent
    assert Resampler.push is original


def test_paired_takes_turns(bench):
    order = []
    taken = bench("common").paired({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3)
    assert order == ["a", "b"] * 4  # the first turn warms up
    assert set(taken) == {"a", "b"}


def test_turns_that_do_not_fit_are_left_out(bench):
    order = []
    bench("common").paired({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 9, budget_s=0.0)
    assert order == ["a", "b"] * 2


def test_short_works_are_repeated_within_their_turn(bench):
    order = []
    works = {"short": lambda: order.append("short"), "long": lambda: (order.append("long"), time.sleep(0.02))}
    taken = bench("common").paired(works, 2, least_s=0.01)
    assert order.count("long") == 3
    assert order.count("short") > 20
    assert order[-1] == "long"
    assert taken["short"] < taken["long"]


def test_results_say_on_what_machine(bench, tmp_path, capsys):
    out = tmp_path / "results" / "x.json"
    bench("common").publish({"benchmark": "x"}, out, [Table.of("title", ["a"], [["1"]])])
    data = json.loads(out.read_text())
    assert data["benchmark"] == "x"
    assert {"cpu", "cores", "system", "python", "packages"} <= set(data["machine"])
    assert "numpy" in data["machine"]["packages"]
    assert "title" in capsys.readouterr().out


def test_mfcc_peers_do_the_same_work(bench):
    from voxlite.audio.audio import Audio
    from voxlite.frontend import FrontEndConfig, mfcc

    samples = (0.1 * np.random.default_rng(0).standard_normal(32_000)).astype(np.float32)
    wanted = mfcc(Audio(samples, 16_000))
    found = bench("mfcc_peers").peers(samples, FrontEndConfig())
    if not found:
        pytest.skip("no other library is installed")
    for name, work in found.items():
        got = work()
        if name == "librosa":
            got = got.T * (np.log(10) / 10)  # decibels; its frames lie 56 samples later
        assert got.shape[1] == 40
        assert abs(len(got) - len(wanted)) <= 1
        both = slice(0, min(len(got), len(wanted))), slice(1, 20)  # levels are counted differently
        correlation = np.corrcoef(got[both].ravel(), wanted[both].ravel())[0, 1]
        assert correlation > (0.999 if name == "kaldi-native-fbank" else 0.9), name


def test_front_end_results_and_goals(bench):
    frontend = bench("frontend")
    found = frontend.compare(1, 2, 50.0)
    assert found["limit_ms"] == 0.03
    own = found["rows"][frontend.NUMPY]
    assert own["over"][frontend.NUMPY] == 1
    assert own["ms"] > 0
    for row in found["rows"].values():
        assert row["times_limit"] == pytest.approx(row["ms"] / 0.03, rel=0.3)
    assert frontend.peak() > 0
    rows = {"librosa": {"over": {"x": 3.0}}, "x": {"over": {"x": 1.0}}}
    results = [{"rows": rows}, {"rows": {**rows, "librosa": {"over": {"x": 4.0}}}}]
    assert frontend.judge(results, "librosa", "x", 3.0)["met"]
    assert not frontend.judge(results, "librosa", "x", 3.5)["met"]
    assert frontend.judge(results, "librosa", "not there", 3.5) is None
    assert frontend.judge(results, "not there", "x", 3.5) is None


def test_front_end_command_tells_the_goals_by_its_status(bench, tmp_path, monkeypatch, capsys):
    frontend = bench("frontend")
    out = tmp_path / "frontend.json"
    monkeypatch.setattr("sys.argv", ["frontend", "--seconds", "1", "--runs", "1", "--out", str(out)])
    for least, status in ((0.0, 0), (1e9, 1)):
        monkeypatch.setattr(frontend, "GOALS", (("librosa", frontend.NUMPY, least),))
        if not importlib.util.find_spec("librosa"):
            pytest.skip("librosa is not installed")
        assert frontend.main() == status
        assert json.loads(out.read_text())["goals"][0]["met"] is not bool(status)
    assert "arithmetic limit" in capsys.readouterr().out


def test_silero_and_webrtc_where_they_are_installed(bench):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("webrtcvad")
    if importlib.util.find_spec("silero_vad") is None:
        pytest.skip("silero-vad is not installed")
    peers = bench("peers")
    silence = np.zeros(16_000, np.float32)
    assert all(score(silence) < 0.1 for score in peers.silero_scores().values())
    assert peers.webrtc_score()(silence) == 0
    rng = np.random.default_rng(0)
    noise = (0.1 * rng.standard_normal(48_000)).astype(np.float32)
    one, many = (
        peers.Silero().probabilities(noise),
        peers.Silero(sequence=True, chunks=20).probabilities(noise),
    )
    assert one.shape == (94,)
    assert np.abs(one - many).max() < 1e-3
