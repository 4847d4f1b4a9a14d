from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import EnrollmentError
from voxlite.voiceprints import PrintModel, Voiceprint

WORDS = st.text(
    st.characters(categories=("L", "M", "N", "P"), include_characters=" "), min_size=1, max_size=40
).filter(lambda text: text.strip())


@given(
    person=WORDS,
    purpose=WORDS,
    source=st.none() | WORDS,
    model=st.tuples(WORDS, WORDS),
    speech_s=st.floats(0.001, 1e6),
    bandwidth_hz=st.none() | st.floats(1.0, 48_000.0),
    offset_h=st.integers(-23, 23),
    when=st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)),
    vector=st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=20).filter(
        lambda v: np.linalg.norm(v) > 0.1
    ),
)
def test_facts_and_embedding_are_the_whole_print(
    person, purpose, source, model, speech_s, bandwidth_hz, offset_h, when, vector
):
    embedding = np.float32(np.array(vector) / np.linalg.norm(vector))
    moment = when.replace(tzinfo=timezone(timedelta(hours=offset_h)))
    one = Voiceprint(
        person, embedding, PrintModel(*model), speech_s, moment, purpose, moment, source, bandwidth_hz
    )
    again = Voiceprint.from_facts(one.facts(), one.embedding)
    assert again.facts() == one.facts()
    np.testing.assert_array_equal(again.embedding, embedding)
    assert abs(one.consent_at - moment) < timedelta(seconds=1)
    assert one.consent_at.utcoffset() == timedelta(0)


def test_names_are_composed_and_trimmed(make_print):
    assert make_print("  Zoe\u0308 ").person == "Zo\u00eb"


def test_an_embedding_is_a_copy_that_cannot_be_changed(make_print):
    vector = np.eye(3, dtype=np.float32)[0]
    kept = Voiceprint.from_facts(make_print().facts(), vector)
    vector[:] = 0
    assert kept.embedding[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        kept.embedding[0] = 0


def test_a_print_does_not_show_its_embedding(make_print):
    assert "embedding" not in repr(make_print())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"person": " "}, "person is ' '"),
        ({"person": "a\nb"}, "printable"),
        ({"person": "x" * 201}, "1 to 200"),
        ({"purpose": ""}, "purpose"),
        ({"source": ""}, "source"),
        ({"speech_s": 0}, "speech_s is 0"),
        ({"speech_s": float("nan")}, "number above 0"),
        ({"speech_s": "long"}, "speech_s is 'long'"),
        ({"bandwidth_hz": -1.0}, "bandwidth_hz"),
        ({"consent_at": datetime(2026, 5, 1)}, "time zone"),
        ({"consent_at": None}, "consent_at is None"),
        ({"enrolled_at": "today"}, "enrolled_at"),
        ({"model": "compact"}, "PrintModel"),
        ({"model": ("compact", "")}, "model_version"),
    ],
)
def test_what_is_not_usable_is_refused(make_print, fields, message):
    with pytest.raises(EnrollmentError, match=message) as caught:
        make_print(**fields)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "vector", [[[1.0]], [], [0.5, 0.5], [np.nan, 1.0], [np.inf], np.ones(4097) / np.sqrt(4097)]
)
def test_only_one_unit_vector_is_an_embedding(make_print, vector):
    with pytest.raises(EnrollmentError, match="embedding of"):
        Voiceprint.from_facts(make_print().facts(), np.array(vector, np.float32))


@pytest.mark.parametrize("missing", ["person", "model", "model_version", "speech_s", "consent_at", "purpose"])
def test_no_print_without_its_facts(make_print, missing):
    facts = make_print().facts()
    del facts[missing]
    with pytest.raises(EnrollmentError, match=missing):
        Voiceprint.from_facts(facts, make_print().embedding)


def test_a_model_reads_as_name_and_version():
    assert str(PrintModel("campplus", "2")) == "campplus 2"
