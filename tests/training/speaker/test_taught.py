"""What a teacher said, in a file: read again, asked for where it is missing, refused where it is something else."""

import numpy as np
import pytest

from voxlite.training.corpus import CorpusError
from voxlite.training.speaker.net import DIM
from voxlite.training.speaker.taught import RememberingTeacher, keep
from voxlite.training.speaker.voice_bank import build_bank
from voxlite.training.utterances import utterances


class Loud:
    """A teacher whose every answer is another one; counts what it was asked."""

    name, dim = "owl", DIM

    def __init__(self):
        self.rng, self.asked = np.random.default_rng(7), []

    def embed(self, sounds, names):
        self.asked += list(names)
        rows = self.rng.standard_normal((len(sounds), DIM)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def refuse():
    raise AssertionError("the teacher was asked")


@pytest.fixture
def spoken(clips):
    return utterances(clip for clip in clips if clip.split == "train")


@pytest.fixture
def kept(spoken, store, tmp_path):
    """(file, the bank it was written from) of one version."""
    bank = build_bank(spoken, store, ("x1.00",), Loud(), tmp_path / "bank")
    keep(tmp_path / "models" / "taught.npz", tmp_path / "bank", ("x1.00",))
    return tmp_path / "models" / "taught.npz", bank


def test_a_bank_is_built_again_without_the_teacher(kept, spoken, store, tmp_path):
    path, first = kept
    teacher = RememberingTeacher(path, refuse)
    assert (teacher.name, teacher.dim) == ("owl", DIM)
    again = build_bank(spoken, store, ("x1.00",), teacher, tmp_path / "again")
    assert len(again.targets) == len(spoken) > 1
    assert np.einsum("nd,nd->n", again.targets, first.targets).min() > 0.9999
    np.testing.assert_allclose(np.linalg.norm(again.targets, axis=1), 1, atol=1e-6)
    assert again.classes.tolist() == first.classes.tolist()


def test_only_what_is_missing_is_asked(kept, spoken, store, tmp_path):
    owl = Loud()
    teacher = RememberingTeacher(kept[0], lambda: owl)
    build_bank(spoken, store, ("x1.00", "v01"), teacher, tmp_path / "more")
    assert owl.asked == [f"v01 {item.name}" for item in spoken]


def test_a_file_that_says_more_is_kept(kept, spoken, store, tmp_path):
    path, bank = kept[0], tmp_path / "bank"
    build_bank(spoken, store, ("v01",), Loud(), bank)
    keep(path, bank, ("x1.00", "v01"))
    both = path.read_bytes()
    keep(path, bank, ("v01",))  # a training with fewer versions
    assert path.read_bytes() == both
    build_bank(spoken, store, ("x1.00", "v01"), RememberingTeacher(path, refuse), tmp_path / "again")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no archive"])
def test_another_file_is_one_line(tmp_path, content):
    path = tmp_path / "taught.npz"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"taught\.npz: does not hold what a teacher said"):
        RememberingTeacher(path, refuse)
