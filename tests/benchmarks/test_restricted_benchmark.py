"""The benchmark of restricted clips: a finished training is read, not made again; what its section says."""

from __future__ import annotations

import json


def training(folder, errors, n_classes):
    folder.mkdir(parents=True)
    epochs = [{"step": 150, "eer_one": 0.5, "loss": 1.0}, {"step": 300, "loss": 0.4, **errors}]
    (folder / "history.json").write_text(json.dumps({"step": 300, "minutes": 13.51, "epochs": epochs}))
    (folder / "plan.json").write_text(json.dumps({"n_classes": n_classes}))


def test_finished_trainings_are_compared(bench, tmp_path, monkeypatch, capsys):
    module, section = bench("restricted"), bench("sections.restricted")
    training(tmp_path / "free", {"eer_one": 0.02, "eer_two": 0.1}, 450)
    training(tmp_path / "research", {"eer_one": 0.01234, "eer_two": 0.11}, 700)
    assert module.is_done(tmp_path / "free", 300)
    assert not module.is_done(tmp_path / "free", 400)
    assert not module.is_done(tmp_path / "none", 300)
    out = tmp_path / "restricted.json"
    monkeypatch.setattr("sys.argv", ["restricted", "--runs", str(tmp_path), "--out", str(out)])
    module.main()
    assert "restricted clips too" in capsys.readouterr().out
    data = json.loads(out.read_text())
    assert data["trainings"]["research"] == {
        "classes": 700, "minutes": 13.5, "eer": {"one": 0.0123, "two": 0.11},
    }  # fmt: skip
    text = "\n".join(section.restricted(data))
    assert "| restricted clips too | 700 | 1.23 % | 11.00 % |" in text
    assert section.restricted(None)[-1].count(section.RESTRICTED) == 1
