"""examples/c/verdict.c, built against LiteRT's C library from the wheel, held to a bundle's vectors."""

import json
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "examples" / "c" / "verdict.c"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built program; skipped where there is nothing to build it with."""
    ai_edge_litert = pytest.importorskip("ai_edge_litert")
    library = Path(ai_edge_litert.__path__[0])
    if not (library / "libLiteRt.so").is_file():
        pytest.skip("this LiteRT wheel carries no libLiteRt.so")
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler: apt-get install gcc libc6-dev")
    built = tmp_path_factory.mktemp("c") / "verdict"
    old = tuple(map(int, version("ai-edge-litert").split(".")[:2])) < (2, 2)
    command = [compiler, "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", str(SOURCE), "-o", str(built)]
    command += ["-DLITERT_2_1"] if old else []
    command += [f"-L{library}", "-lLiteRt", f"-Wl,-rpath,{library}", "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return built


def run(program: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_it_agrees_with_every_vector(program: Path, bundle_dir: Path) -> None:
    index = json.loads((bundle_dir / "vectors" / "index.json").read_text())
    names = [entry["name"] for entry in index["vectors"]]
    done = run(program, bundle_dir, *names)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in names:
        label = json.loads((bundle_dir / "vectors" / f"{name}.json").read_text())["clip"]["label"]
        assert f"{name}: {label}, probability" in done.stdout


@pytest.mark.parametrize("edit", ["logit", "score"])
def test_it_fails_when_something_is_off(program: Path, bundle_dir: Path, tmp_path: Path, edit: str) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(bundle_dir, folder)
    path = folder / "vectors" / "buzz.json"
    data = json.loads(path.read_text())
    if edit == "logit":
        data["steps"]["logits"][-1] += 0.001
    else:
        data["clip"]["score"] -= 0.001
    path.write_text(json.dumps(data))
    assert run(program, folder, "buzz").returncode == 1


def test_it_names_what_is_missing(program: Path, bundle_dir: Path, tmp_path: Path) -> None:
    assert "usage" in run(program).stderr
    done = run(program, tmp_path, "buzz")
    assert done.returncode == 2
    assert "config.json: cannot be opened" in done.stderr
    done = run(program, bundle_dir, "gone")
    assert done.returncode == 2
    assert "gone.json: cannot be opened" in done.stderr
