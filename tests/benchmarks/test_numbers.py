import copy
import importlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MACHINE = {
    "date": "2030-01-02",
    "cpu": "A processor",
    "cores": 3,
    "system": "Linux x86_64",
    "python": "3.12.1",
    "packages": {"numpy": "2.1.0", "silero-vad": "6.2.3", "librosa": "0.11.0"},
}


@pytest.fixture
def numbers(monkeypatch):
    """Import the command; the repository's root is not on the path of an installed package."""
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("benchmarks.numbers")


def condition(auc, far=0.03):
    return {
        "roc_auc": auc, "eer": 0.02, "far_at_99_recall": far, "far_at_95_recall": far / 2, "accuracy": 0.97,
        "recall": 0.98, "false_alarm_rate": 0.04, "ece": 0.0123,
    }  # fmt: skip


def measured(auc, shares, conditions=("clean", "5 dB", "telephone")):
    """Return an evaluation; `shares` maps (kind, source) to the share called voice."""
    rows = [
        {"kind": kind, "source": source, "n": 7, "called_voice": share, "mean_score": share}
        for (kind, source), share in shares.items()
    ]
    return {
        "protocol": {"split": "test", "per_group": 80, "window_s": 1.0, "never_voice_s": 3.0, "bins": 15},
        "threshold": 0.5,
        "n_speech": 14,
        "n_other": 21,
        "conditions": {name: condition(auc) for name in conditions},
        "by_source": dict.fromkeys(conditions, rows),
        "apart": [{"kind": "babble", "source": "crowd", "n": 4, "called_voice": 0.25, "mean_score": 0.3}],
        "never_voice": {},
    }


def sources(recall, alarm):
    speech = {("speech", f"talk {index}"): recall - index / 100 for index in range(7)}
    return speech | {("music", "songs"): alarm, ("nonhuman", "songs"): 0.0}


VOICE = {
    "machine": MACHINE,
    "detectors": {
        "voxlite": measured(0.9981, sources(0.95, 0.031)),
        "Silero VAD, largest": measured(0.9973, sources(1.0, 0.5)),
        "Silero VAD, mean": measured(0.9912, sources(0.8, 0.0)),
        "WebRTC VAD": measured(0.7, sources(1.0, 1.0)),
    },
}
EVALUATION = measured(0.9981, sources(0.95, 0.031), ("clean", "0.2 s", "whole clip")) | {
    "about": {
        "voxlite": "1.2.3",
        "model": {
            "task": "voice", "name": "compact", "version": "7", "licence": "X", "size_bytes": 381_904,
            "weights": "float16",
        },
    },
    "never_voice": {
        "families": {
            "noise": {"n": 20, "worst_score": 0.12, "worst": "pink noise at 0 dBFS"},
            "tones": {"n": 30, "worst_score": 0.71, "worst": "tone 50 Hz at -10 dBFS"},
        },
        "called_voice": [{"sound": f"tone {hz} Hz", "score": 0.6} for hz in range(12)],
        "voice_found": [],
    },
}  # fmt: skip


def score(right, onset, offset):
    return {
        "n_steps": 1200, "right_share": right, "onset_error_ms": onset, "offset_error_ms": offset, "n_missed": 0,
        "n_extra": 1, "precision": {"voice": 0.96, "silence": None}, "recall": {"voice": 0.97, "silence": None},
    }  # fmt: skip


SEGMENTS = {
    "machine": MACHINE,
    "sound": "call.flac",
    "voice_or_not": {"voxlite": score(0.973, 50.5, 69.6), "Silero VAD": score(0.972, 35.0, 109.0)},
    "voxlite_three_labels": score(0.961, 50.5, 69.6),
}


def latency(ms, size):
    return {"ms_p1": ms / 2, "ms_median": ms, "ms_p95": 2 * ms, "model_bytes": size}


def taken(s):
    return {"s": s, "x_real_time": 600 / s}


SOUND = {"voxlite": taken(0.4), "Silero VAD": taken(4.0), "Silero VAD, sequence file": taken(2.0)}
STAGES = {"decoding": 0.1, "model": 0.3}
SPEED = {
    "machine": {**MACHINE, "date": "2030-01-03"},
    "detectors": {"audio_s": 600, "repeats": 7, "no silence in it": SOUND, "the sample call": SOUND},
    "analysis": {"audio_s": 600, "repeats": 7, "no silence in it": {**taken(0.5), "stages_s": STAGES}},
    "window": {**latency(0.34, 381_904), "peers": {"Silero VAD": latency(3.9, 2_328_000)}},
    "memory": {"hours": 3.0, "threads": 4, "peak_mb": 181.4, "imported_mb": 31.6},
}


def work(ms, compiled, numpy):
    over = {"voxlite, compiled": compiled, "voxlite, NumPy": numpy}
    return {"ms": ms, "x_real_time": 4225, "gflops": 33.4, "times_limit": 2.51, "over": over}


def mfcc(seconds):
    rows = {"voxlite, compiled": work(2.71, 1.0, 0.19), "voxlite, NumPy": work(14.2, 5.24, 1.0),
            "librosa": work(20.4, 7.53, 1.44)}  # fmt: skip
    return {"audio_s": seconds, "runs": 15, "limit_ms": 1.08, "rows": rows}


FRONTEND = {
    "machine": MACHINE,
    "isa": "avx2",
    "peak_gflops": 83.4,
    "mflop_per_s": 1.5,
    "goals": [
        {"peer": "librosa", "own": "voxlite, compiled", "least": 3.0, "found": 7.53, "met": True},
        {"peer": "librosa", "own": "voxlite, NumPy", "least": 1.5, "found": 1.44, "met": False},
    ],
    "results": [mfcc(60), mfcc(600)],
}
PARITY = [{"variant": "int8", "size_bytes": 401_000, "largest": 0.0312, "mean": 0.00123}]


@pytest.fixture
def place(tmp_path):
    """Lay out results; return the options that point there, and a function that writes one file."""
    folder = tmp_path / "results"
    (folder / "evaluation").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    readme = "# x\n\nbefore\n\n<!-- figures -->\nold\n<!-- /figures -->\n\nafter\n"
    (tmp_path / "README.md").write_text(readme)

    def write(name, data):
        (folder / f"{name}.json").write_text(json.dumps(data))

    arguments = [
        "--results",
        folder,
        "--parity",
        folder / "parity.json",
        "--docs",
        tmp_path / "docs" / "numbers.md",
    ]
    arguments += ["--readme", tmp_path / "README.md", "--images", tmp_path / "docs" / "images"]
    return [str(argument) for argument in arguments], write


@pytest.fixture
def full(place):
    _, write = place
    parts = {"voice": VOICE, "segments": SEGMENTS, "speed": SPEED, "frontend": FRONTEND, "parity": PARITY}
    for name, data in (parts | {"evaluation/evaluation": EVALUATION}).items():
        write(name, data)
    return place


def page(tmp_path):
    return (tmp_path / "docs" / "numbers.md").read_text()


def cells(text, start):
    """Return the cells of every table row that starts with a text."""
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| {start} |")]


def section(text, heading):
    return text.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]


def test_without_results_every_section_names_its_command(numbers, place, tmp_path):
    assert numbers.main(place[0]) == 0
    text = page(tmp_path).replace("\n", " ")
    for name in ("voice", "segments", "speed", "frontend", "accelerations", "nets"):
        assert f"Not measured yet: `python -m benchmarks.{name}` makes" in text
    assert "`voxlite evaluate voice --out benchmarks/results/evaluation` makes" in text
    assert "`voxlite export` makes" in text
    readme = (tmp_path / "README.md").read_text()
    assert cells(readme, "ROC-AUC at 5 dB SNR") == [
        ["ROC-AUC at 5 dB SNR", "-", "-", "`python -m benchmarks.voice`"]
    ]
    assert readme.startswith("# x\n\nbefore\n\n<!-- figures -->\n\n| what")
    assert readme.endswith("\n\n<!-- /figures -->\n\nafter\n")
    assert "old" not in readme


def test_readme_takes_the_better_of_a_peers_scores(numbers, full, tmp_path):
    assert numbers.main(full[0]) == 0
    readme = (tmp_path / "README.md").read_text()
    wanted = {
        "what": ["voxlite", "Silero VAD 6.2"],
        "ROC-AUC, one-second clips, clean": ["0.9981", "0.9973"],
        "false alarms at 99 % recall, clean": ["3.0 %", "3.0 %"],
        "segment borders on the sample call, mean error": [
            "onsets 50 ms, offsets 70 ms",
            "onsets 35 ms, offsets 109 ms",
        ],
        "one-second window, one thread, front end included": ["0.34 ms", "3.90 ms"],
        "ten minutes analysed, one thread": ["0.50 s (1200 x real time)", "2.00 s, scores alone"],
        "size of the model": ["382 kB", "2328 kB"],
        "MFCC of 60 s, one thread, beside other libraries": [
            "compiled 2.7 ms, NumPy 14 ms, librosa 20 ms",
            "",
        ],
    }
    for what, values in wanted.items():
        assert [row[1:3] for row in cells(readme, what)] == [values]


def test_other_lengths_are_not_passed_off_as_ten_minutes(numbers, full, tmp_path):
    short = copy.deepcopy(SPEED)
    short["analysis"]["audio_s"] = short["detectors"]["audio_s"] = 20
    full[1]("speed", short)
    full[1]("frontend", {**FRONTEND, "results": [mfcc(5)]})
    assert numbers.main(full[0]) == 0
    readme = (tmp_path / "README.md").read_text()
    assert cells(readme, "ten minutes analysed, one thread")[0][1:3] == ["-", "-"]
    assert cells(readme, "MFCC of 60 s, one thread, beside other libraries")[0][1] == "-"


def test_page_shows_figures_and_who_is_ahead(numbers, full, tmp_path):
    assert numbers.main(full[0]) == 0
    text = page(tmp_path)
    assert cells(text, "ROC-AUC, clean") == [["ROC-AUC, clean", "**0.9981**", "0.9973", "0.9912", "0.7000"]]
    assert "No peer is ahead of voxlite in any row." in text
    assert cells(text, "mean error of onsets, ms")[0][1:] == ["50", "**35**"]
    assert cells(text, "silence") == [["silence", "-", "-"]]
    assert cells(text, "model") == [["model", "300.0", "75.0 %"]]
    assert "181 MiB" in text
    assert cells(text, "librosa 0.11") == [["librosa 0.11", "20.4", "4225", "7.5", "1.4", "2.5"]] * 2
    assert "600 s of sound:" in text
    assert cells(text, "librosa / voxlite, NumPy") == [["librosa / voxlite, NumPy", "1.5", "1.4", "no"]]
    assert "The compiled kernel ran with avx2." in text
    assert cells(text, "int8") == [["int8", "401", "0.031", "0.0012"]]
    assert cells(text, "whole clip")[0][-1] == "0.012"
    assert "voice-compact, version 7, float16, 382 kB" in text
    assert (
        "A processor, 3 cores, Linux x86_64, Python 3.12.1, 2030-01-03 | `python -m benchmarks.speed`" in text
    )
    assert "silero-vad 6.2.3, voxlite 1.2.3" in text
    assert "come from different models" not in text
    assert all(len(line) <= 118 for line in text.splitlines() if not line.startswith("|"))


def test_a_front_end_without_a_kernel_and_without_peers(numbers, full, tmp_path):
    alone = mfcc(60)
    alone["rows"] = {"voxlite, NumPy": {**work(14.2, 1.0, 1.0), "over": {"voxlite, NumPy": 1.0}}}
    full[1]("frontend", {**FRONTEND, "isa": None, "goals": [], "results": [alone]})
    assert numbers.main(full[0]) == 0
    found = section(page(tmp_path), "## Front end")
    assert cells(found, "voxlite, NumPy") == [["voxlite, NumPy", "14.2", "4225", "1.0", "2.5"]]
    assert "There was no compiled kernel." in found
    readme = (tmp_path / "README.md").read_text()
    assert cells(readme, "MFCC of 60 s, one thread, beside other libraries")[0][1] == "NumPy 14 ms"


def test_a_peer_ahead_is_named(numbers, full, tmp_path):
    voice = copy.deepcopy(VOICE)
    voice["detectors"]["Silero VAD, mean"]["conditions"]["5 dB"]["roc_auc"] = 0.9999
    voice["detectors"]["WebRTC VAD"]["conditions"]["5 dB"]["roc_auc"] = (
        0.99810001  # no difference that is shown
    )
    full[1]("voice", voice)
    assert numbers.main(full[0]) == 0
    assert "A peer is ahead of voxlite in: ROC-AUC, 5 dB (Silero VAD 6.2, mean)." in page(tmp_path)


def test_five_weakest_sources_worst_first(numbers, full, tmp_path):
    assert numbers.main(full[0]) == 0
    weak = section(page(tmp_path), "### Weakest sources of voxlite")
    assert "errors in 7 of 7 sources; the 5 worst:" in weak
    named = [line.split(" | ")[0].strip("| ") for line in weak.splitlines() if line.startswith("| talk")]
    assert named == ["talk 6", "talk 5", "talk 4", "talk 3", "talk 2"]
    assert "errors in 1 of 2 sources:" in weak
    assert cells(weak, "songs") == [["songs", "music", "7", "3.1 %", "50.0 %", "0.0 %", "100.0 %"]]


def test_sources_without_errors_are_not_called_weak(numbers, full, tmp_path):
    voice = copy.deepcopy(VOICE)
    flawless = {key: float(key[0] == "speech") for key in sources(1.0, 0.0)}
    voice["detectors"]["voxlite"] = measured(1.0, flawless)
    full[1]("voice", voice)
    assert numbers.main(full[0]) == 0
    weak = section(page(tmp_path), "### Weakest sources of voxlite")
    assert "recall: no error in any of 7 sources." in weak
    assert "false alarms: no error in any of 2 sources." in weak
    assert "come from different models or protocols" in page(tmp_path)  # 1.0 here, 0.9981 in the evaluation


def test_never_voice_tells_the_worst_and_the_wrong(numbers, full, tmp_path):
    assert numbers.main(full[0]) == 0
    never = section(page(tmp_path), "## Never voice").replace("\n", " ")
    assert "50 synthetic sounds of 3 s" in never
    assert "The highest score is 0.710, of tone 50 Hz at -10 dBFS" in never
    assert "12 of 50 are called voice: tone 0 Hz (0.600);" in never
    assert "tone 9 Hz (0.600) and 2 more. In 0 of 50 the detector finds a segment of voice." in never


def test_a_run_of_some_parts_only(numbers, full, tmp_path):
    full[1]("speed", {"machine": MACHINE, "memory": SPEED["memory"]})
    full[1]("voice", {"machine": MACHINE, "detectors": {"WebRTC VAD": VOICE["detectors"]["WebRTC VAD"]}})
    assert numbers.main(full[0]) == 0
    text = page(tmp_path)
    assert "`python -m benchmarks.speed window` makes" in text
    assert "181 MiB" in text
    assert "The run left voxlite out." in text
    readme = (tmp_path / "README.md").read_text()
    assert cells(readme, "ROC-AUC, one-second clips, clean")[0][1:3] == ["-", "-"]
    assert cells(readme, "size of the model")[0][1:3] == ["382 kB", "-"]


def test_pictures_are_copied_and_shown(numbers, full, tmp_path):
    for name in ("roc.png", "reliability.png"):
        (tmp_path / "results" / "evaluation" / name).write_bytes(name.encode())
    assert numbers.main(full[0]) == 0
    assert (tmp_path / "docs" / "images" / "roc.png").read_bytes() == b"roc.png"
    assert "![ROC curves](images/roc.png)" in page(tmp_path)
    assert "det.png" not in page(tmp_path)
    assert "accelerations.png" not in page(tmp_path)
    shutil.rmtree(tmp_path / "results" / "evaluation")  # a fresh clone holds the copies only
    (tmp_path / "results" / "evaluation").mkdir()
    full[1]("evaluation/evaluation", EVALUATION)
    assert numbers.main([*full[0], "--check"]) == 0


def test_picture_of_the_accelerations_stands_in_their_section(numbers, full, tmp_path):
    rows = {"1": {"title": "threads", "default": "four", "parts": [], "remarks": []}}
    full[1]("accelerations", {"machine": MACHINE, "claim": {"row": "1", "factors": [4, 8]}, "rows": rows})
    (tmp_path / "docs" / "images").mkdir()
    (tmp_path / "docs" / "images" / "accelerations.png").write_bytes(b"png")
    assert numbers.main(full[0]) == 0
    found = section(page(tmp_path), "## Accelerations")
    assert "![Factors of the accelerations](images/accelerations.png)" in found
    assert cells(found, "1") == [["1", "threads", "four", "-"]]


def test_check_finds_what_differs_and_writes_nothing(numbers, full, tmp_path, capsys):
    assert numbers.main([*full[0], "--check"]) == 1
    assert not (tmp_path / "docs" / "numbers.md").exists()
    assert "old" in (tmp_path / "README.md").read_text()
    assert numbers.main(full[0]) == 0
    assert numbers.main([*full[0], "--check"]) == 0
    capsys.readouterr()
    path = tmp_path / "docs" / "numbers.md"
    path.write_text(path.read_text().replace("0.9981", "0.9999"))
    assert numbers.main([*full[0], "--check"]) == 1
    err = capsys.readouterr().err
    assert str(path) in err
    assert "README.md" not in err
    assert "0.9999" in path.read_text()


@pytest.mark.parametrize(
    "text",
    ["no markers", "<!-- figures --> only", "<!-- /figures --> x <!-- figures -->", "<!-- figures -->" * 2],
)
def test_markers_must_be_there_once(numbers, place, tmp_path, capsys, text):
    (tmp_path / "README.md").write_text(text)
    assert numbers.main(place[0]) == 1
    assert "<!-- figures -->" in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text() == text


def test_broken_json_is_one_line(numbers, place, tmp_path, capsys):
    (tmp_path / "results" / "speed.json").write_text("{")
    assert numbers.main(place[0]) == 1
    assert "speed.json: no JSON" in capsys.readouterr().err
    assert not (tmp_path / "docs" / "numbers.md").exists()


def git(*arguments):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    found = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("this is not a git checkout")
    return found.stdout


def test_documents_equal_the_committed_results(numbers, capsys):
    places = ("benchmarks/results", "src/voxlite/models/parity.json")
    if not git("ls-files", "benchmarks/results"):
        pytest.skip("no benchmark results are committed")
    if git("status", "--porcelain", "--", *places):
        pytest.skip("benchmarks ran here and their results are not committed")
    assert numbers.main(["--check"]) == 0, capsys.readouterr().err
