import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.errors import EnrollmentError
from voxlite.voiceprints import VoiceprintIndex


def unit(*shape, seed=0):
    vectors = np.random.default_rng(seed).normal(size=shape)
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


@given(
    owners=st.lists(st.integers(0, 5), min_size=1, max_size=30), k=st.integers(1, 8), seed=st.integers(0, 99)
)
def test_top_is_the_best_reference_of_each_person(owners, k, seed):
    vectors, probe = unit(len(owners), 6, seed=seed), unit(6, seed=seed + 1000)
    index = VoiceprintIndex.of([(f"p{owner}", vector) for owner, vector in zip(owners, vectors, strict=True)])
    best: dict[str, float] = {}
    for owner, vector in zip(owners, vectors, strict=True):
        best[f"p{owner}"] = max(best.get(f"p{owner}", -2.0), float(vector.astype(np.float64) @ probe))
    wanted = sorted(best.items(), key=lambda item: -item[1])[:k]
    found = index.top(probe, k)
    assert [match.person for match in found] == [name for name, _ in wanted]
    np.testing.assert_allclose([match.cosine for match in found], [score for _, score in wanted], atol=1e-6)
    for match in found:
        assert float(index.matrix[match.row] @ probe) == pytest.approx(match.cosine, abs=1e-6)
        assert index.people[index.owners[match.row]] == match.person
    by_person = dict(zip(index.people, index.best_by_person(probe).tolist(), strict=True))
    assert by_person == pytest.approx(best, abs=1e-6)


def test_many_probes_at_once_score_like_one_by_one():
    index = VoiceprintIndex.of([("a", v) for v in unit(3, 5)] + [("b", v) for v in unit(2, 5, seed=1)])
    probes = unit(4, 5, seed=2)
    np.testing.assert_allclose(index.cosines(probes), [index.cosines(probe) for probe in probes], atol=1e-6)
    assert index.best_by_person(probes).shape == (4, 2)


def test_equals_come_in_the_order_of_people():
    same = unit(4)
    index = VoiceprintIndex.of([(name, same) for name in "zyxw"])
    assert [match.person for match in index.top(same, 3)] == ["z", "y", "x"]


def test_keys_follow_their_rows():
    vectors = unit(3, 4)
    index = VoiceprintIndex(["a", "b"], [1, 0, 1], vectors, [b"0", b"1", b"2"])
    assert index.keys == (b"1", b"0", b"2")
    assert index.keys[index.top(vectors[2])[0].row] == b"2"
    assert (index.rows("a"), index.rows("b")) == (range(0, 1), range(1, 3))
    with pytest.raises(EnrollmentError, match="no references of 'c'"):
        index.rows("c")


def test_nobody_is_enrolled():
    index = VoiceprintIndex.of([])
    assert len(index) == 0
    assert index.top(unit(4)) == []
    assert index.cosines(unit(4)).shape == (0,)
    assert index.best_by_person(unit(2, 4)).shape == (2, 0)
    assert VoiceprintIndex.of([("a", unit(4))]).top(unit(4), 0) == []


def test_what_does_not_fit_is_refused():
    index = VoiceprintIndex.of([("a", unit(4))])
    with pytest.raises(EnrollmentError, match="model that they were enrolled with"):
        index.top(unit(5))
    with pytest.raises(EnrollmentError, match="give one vector"):
        index.top(unit(2, 4))
    for bad in (np.full(4, np.nan), np.ones(4)):
        with pytest.raises(EnrollmentError, match="unit norm"):
            index.cosines(bad.astype(np.float32))
    with pytest.raises(EnrollmentError, match=r"\[4, 5\] numbers"):
        VoiceprintIndex.of([("a", unit(4)), ("b", unit(5))])
    with pytest.raises(EnrollmentError, match="owners"):
        VoiceprintIndex(["a"], [0, 0], unit(1, 4))
    for people, owners in ((["a", "a"], [0, 1]), (["a", "b"], [0, 0]), (["a"], [0, 1])):
        with pytest.raises(EnrollmentError, match="each name once"):
            VoiceprintIndex(people, owners, unit(2, 4))
