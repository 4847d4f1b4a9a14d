"""A model file as a teacher: its embeddings, and models that cannot teach."""

import numpy as np
import pytest

from voxlite.errors import ModelError
from voxlite.training.speaker import teacher
from voxlite.training.speaker.net import DIM


class Embedder:
    """Stands for `SpeakerEmbedder`."""

    size, rate_hz = DIM, 16_000

    def __init__(self, model, threads):
        assert threads >= 1
        self.model = type("Info", (), {"name": model, "path": f"{model}.tflite"})

    def vectors(self, sounds):
        return np.ones((len(sounds), self.size), np.float32) / np.float32(np.sqrt(self.size))


def test_a_teacher_embeds_with_its_model(monkeypatch):
    monkeypatch.setattr(teacher, "SpeakerEmbedder", Embedder)
    known = teacher.ModelTeacher("owl")
    assert (known.name, known.dim) == ("owl", DIM)
    assert known.embed([np.zeros(16_000, np.float32)] * 3).shape == (3, DIM)


@pytest.mark.parametrize(("name", "value"), [("size", 256), ("rate_hz", 8_000)])
def test_other_embeddings_cannot_be_taught(monkeypatch, name, value):
    monkeypatch.setattr(teacher, "SpeakerEmbedder", Embedder)
    monkeypatch.setattr(Embedder, name, value)
    with pytest.raises(ModelError, match=f"a teacher gives {DIM} at 16000 Hz"):
        teacher.ModelTeacher("owl")
