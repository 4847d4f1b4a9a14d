import json

import numpy as np


def test_command_measures_vaults_of_each_size(bench, tmp_path, capsys):
    out = tmp_path / "voiceprints.json"
    bench("voiceprints").main(["--prints", "1", "30", "--dim", "8", "--repeats", "2", "--out", str(out)])
    result = json.loads(out.read_text(encoding="utf-8"))
    assert [row["n_prints"] for row in result["vaults"]] == [1, 30]
    assert result["dim"] == 8
    assert "cryptography" in result["machine"]["packages"]
    for row in result["vaults"]:
        assert row["opened"]["peak_mb"] >= row["opened"]["imported_mb"] > 0
        assert all(value > 0 for key, value in row["opened"].items())
        assert all(row[key] > 0 for key in ("fill_s", "file_mb", "enroll_ms", "forget_s", "prints_of_one_ms"))
    assert "decide," in capsys.readouterr().out


def test_made_up_voices_are_unit_vectors_of_two_each(bench):
    module = bench("voiceprints")
    vectors = module.unit(5, 8, seed=3)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert [one.person for one in module.prints_of(vectors, "P")] == ["P 0", "P 0", "P 1", "P 1", "P 2"]


def test_section_shows_a_column_for_each_size(bench):
    section = bench("sections.voiceprints")
    assert section.VOICEPRINTS in "\n".join(section.voiceprints(None))
    opened = {"unlock_s": 0.6, "read_s": 1.25, "imported_mb": 40.0, "resident_mb": 160.0,
              "identify_ms_median": 12.5, "identify_ms_p95": 14.0}  # fmt: skip
    row = {
        "n_prints": 1000,
        "file_mb": 2.0,
        "prints_of_one_ms": 2.5,
        "enroll_ms": 4.0,
        "forget_s": 0.07,
        "opened": opened,
    }
    text = "\n".join(section.voiceprints({"dim": 192, "vaults": [row, row | {"n_prints": 5}]}))
    assert "| prints | 1000 | 5 |" in text
    assert "| memory then, MiB | 120 | 120 |" in text
    assert "of 192 numbers" in text
    assert "deciding" not in text
    row["opened"] = opened | {"decide_ms_median": 17.25, "decide_ms_p95": 18.0}
    text = "\n".join(section.voiceprints({"dim": 192, "vaults": [row]}))
    assert "| deciding who it is, without listening, median, ms | 17.25 |" in text
