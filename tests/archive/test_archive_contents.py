"""Contents: hashes as sha256sum has them, bounded blocks from elsewhere, temporary files that go; listener's errors."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.archive.contents import Hashes, UnreadableError, content_of
from voxlite.archive.entries import Entry
from voxlite.archive.listener import Listener, Outcome
from voxlite.archive.places import Place
from voxlite.archive.plans import make_plan
from voxlite.errors import ModelError, VoxliteError

digests = st.binary(min_size=32, max_size=32)


@given(st.lists(digests), st.lists(digests))
def test_packed_hashes_are_a_set(inside, asked):
    packed = Hashes.of(inside)
    assert len(packed) == len(set(inside))
    assert all((digest in packed) == (digest in set(inside)) for digest in [*inside, *asked])


class Remote:
    """A file system elsewhere that counts how much is read at once."""

    def __init__(self, content: bytes, error: Exception | None = None) -> None:
        self.content, self.error, self.most = content, error, 0

    def open_input_stream(self, path: str):
        if self.error:
            raise self.error
        outer = self

        class Stream(io.BytesIO):
            def read(self, n: int = -1) -> bytes:
                outer.most = max(outer.most, n if n >= 0 else 1 << 62)
                return super().read(n)

        return Stream(self.content)


def test_a_recording_elsewhere_is_copied_in_blocks_and_erased(tmp_path):
    filesystem = Remote(bytes(range(256)) * 20_000)
    with content_of(Place(filesystem, "b", "s3://"), Entry("s3://b/a.flac"), tmp_path) as (
        path,
        digest,
        size,
    ):
        assert path.endswith(".flac")
        with open(path, "rb") as copy:  # noqa: PTH123
            assert copy.read() == filesystem.content
        assert (digest, size) == (hashlib.sha256(filesystem.content).digest(), 5_120_000)
    assert filesystem.most <= 1 << 20
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError("AWS Error\nACCESS_DENIED"), FileNotFoundError(2, "No such file")])
def test_one_that_is_not_given_says_why(tmp_path, error):
    place = Place(Remote(b"", error), "b", "s3://")
    with pytest.raises(
        UnreadableError, match=r"cannot be fetched \((AWS Error ACCESS_DENIED|No such file)\)"
    ):
        content_of(place, Entry("s3://b/a.wav"), tmp_path).__enter__()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def listener(tmp_path):
    return Listener(make_plan(str(tmp_path), ("voice",), {}), Hashes(), tmp_path)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "the file is empty (0 bytes): record or copy it again"),
        (b"certainly no sound", "not audio, or its header is damaged"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00", "not audio, or its header is damaged"),
    ],
    ids=["empty", "not audio", "cut header"],
)
@pytest.mark.parametrize("name", ["plain.wav", "<i>odd\n\udcff.wav"])
def test_an_unreadable_file_is_one_line_without_its_name(listener, tmp_path, content, error, name):
    path = tmp_path / name
    path.write_bytes(content)
    outcome = listener.listen(Entry(str(path), len(content), 0))
    assert outcome.row["error"].startswith(error)
    assert "\n" not in outcome.row["error"]
    assert outcome.row["error_kind"] == "damaged"
    assert outcome.row["content_sha256"] == hashlib.sha256(content).hexdigest()
    assert outcome.row["elapsed_s"] >= 0
    assert Outcome.from_json(outcome.to_json()) == outcome


def test_a_file_that_is_gone_has_no_hash(listener, tmp_path):
    outcome = listener.listen(Entry(str(tmp_path / "gone.wav"), 5, 0))
    assert outcome.row["error"].startswith("cannot be opened (No such file")
    assert outcome.row["error_kind"] == "unreadable"
    assert "content_sha256" not in outcome.row


def test_a_fault_of_ours_is_a_row(listener, tmp_path, tone, monkeypatch):
    path = tone(tmp_path / "a.wav")
    monkeypatch.setattr("voxlite.analysis.Analyzer.analyze", lambda self, path: [][0])  # an IndexError
    outcome = listener.listen(Entry(str(path)))
    assert outcome.row["error_kind"] == "fault"
    assert "IndexError" in outcome.row["error"]


def test_a_known_content_is_not_analysed_unless_asked(tmp_path, tone):
    path = tone(tmp_path / "a.wav")
    digest = hashlib.sha256(path.read_bytes()).digest()
    listener = Listener(make_plan(str(tmp_path), ("voice",), {}), Hashes.of([digest]), tmp_path)
    assert listener.listen(Entry(str(path))).known
    assert not listener.listen(Entry(str(path), fresh=True)).known


def test_a_plan_names_all_that_results_depend_on(tmp_path):
    plan = make_plan("calls", ("quality", "voice"), {})
    assert plan.tasks == ("voice", "quality")
    assert plan.recipe.startswith("voxlite ")
    assert "voice model compact" in plan.recipe
    assert type(plan).from_json(plan.to_json()) == plan
    assert "model" not in make_plan("calls", ("quality",), {}).recipe
    of_gender = make_plan("calls", ("gender",), {}).recipe
    assert "voice model" in of_gender  # what is no voice has no gender
    assert "gender model" in of_gender
    with pytest.raises(VoxliteError, match="unknown tasks: song"):
        make_plan("calls", ("song",), {})
    with pytest.raises(ModelError):
        make_plan("calls", ("voice",), {"voice": str(tmp_path / "none.tflite")})


def test_an_analyzer_gives_the_reports_of_analyze(samples_dir):
    from voxlite import analyze
    from voxlite.analysis import Analyzer

    paths = [str(samples_dir / name) for name in ("voice-en-radio.flac", "original-44100-stereo.ogg")]
    for tasks in (("voice", "quality", "gender"), ("quality",), ("gender",)):
        analyzer = Analyzer(tasks, 1)
        for path in (*paths, paths[0]):  # the models keep nothing of what they heard
            assert analyzer.analyze(path).to_dict() == analyze(path, tasks, 1).to_dict()


def test_speakers_are_told_as_analyze_tells_them(samples_dir, tiny_speaker):
    pytest.importorskip("scipy")
    from voxlite import analyze
    from voxlite.analysis import Analyzer
    from voxlite.archive.rows import recording_row, segment_columns

    path, models = str(samples_dir / "voice-en-wideband.flac"), {"speaker": str(tiny_speaker)}
    report = Analyzer(("voice", "speaker"), 1, models=models).analyze(path)
    assert report.to_dict() == analyze(path, ("voice", "speaker"), 1, models=models).to_dict()
    times_s = {one["speaker"]: one["speech_s"] for one in recording_row(report)["speakers"]}
    columns = segment_columns(report)
    summed: dict[str, float] = {}
    for start_s, end_s, speaker in zip(columns["start_s"], columns["end_s"], columns["speaker"], strict=True):
        if speaker:
            summed[speaker] = summed.get(speaker, 0) + end_s - start_s
    assert summed == pytest.approx(times_s, abs=1e-3)
