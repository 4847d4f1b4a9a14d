"""The example client, which shares no code with the package: agrees on every vector and on any step sequence."""

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlite.activity.segmenter import Segmenter, SegmenterConfig

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "python" / "plain_client.py"
PLAIN = runpy.run_path(str(PROGRAM))
STEP_S = 0.04


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROGRAM), str(folder)], capture_output=True, text=True, timeout=120, check=False
    )


def test_it_agrees_with_a_bundle(bundle_dir: Path) -> None:
    done = run(bundle_dir)
    assert (done.returncode, done.stdout.strip()) == (0, "8 test vectors agree"), done.stderr


def test_it_uses_nothing_of_the_package() -> None:
    assert "voxlite" not in {
        line.split()[1].split(".")[0]
        for line in PROGRAM.read_text().splitlines()
        if line.startswith(("import ", "from "))
    }


@pytest.mark.parametrize(
    ("stage", "edit"),
    [
        ("silent", lambda data: data["steps"]["silent"].__setitem__(0, 0)),
        ("power", lambda data: data["steps"]["power"].__setitem__(30, 1.0)),
        ("logits", lambda data: data["steps"]["logits"].__setitem__(-1, 9.0)),
        ("probabilities", lambda data: data["steps"]["probabilities"].__setitem__(-1, 0.9)),
        ("segments", lambda data: data["segments"][1].__setitem__("start_s", 0.5)),
        ("clip", lambda data: data["clip"].__setitem__("score", 0.5)),
    ],
)
def test_it_finds_what_is_off(bundle_dir: Path, tmp_path: Path, stage: str, edit) -> None:
    shutil.copytree(bundle_dir / "vectors", tmp_path / "vectors")
    path = tmp_path / "vectors" / "buzz.json"
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))
    client = PLAIN["Client"](bundle_dir)
    assert PLAIN["check"](client, tmp_path / "vectors", "buzz") == [f"buzz: {stage} is off"]


def test_it_finds_a_segmenter_case_that_is_off(bundle_dir: Path, tmp_path: Path) -> None:
    data = json.loads((bundle_dir / "vectors" / "segmenter.json").read_text())
    data["cases"][0]["segments"][0]["label"] = "voice" * 2
    (tmp_path / "segmenter.json").write_text(json.dumps(data))
    assert PLAIN["check_segmenter"](tmp_path) == ["segmenter case 0 is off"]


runs = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.4, 0.5, 0.9]), st.booleans(), st.integers(1, 14)), max_size=25
)
configs = st.builds(
    SegmenterConfig,
    min_voice_s=st.sampled_from([0.0, 0.12, 0.4]),
    min_gap_s=st.sampled_from([0.0, 0.08, 0.2, 0.5]),
    min_rest_s=st.sampled_from([0.0, 0.16, 0.3]),
    pad_s=st.sampled_from([0.0, 0.04, 0.12, 0.3]),
)


@given(runs, configs, st.integers(1, 40))
def test_its_segments_are_those_of_the_stream(runs: list, config: SegmenterConfig, portion: int) -> None:
    """The rules written for a whole recording, as docs/embedding.md gives them, against the state machine."""
    values = [0.0 if quiet else value for value, quiet, length in runs for _ in range(length)]
    silent = [quiet for _, quiet, length in runs for _ in range(length)]
    segmenter, found = Segmenter(STEP_S, config), []
    for at in range(0, len(values), portion):
        found += segmenter.push(values[at : at + portion], silent[at : at + portion])
    found += segmenter.flush()
    rules = config.in_steps(STEP_S).__dict__
    plain = PLAIN["segments"](rules, values, silent)
    assert [row[:3] for row in plain] == [(part.start, part.stop, part.label) for part in found]
    assert [row[3] for row in plain] == pytest.approx([part.score for part in found])
