import csv

import numpy as np
import pytest

from voxlite.errors import VoxliteError
from voxlite.training.corpus import (
    COLUMNS,
    CorpusError,
    at_most,
    leaks,
    read_manifest,
    select,
    unreadable,
)
from voxlite.training.store import SampleStore, build_store

ROW = dict.fromkeys(COLUMNS, "") | {
    "path": "a/1.wav", "kind": "speech", "source": "a", "split": "train", "duration_s": "1.5", "use": "free",
}  # fmt: skip


def write(folder, *rows, columns=COLUMNS):
    path = folder / "manifest.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_reads_rows_with_absolute_paths(tmp_path):
    (clip,) = read_manifest(write(tmp_path, ROW | {"speaker": "x", "mood": "joy", "rms_dbfs": "-20"}))
    assert clip.path == tmp_path / "a/1.wav"
    assert (clip.name, clip.duration_s, clip.speaker, clip.mood, clip.age) == ("a/1.wav", 1.5, "x", "joy", "")


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        ([ROW], COLUMNS[1:], "columns missing: path"),
        ([], COLUMNS, "lists no clips"),
        ([ROW | {"kind": "noise"}], COLUMNS, "line 2: kind 'noise'"),
        ([ROW, ROW | {"split": "dev"}], COLUMNS, "line 3: .*split 'dev'"),
        ([ROW | {"duration_s": "long"}], COLUMNS, "line 2: duration_s 'long' is not a number"),
    ],
)
def test_a_bad_manifest_says_where(tmp_path, rows, columns, words):
    with pytest.raises(CorpusError, match=words) as caught:
        read_manifest(write(tmp_path, *rows, columns=columns))
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, VoxliteError)


def test_a_missing_manifest_says_how_to_name_one(tmp_path):
    with pytest.raises(CorpusError, match="VOXLITE_CORPUS"):
        read_manifest(tmp_path / "manifest.csv")


def test_select_by_split_kind_length_and_use(clips, changed):
    speech = select(clips, split="val", kinds=("speech",))
    assert len(speech) == 6
    assert len(select(clips, split="val", kinds=("speech",), min_s=1.0)) == 4
    research = changed(clips, clips.index(speech[0]), use="research")
    assert len(select(research, split="val", kinds=("speech",), free_only=True)) == 5


def test_at_most_is_per_source_and_kind_in_path_order(clips):
    some = at_most(reversed(clips), 1)
    keys = [(clip.source, clip.kind) for clip in some]
    assert len(keys) == len(set(keys)) == len({(clip.source, clip.kind) for clip in clips})
    assert some == sorted(some, key=lambda clip: clip.name)
    for clip in some:
        assert clip.name == min(c.name for c in clips if (c.source, c.kind) == (clip.source, clip.kind))


def test_no_leaks_in_an_honest_corpus(clips):
    assert leaks(clips) == []


def test_a_speaker_in_two_splits_is_a_leak(clips, changed):
    index = next(i for i, clip in enumerate(clips) if clip.speaker == "test-0")
    assert leaks(changed(clips, index, speaker="train-0")) == [
        "speaker train-0 of talk-0 is in test and train"
    ]


def test_a_recording_in_two_splits_is_a_leak(clips, changed):
    index = next(i for i, clip in enumerate(clips) if clip.kind == "music" and clip.split == "test")
    (line,) = leaks(changed(clips, index, source="songs-val", original="song-val.ogg"))
    assert line == "recording song-val.ogg of songs-val is in test and val"


def test_unreadable_names_missing_and_damaged_files(clips, tmp_path, changed):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"this is no sound at all")
    some = changed(changed(clips[:3], 0, path=broken), 1, path=tmp_path / "gone.wav")
    ticks = []
    lines = unreadable(some, lambda: ticks.append(1))
    assert len(lines) == 2
    assert "broken.wav" in lines[0]
    assert "gone.wav" in lines[1]
    assert len(ticks) == 3


def test_store_gives_back_what_the_files_hold(clips, tmp_path):
    ticks = []
    built = build_store(clips[:5], tmp_path / "store", tick=lambda: ticks.append(1))
    assert len(ticks) == 5
    assert built.rate_hz == 16_000
    for clip in clips[:5]:
        assert clip in built
        samples = built.samples(clip)
        assert len(samples) == built.length(clip) == round(clip.duration_s * 16_000)
        assert samples.dtype == np.float32
        assert np.abs(samples).max() > 0.01
    assert clips[5] not in built


def test_store_is_reused_only_while_it_holds_the_clips(clips, tmp_path):
    folder, ticks = tmp_path / "store", []
    build_store(clips[:3], folder)
    build_store(clips[1:3], folder, tick=lambda: ticks.append(1))
    assert ticks == []
    build_store(clips[:4], folder, tick=lambda: ticks.append(1))
    assert len(ticks) == 4
    assert clips[3] in SampleStore(folder)


def test_store_cuts_at_the_end_of_the_clip(clips, store):
    clip = clips[0]
    whole = store.samples(clip)
    assert (store.samples(clip, 100, 50) == whole[100:150]).all()
    assert (store.samples(clip, len(whole) - 10, 50) == whole[-10:]).all()
