import json
from pathlib import Path

import pytest

CONDITIONS = {"clean": 0.99, "5 dB": 0.98, "telephone": 0.97}


def test_a_part_is_plain_data_with_its_factor(bench):
    module = bench("accelerated.row")
    part = module.Part("x", "slow", "fast", 6.0, 2.0, more={"bytes": 1.0})
    row = module.Row("title", "default", (part,), ("a remark",)).to_dict()
    assert json.loads(json.dumps(row))["parts"][0]["factor"] == 3.0
    assert row["remarks"] == ["a remark"]
    assert row["parts"][0]["off_auc"] is None


class TestCommand:
    @pytest.fixture
    def command(self, bench, monkeypatch, tmp_path):
        module, row = bench("accelerations"), bench("accelerated.row")

        def fake(number):
            def measure(setup):
                part = row.Part(f"part {number}", "a", "b", 10.0 * number, 4.0, CONDITIONS, CONDITIONS,
                                {"silence_share": 0.5})  # fmt: skip
                return row.Row(f"title {number}", f"default {number}", (part,), ("remark",))

            return measure

        monkeypatch.setattr(module, "ROWS", {number: fake(number) for number in module.ROWS})
        paths = ["--out", str(tmp_path / "a.json"), "--picture", str(tmp_path / "images" / "a.png")]
        return lambda *rows: module.main([*rows, *paths])

    def test_rows_are_added_to_those_of_an_earlier_run(self, command, tmp_path, capsys):
        command("5", "3")
        assert list(json.loads((tmp_path / "a.json").read_text())["rows"]) == ["3", "5"]
        command("1")
        data = json.loads((tmp_path / "a.json").read_text())
        assert list(data["rows"]) == ["1", "3", "5"]
        assert data["claim"] == {"row": "1", "factors": [4.0, 8.0]}
        assert (tmp_path / "images" / "a.png").read_bytes().startswith(b"\x89PNG")
        assert "0.9800" in capsys.readouterr().out

    def test_rows_of_another_machine_are_dropped(self, command, tmp_path):
        command("5")
        data = json.loads((tmp_path / "a.json").read_text())
        data["machine"]["cpu"] = "another"
        (tmp_path / "a.json").write_text(json.dumps(data))
        command("4")
        assert list(json.loads((tmp_path / "a.json").read_text())["rows"]) == ["4"]

    def test_all_rows_by_default(self, command, tmp_path):
        command()
        assert list(json.loads((tmp_path / "a.json").read_text())["rows"]) == [str(n) for n in range(1, 9)]

    def test_an_unknown_row_is_refused(self, command, capsys):
        with pytest.raises(SystemExit):
            command("9")
        assert "invalid choice" in capsys.readouterr().err


def test_setup_says_why_there_are_no_windows(bench, monkeypatch):
    monkeypatch.delenv("VOXLITE_CORPUS", raising=False)
    setup = bench("accelerated.row").Setup(inception=Path("none"))
    assert "VOXLITE_CORPUS" in setup.windows
    assert setup.inception_model is None


@pytest.mark.parametrize(
    ("name", "pattern", "number"),
    [
        ("hop 20 ms", "hop * ms", 20),
        ("window 20 ms", "hop * ms", None),
        ("40 bands", "* bands", 40),
        ("300..3400 Hz, 40 bands", "* bands", None),
        ("hop", "hop * ms", None),
    ],
)
def test_curves_join_what_differs_in_one_number(bench, name, pattern, number):
    assert bench("accelerated.picture")._only_number(name, pattern) == number


def test_picture_of_every_kind_of_part(bench, tmp_path):
    def part(on, off="default", on_ms=2.0, **more):
        return {"what": "net", "off": off, "on": on, "off_ms": 1.0, "on_ms": on_ms, "factor": 1 / on_ms,
                "off_auc": CONDITIONS, "on_auc": CONDITIONS, "more": more}  # fmt: skip

    parts = {
        "1": [part("XNNPACK", on_ms=0.01)],
        "3": [part("8 kHz", "48 kHz"), part("8 kHz, 40 bands")],
        "4": [part(name, spread=0.01) for name in ("hop 5 ms", "window 40 ms", "300..3400 Hz, 40 bands")],
        "5": [part("gate", silence_share=share) for share in (0.0, 0.9)],
    }
    rows = {number: {"title": number, "parts": found} for number, found in parts.items()}
    path = tmp_path / "a.png"
    bench("accelerated.picture").draw({"rows": rows, "claim": {"row": "1", "factors": [4, 8]}}, path)
    assert path.read_bytes().startswith(b"\x89PNG")
