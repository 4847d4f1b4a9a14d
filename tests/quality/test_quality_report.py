"""SNR, the report and its remarks."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.quality import QualityMeter
from voxlite.quality.measures import DropOut, QualityMeasures
from voxlite.tasks.quality import assess, estimate_snr_db
from voxlite.values import Segment

GOOD = QualityMeasures(
    duration_s=60.0,
    rate_hz=16_000,
    channels=2,
    rms_dbfs=-24.0,
    peak_dbfs=-3.0,
    loudness_lufs=-23.0,
    clipped_share=0.0,
    dc_offset=0.0003,
    bandwidth_hz=7_900.0,
    n_drop_outs=0,
    drop_outs=(),
    dead_channels=(),
)
SEGMENTS = (
    Segment(0.0, 1.0, "silence", 0.9),
    Segment(1.0, 6.0, "voice", 0.95),
    Segment(6.0, 7.0, "noise", 0.8),
    Segment(7.0, 8.5, "silence", 0.9),
    Segment(8.5, 10.0, "silence", 0.9),
)


def levels_db(power, n=4_000, seed=0):
    return 10 * np.log10(power) + np.random.default_rng(seed).normal(0, 0.5, n)


@pytest.mark.parametrize("snr_db", [-3.0, 0.0, 5.0, 20.0, 40.0])
def test_snr_of_steady_sounds(snr_db):
    noise_power = 1e-5
    voice_power = noise_power * (1 + 10 ** (snr_db / 10))
    estimate = estimate_snr_db(levels_db(voice_power), levels_db(noise_power, seed=1))
    assert estimate == pytest.approx(snr_db, abs=0.3)


def test_snr_is_not_decided_by_clicks_and_slams():
    voice, rest = levels_db(1e-2), levels_db(1e-4, seed=1)
    plain = estimate_snr_db(voice, rest)
    voice[:40], rest[:400] = 0.0, 0.0
    assert estimate_snr_db(voice, rest) == pytest.approx(plain, abs=0.5)


def test_snr_at_the_ends():
    voice, silence = [-20.0, -21.0], [-np.inf, -120.0]
    assert estimate_snr_db(voice, silence) == 100.0
    assert estimate_snr_db(voice, [-99.9]) == pytest.approx(79.4, abs=0.1)
    assert estimate_snr_db([60.0], [-99.0]) == 100.0
    assert estimate_snr_db([-40.0], [-30.0]) == -20.0
    assert estimate_snr_db([], [-30.0]) is None
    assert estimate_snr_db(voice, []) is None
    assert estimate_snr_db(silence, [-30.0]) is None


@given(
    voice=st.lists(st.floats(-200, 60), max_size=20),
    rest=st.lists(st.floats(-200, 60), max_size=20),
)
def test_snr_is_always_a_plain_number(voice, rest):
    snr_db = estimate_snr_db(voice, rest)
    assert snr_db is None or -20.0 <= snr_db <= 100.0


def test_a_good_recording_has_no_remarks():
    report = assess(GOOD, SEGMENTS, 25.0)
    assert report.remarks == ()
    assert report.shares == pytest.approx({"voice": 0.5, "silence": 0.4, "noise": 0.1})


def test_shares_and_the_longest_silence():
    segments = (Segment(0.0, 2.0, "silence", 0.9), Segment(2.0, 8.0, "voice", 0.9), *SEGMENTS[3:])
    segments = (*segments[:2], Segment(8.0, 9.0, "silence", 0.9), Segment(9.0, 10.5, "silence", 0.9))
    report = assess(GOOD, segments, None)
    assert report.longest_silence_s == pytest.approx(2.5)
    assert report.shares["voice"] == pytest.approx(6.0 / 10.5)
    nothing = assess(GOOD, (), None)
    assert nothing.shares == {"voice": 0.0, "silence": 0.0, "noise": 0.0}
    assert nothing.longest_silence_s == 0.0


@pytest.mark.parametrize(
    ("change", "begins", "figure"),
    [
        ({"clipped_share": 0.023, "peak_dbfs": 0.0}, "Clipped", "2.3 % of samples are cut off at full scale"),
        (
            {"clipped_share": 0.3, "peak_dbfs": -6.0},
            "Clipped",
            "30 % of samples are cut off at the highest level, -6",
        ),
        ({"loudness_lufs": -41.0}, "Very quiet", "-41 LUFS"),
        ({"loudness_lufs": None, "rms_dbfs": -50.2}, "Very quiet", "-50 dBFS"),
        ({"loudness_lufs": -5.0}, "Very loud", "-5 LUFS"),
        ({"bandwidth_hz": 3_400.0}, "Narrow band", "nothing above 3.4 kHz"),
        ({"dc_offset": -0.04}, "DC offset", "4 % of full scale"),
        ({"n_drop_outs": 1, "drop_outs": (DropOut(1.5, 0.02),)}, "1 drop-out of", "at 1.50 s"),
        ({"n_drop_outs": 12, "drop_outs": (DropOut(1.5, 0.02),) * 12}, "12 drop-outs", "first at 1.50 s"),
        ({"dead_channels": (2,)}, "Dead channel", "2 of 2 is digital silence"),
    ],
)
def test_each_fault_has_its_remark(change, begins, figure):
    (remark,) = assess(replace(GOOD, **change), SEGMENTS, 25.0).remarks
    assert remark.startswith(begins)
    assert figure in remark
    assert "; " in remark
    assert remark.endswith(".")


def test_remarks_on_the_content():
    (noisy,) = assess(GOOD, SEGMENTS, 4.2).remarks
    assert noisy.startswith("Noisy: the voice is 4 dB above the background")
    (silent,) = assess(GOOD, (Segment(0, 9, "silence", 1), Segment(9, 10, "voice", 1)), None).remarks
    assert "90 % of the recording, 9.0 s at a stretch" in silent


def test_no_false_alarm_where_there_is_no_figure():
    bare = replace(GOOD, loudness_lufs=None, rms_dbfs=None, bandwidth_hz=None, dc_offset=0.2, duration_s=0.1)
    assert assess(bare, SEGMENTS, None).remarks == ()


def test_digital_silence_is_one_remark():
    meter = QualityMeter(16_000, 2)
    meter.push(np.zeros((16_000, 2), dtype=np.float32))
    report = assess(meter.result(), [Segment(0.0, 1.0, "silence", 1.0)], None)
    (remark,) = report.remarks
    assert remark.startswith("Digital silence")
    json.dumps(report.to_dict(), allow_nan=False)


def test_the_report_is_plain_data():
    data = assess(replace(GOOD, n_drop_outs=1, drop_outs=(DropOut(1.5, 0.02),)), SEGMENTS, 25.04).to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["drop_outs"] == [{"start_s": 1.5, "duration_s": 0.02}]
    assert data["shares"]["voice"] == 0.5
    assert data["snr_db"] == 25.0
    assert assess(GOOD, (), None).to_dict()["snr_db"] is None
