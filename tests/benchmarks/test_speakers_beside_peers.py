import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import soundfile

from voxlite.errors import VoxliteError
from voxlite.training.corpus import COLUMNS

RATE_HZ = 16_000


class Fake:
    """Embeds the spectrum."""

    rate_hz, size_bytes = RATE_HZ, 2_000_000

    def __init__(self, name="compact"):
        if name == "absent":
            raise VoxliteError("no speaker model named 'absent'")

    def __call__(self, samples):
        row = np.log(np.abs(np.fft.rfft(samples, 4096))[20:60] + 1e-3)
        return (row / np.linalg.norm(row)).astype(np.float32)

    def speech(self, samples):
        return samples


@pytest.fixture
def speakers(bench, monkeypatch):
    module = bench("speakers")
    monkeypatch.setattr(module, "Whole", Fake)
    return module


@pytest.fixture
def two_voices(tmp_path):
    """Two clips of two test speakers."""
    rng, rows = np.random.default_rng(2), []
    for k in range(4):
        t = np.arange(RATE_HZ) / RATE_HZ
        tone = sum(np.sin(2 * np.pi * (110 + 60 * (k // 2)) * h * t + rng.uniform(0, 6)) for h in range(1, 9))
        soundfile.write(tmp_path / f"{k}.wav", (0.05 * tone).astype(np.float32), RATE_HZ, subtype="PCM_16")
        row = dict.fromkeys(COLUMNS, "") | {
            "path": f"{k}.wav",
            "kind": "speech",
            "split": "test",
            "use": "free",
        }
        rows.append(row | {"source": "speechocean762", "speaker": str(k // 2), "duration_s": "1.0"})
    lines = [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]
    (tmp_path / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_peers_on_the_same_pairs_and_those_that_are_missing(
    speakers, two_voices, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "resemblyzer", None)
    out = tmp_path / "speakers.json"
    words = [
        "speakers",
        "--manifest",
        two_voices,
        "--cache",
        tmp_path / "cache",
        "--model",
        "compact",
        "absent",
    ]
    monkeypatch.setattr(sys, "argv", [*map(str, words), "--quick", "--repeats", "1", "--out", str(out)])
    monkeypatch.setattr(speakers, "Resemblyzer", lambda: Fake("absent"))
    speakers.main()
    data = json.loads(out.read_text(encoding="utf-8"))
    assert list(data["models"]) == ["voxlite compact", "voxlite absent", "Resemblyzer"]
    own = data["models"]["voxlite compact"]
    assert own["n_clips"] == 4
    assert own["rtf"] > 0
    assert data["models"]["voxlite absent"] == {"not at hand": "no speaker model named 'absent'"}
    assert "no speaker model named" in capsys.readouterr().out
    assert set(speakers.models(["compact"], ["resem"])) == {"Resemblyzer"}
    monkeypatch.setattr(speakers, "evaluated", None)  # what was found of errors is not asked for again
    monkeypatch.setattr(speakers, "rtf", lambda listener, repeats: 0.25)
    monkeypatch.setattr(sys, "argv", [*map(str, words), "--times-only", "--out", str(out)])
    speakers.main()
    again = json.loads(out.read_text(encoding="utf-8"))["models"]
    assert again == {**data["models"], "voxlite compact": {**own, "rtf": 0.25}}


def test_a_calibrated_model_is_judged_by_as_norm_too(speakers, monkeypatch):
    monkeypatch.setattr(speakers, "PairScorer", lambda model: f"scorer of {model}")
    monkeypatch.setattr(
        speakers, "as_norm", lambda evaluation, scorer: {"clean": {"eer": 0.25}, "by": scorer}
    )
    rates = {"conditions": {"clean": {"eer": 0.5, "min_dcf": 1.0}}}
    evaluation = SimpleNamespace(to_dict=lambda: dict(rates))
    listener = SimpleNamespace(is_calibrated=True, model="m")
    found = speakers.figures(listener, evaluation)
    assert found["as_norm"]["by"] == "scorer of m"
    row = speakers.tables({"m": {**found, "size_bytes": 10**6, "rtf": 0.1}})[0].rows[0]
    assert list(row[:4]) == ["m", "50.00 %", "25.00 %", 1.0]
    assert "as_norm" not in speakers.figures(object(), evaluation)


def test_tables_where_nothing_is_at_hand(speakers):
    (only,) = speakers.tables({"Resemblyzer": {"not at hand": "not installed: torch"}})
    assert only.rows[0][-1] == "not installed: torch"


def test_resemblyzer_says_what_to_install(bench, monkeypatch):
    peers = bench("speaker_peers")
    monkeypatch.setattr(peers.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(VoxliteError, match="pip install torch resemblyzer"):
        peers.Resemblyzer()


def test_resemblyzer_trims_by_itself_and_gives_unit_vectors(bench, monkeypatch, tmp_path):
    peers = bench("speaker_peers")
    torch, package = ModuleType("torch"), ModuleType("resemblyzer")
    threads, heard = [], []
    torch.set_num_threads = threads.append
    package.__file__ = str(tmp_path / "__init__.py")
    (tmp_path / "pretrained.pt").write_bytes(b"1234")
    package.preprocess_wav = lambda samples, source_sr: samples[: len(samples) // 2]

    class Encoder:
        def __init__(self, device, verbose):
            assert device == "cpu"

        def embed_utterance(self, samples):
            heard.append(len(samples))
            return np.array([3.0, 4.0])

    package.VoiceEncoder = Encoder
    monkeypatch.setattr(peers.importlib.util, "find_spec", lambda name: object())
    for module in (torch, package):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    peer = peers.Resemblyzer()
    np.testing.assert_allclose(peer(np.ones(2 * RATE_HZ, np.float32)), [0.6, 0.8])
    peer(np.ones(RATE_HZ // 2, np.float32))
    assert heard == [RATE_HZ, RATE_HZ // 2]  # a quarter of a second is too little: all of it counts
    assert (threads, peer.size_bytes) == ([1], 4)
    assert len(peer.speech(np.ones(7, np.float32))) == 7


def test_section_of_the_numbers(bench):
    section = bench("sections.speakers").speakers
    empty = "\n".join(section(None, None))
    assert "python -m benchmarks.speakers" in empty
    assert "voxlite evaluate speaker" in empty
    rates = {"eer": 0.0123, "min_dcf": 0.1}
    models = {
        "voxlite compact": {
            "size_bytes": 1_900_000,
            "rtf": 0.004,
            "conditions": {"clean": rates, "1 s": rates},
            "as_norm": {"clean": {"eer": 0.0456}},
        },
        "Resemblyzer": {"not at hand": "not installed: torch"},
    }
    point = {"stated_far": 0.01, "stated_frr": 0.05, "far": 0.012, "frr": 0.06}
    opened = {"stated_far": 0.01, "strangers_named": 0.02, "enrolled_missed": 0.1, "enrolled_misnamed": 0.0}
    evaluation = {
        "conditions": {"clean": rates},
        "scores": {
            "as_norm": {"clean": rates},
            "calibration": {"clean": {"ece": 0.02, "points": [point]}},
            "open_set": {"n_enrolled": 20, "n_impostors": 100, "n_draws": 20, "points": [opened]},
        },
    }
    text = "\n".join(section({"models": models}, evaluation))
    for words in (
        "1.23 %",
        "4.56 %",
        "1.90",
        "0.0040",
        "not installed: torch",
        "1.00 % / 1.20 %",
        "20 people",
        "10.00 %",
    ):
        assert words in text
    assert text.count("--quick") == 1  # of the evaluation alone: the peers were heard cut short as well
    only_missing = "\n".join(section({"models": {"Resemblyzer": {"not at hand": "no"}}}, {"conditions": {}}))
    assert "EER |" not in only_missing.split("minDCF")[-1]


def test_one_model_alone_keeps_what_is_known_of_the_others(bench, tmp_path):
    module, out = bench("speakers"), tmp_path / "speakers.json"
    assert module.earlier(out) == {}
    out.write_text(json.dumps({"models": {"Resemblyzer": {"rtf": 0.007}}}))
    assert module.earlier(out) == {"Resemblyzer": {"rtf": 0.007}}
