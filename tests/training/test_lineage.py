"""A training that starts from an export's weights carries their history."""

import json

import pytest

pytest.importorskip("keras")

from voxlite.training.fit import history_beside

pytestmark = pytest.mark.train


def test_the_history_beside_weights_is_found(tmp_path) -> None:
    weights = tmp_path / "gender-compact.weights.h5"
    assert history_beside(None) is None
    assert history_beside(weights) is None
    (tmp_path / "gender-compact.history.json").write_text(json.dumps({"step": 7}))
    assert history_beside(weights) == {"step": 7}
    other = tmp_path / "gender-compact.h5"
    other.write_text("not json")
    assert history_beside(other) is None
