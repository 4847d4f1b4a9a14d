"""What a manifest says of a voice, and which cuts of it a net is shown."""

from dataclasses import replace

import pytest

from voxlite.training.corpus import read_manifest
from voxlite.training.traits.examples import drawing_weights, first_of_each_voice, labelled
from voxlite.training.traits.labels import (
    AROUSAL,
    MOOD,
    MOOD_WORDS,
    TRAITS,
    contradicted_voices,
    gender_of,
    is_contradicted,
    mood_of,
)
from voxlite.training.traits.training import training_voices, validation_voices

GENDER, MOODS = TRAITS["gender"], TRAITS["mood"]


@pytest.fixture(scope="module")
def spoken(labelled_corpus):
    return [clip for clip in read_manifest(labelled_corpus) if clip.kind == "speech"]


@pytest.mark.parametrize(
    ("gender", "age", "label"),
    [
        ("female", "adult", "female"),
        ("male", "adult", "male"),
        ("female", "child", "child"),
        ("", "child", "child"),
        ("female", "", ""),
        ("", "adult", ""),
        ("other", "adult", ""),
    ],
)
def test_gender_is_an_adults(spoken, gender, age, label) -> None:
    assert gender_of(replace(spoken[0], gender=gender, age=age)) == label


def test_every_mood_word_has_a_label_and_an_arousal(spoken) -> None:
    assert set(MOOD_WORDS.values()) == set(MOOD)
    assert set(MOOD_WORDS) <= set(AROUSAL)
    assert {mood_of(replace(spoken[0], mood=word)) for word in ("boredom", "", "surprised")} == {""}
    assert AROUSAL["anger"] > AROUSAL["neutral"] > AROUSAL["sadness"]


def test_a_trait_decides_all_labels_but_a_childs() -> None:
    assert GENDER.decided == ("female", "male")
    assert MOODS.decided == MOOD
    assert MOODS.outputs[:6] == (*MOOD, "arousal")
    assert MOODS.outputs[6:] == tuple(f"against_neutral_{mood}" for mood in MOOD)


def test_voices_whose_pitch_contradicts_their_label_teach_nothing(spoken) -> None:
    (source, speaker), *_ = contradicted_voices()
    adult = next(
        clip for clip in spoken if clip.split == "train" and clip.age == "adult" and clip.gender == "male"
    )
    doubted = [replace(adult, source=source, speaker=speaker, split=split) for split in ("train", "val")]
    assert all(is_contradicted(clip) for clip in doubted)
    assert not is_contradicted(adult)
    clips = [*spoken, *doubted]
    for voices in (training_voices, validation_voices):
        assert [item.voice for item in voices(clips, GENDER)] == [
            item.voice for item in voices(spoken, GENDER)
        ]


def test_clips_of_one_voice_are_joined_only_within_a_label(spoken) -> None:
    moods = labelled(spoken, MOODS, least_s=3.0)
    for item in moods:
        assert len({clip.mood for clip in item.utterance.clips}) == 1
        assert len({(clip.source, clip.speaker) for clip in item.utterance.clips}) == 1
    assert {item.label for item in moods} == set(MOOD)  # boredom and surprise have no label
    assert {item.label for item in labelled(spoken, GENDER)} == {"female", "male", "child"}


def test_the_first_stretches_of_each_voice_are_kept(spoken) -> None:
    items = labelled(spoken, GENDER)
    kept = first_of_each_voice(items, 1)
    assert len(kept) == len({(item.voice, item.label) for item in items}) < len(items)
    assert first_of_each_voice(items, 99) == items


def test_labels_are_drawn_alike_whatever_there_is_of_them(spoken) -> None:
    items = labelled(spoken, GENDER)
    weights = drawing_weights(items)
    assert weights.sum() == pytest.approx(1)
    for label in GENDER.labels:
        own = sum(weight for weight, item in zip(weights, items, strict=True) if item.label == label)
        assert own == pytest.approx(1 / 3)
