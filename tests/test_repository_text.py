"""What no text of the repository may hold."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
KINDS = ("*.py", "*.md", "*.toml", "*.c", "*.h", "*.csv", "*.sh")
FOLDERS = ("src", "docs", "tests", "benchmarks", "scripts", "native", "examples")


def test_nothing_is_left_of_a_merge() -> None:
    texts = [path for folder in FOLDERS for kind in KINDS for path in (ROOT / folder).rglob(kind)]
    texts += [
        ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml")
    ]
    marks = tuple(sign * 7 + " " for sign in "<>")
    assert len(texts) > 300
    held = [
        path.relative_to(ROOT)
        for path in texts
        if any(line.startswith(marks) for line in path.read_text(encoding="utf-8").splitlines())
    ]
    assert held == []
