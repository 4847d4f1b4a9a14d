"""`enroll`, `verify`, `identify`, `voices`, `forget`, `export-voices`, `import-voices`, `calibrate`, `demo speaker`."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
import typer

from voxlite.cli import voice_store
from voxlite.cli.calibrate import people_of
from voxlite.cli.enroll import parse_consent
from voxlite.cli.verify import STATUSES
from voxlite.errors import AudioError, PassphraseError, StoreError
from voxlite.recognition import keeping
from voxlite.voiceprints import ScryptCost

PASSPHRASE = "korrekt Pferd Batterie"
AGREED = ("--consent", "2026-05-01", "--purpose", "tests")


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    """Vaults of this process cost nothing to open; the passphrase comes from the environment."""
    real = keeping.Vault
    monkeypatch.setattr(
        keeping, "Vault", lambda *args, **named: real(*args, **named | {"cost": ScryptCost(16, 8, 1)})
    )
    monkeypatch.setenv("VOXLITE_PASSPHRASE", PASSPHRASE)
    monkeypatch.delenv("VOXLITE_EXPORT_PASSPHRASE", raising=False)


@pytest.fixture
def speakers(samples_dir):
    """Recordings by person."""
    return {
        person: [samples_dir / f"speaker-{person}-{number}.flac" for number in (1, 2, 3)]
        for person in ("man", "woman", "armelle", "july")
    }


@pytest.fixture
def ask(in_process, speaker_model, tmp_path):
    """Run a command of the store in the test's folder; those that hear something get the tiny model."""

    def run(command, *args, **named):
        hears = ("--model", speaker_model, "--threads", 1) if command in HEAR else ()
        return in_process(command, *args, "--store", tmp_path / "voices.vault", *hears, **named)

    return run


HEAR = ("enroll", "verify", "identify", "calibrate")


@pytest.fixture
def with_man(ask, speakers):
    assert ask("enroll", "man", *speakers["man"][:2], *AGREED, "--source", "headset").exit_code == 0
    return ask


def answer(result):
    assert result.exit_code in (0, 3, 4), result.stderr
    return json.loads(result.stdout)


def one_line(result):
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("voxlite: error: ")
    return line


def test_a_persons_way_through_the_store(with_man, speakers):
    text = with_man("verify", "man", speakers["man"][2]).stdout
    assert text.startswith("man: accepted\n  probability 0.8")
    assert "against 2 references, the nearest the reference 'headset'" in text
    assert "of 2026-" not in text.splitlines()[1]
    assert "'headset'" in text
    verified = answer(with_man("verify", "man", speakers["man"][2], "--json"))
    assert verified["schema"] == "voxlite.verification/1"
    assert (verified["person"], verified["label"]) == ("man", "accepted")
    assert verified["score"] >= round(verified["threshold"], 4)
    refused = with_man("verify", "man", speakers["armelle"][1])
    assert (refused.exit_code, refused.stdout.splitlines()[0]) == (3, "man: rejected")
    assert "narrow band (telephone) against a wideband enrollment" in refused.stdout
    assert with_man("identify", speakers["man"][2]).stdout.startswith("man\n")
    assert answer(with_man("identify", speakers["armelle"][1], "--json"))["label"] == "unknown"
    listed = answer(with_man("voices", "--json"))["voices"]
    assert [(voice["person"], voice["n_references"], voice["models"]) for voice in listed] == [
        ("man", 2, ["tiny 1"])
    ]
    assert "headset" in with_man("voices").stdout
    receipt = answer(with_man("forget", "man", "--json"))
    assert (receipt["what"], receipt["n_prints"], receipt["proven"]) == ("man", 2, True)
    assert "nobody is enrolled" in with_man("voices").stdout
    assert "nobody is enrolled" in with_man("identify", speakers["man"][2]).stdout


def test_enroll_says_what_is_weak(ask, speakers, tmp_path):
    text = ask("enroll", "man", *speakers["man"][:2], *AGREED).stdout
    assert text.startswith("man: 2 new references\n  5.8 s of speech in all; kept in ")
    assert "warning: only 5.8 s of speech" in text
    told = answer(ask("enroll", "man", speakers["man"][2], speakers["armelle"][1], *AGREED, "--json"))
    assert told["n_references"] == 2
    assert f"{speakers['armelle'][1]}: does not sound like" in told["warnings"][0]
    line = one_line(ask("enroll", "woman", speakers["woman"][0], *AGREED))
    assert "woman: 3.8 s of speech in 1 usable recording: enroll with 5 s or more" in line
    one_line(ask("enroll", "woman", tmp_path / "none.wav", *AGREED))


def test_too_little_speech_has_a_status_of_its_own(with_man, tone):
    result = with_man("verify", "man", tone)
    assert result.exit_code == STATUSES["not enough speech"] == 4
    assert "only 0.0 s of speech: 1 s is needed" in result.stdout


def test_far_moves_the_bar(with_man, speakers):
    bars = [
        answer(with_man("identify", speakers["man"][2], "--far", far, "--json"))["threshold"]
        for far in (0.1, 0.001)
    ]
    assert bars[0] < bars[1]
    assert "above 0 and below 1" in one_line(with_man("verify", "man", speakers["man"][2], "--far", 0))


def test_prints_of_another_model_name_the_cure(with_man, in_process, speakers, tmp_path, speaker_model):
    text = speaker_model.read_bytes()
    assert text.count(b'"name": "tiny"') == 1
    other = tmp_path / "other.tflite"
    other.write_bytes(text.replace(b'"name": "tiny"', b'"name": "tony"'))
    line = one_line(
        in_process("identify", speakers["man"][2], "--store", tmp_path / "voices.vault", "--model", other)
    )
    assert "man: enrolled with the model tiny 1, which cannot be compared with tony 1: enroll again" in line


def test_consent_and_purpose_are_asked_for(ask, speakers):
    missing = ask("enroll", "man", *speakers["man"])
    assert missing.exit_code == 2
    assert "--consent" in missing.stderr
    odd = ask("enroll", "man", *speakers["man"], "--consent", "yes", "--purpose", "tests")
    assert odd.exit_code == 2
    assert "say when the person agreed" in odd.stderr.replace("\n", " ").replace("│", "").replace("  ", " ")
    assert parse_consent("2026-05-01T10:00:00+02:00") == datetime(2026, 5, 1, 8, tzinfo=timezone.utc)
    assert parse_consent("2026-05-01T08:00:00Z") == datetime(2026, 5, 1, 8, tzinfo=timezone.utc)
    assert abs((parse_consent(" Now ") - datetime.now(timezone.utc)).total_seconds()) < 60
    assert parse_consent("2026-05-01").tzinfo is not None
    with pytest.raises(typer.BadParameter):
        parse_consent("0000-13-01")


def test_voices_move_under_a_passphrase_of_their_own(with_man, in_process, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("quite another passphrase\r\nsecond line\n", encoding="utf-8")
    file = tmp_path / "voices.json"
    done = with_man("export-voices", file, "--export-passphrase-file", secret)
    assert done.stdout.replace("\n", "") == f"{file}: 2 voiceprints"
    assert "exists already" in one_line(with_man("export-voices", file))
    other = ("--store", tmp_path / "other.vault")
    assert "passphrase is wrong" in one_line(in_process("import-voices", file, *other))
    brought = in_process("import-voices", file, *other, "--export-passphrase-file", secret, "--json")
    assert answer(brought) == {
        "schema": "voxlite.import/1",
        "file": str(file),
        "n_prints": 2,
        "n_added": 2,
        "persons": ["man"],
    }
    again = in_process("import-voices", file, *other, "--export-passphrase-file", secret)
    assert again.stdout.splitlines() == ["0 of 2 voiceprints are new", "  in the file: man"]
    assert answer(with_man("export-voices", file, "--force", "--json"))["n_prints"] == 2
    assert in_process("import-voices", file, *other).exit_code == 0


def test_calibrate_on_folders_and_back(with_man, speakers, tone, tmp_path):
    before = answer(with_man("verify", "man", speakers["man"][2], "--json"))
    for person, files in speakers.items():
        (tmp_path / "people" / person).mkdir(parents=True)
        for path in files:
            (tmp_path / "people" / person / path.name).symlink_to(path)
    result = answer(with_man("calibrate", tmp_path / "people", "--json"))
    assert result["calibration"]["n_people"] == 4
    assert result["calibration"]["n_recordings"] == 12
    assert result["before"]["n_same"] == 12
    after = answer(with_man("verify", "man", speakers["man"][2], "--json"))
    assert after["score"] != before["score"]
    text = with_man("calibrate", tmp_path / "people", f"man={tone}").stdout
    assert "left out, under a second of speech: man: " in text
    assert text.startswith("calibrated on 12 recordings of 4 people\n  LLR x ")
    assert "after: FAR" in text
    assert with_man("calibrate", "--reset").stdout == "the model's own calibration is in use\n"
    assert answer(with_man("calibrate", "--reset", "--json")) == {
        "schema": "voxlite.calibration/1",
        "reset": False,
    }
    assert answer(with_man("verify", "man", speakers["man"][2], "--json")) == before
    assert with_man("calibrate").exit_code == 2
    assert with_man("calibrate", "--reset", tmp_path / "people").exit_code == 2
    assert "calibrating needs 3" in one_line(with_man("calibrate", tmp_path / "people" / "man"))


def test_people_are_told_from_folders_and_names(tmp_path, monkeypatch):
    for name in ("all/ada/1.wav", "all/bob/x/2.wav", "all/.hidden/4.wav", "cleo/3.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    found = people_of(["all", "cleo", "ada=cleo/3.wav", "Dan=cleo"])
    assert {name: [str(path) for path in paths] for name, paths in found.items()} == {
        "ada": ["all/ada/1.wav", "cleo/3.wav"],
        "bob": ["all/bob/x/2.wav"],
        "cleo": ["cleo/3.wav"],
        "Dan": ["cleo/3.wav"],
    }
    (tmp_path / "empty").mkdir()
    with pytest.raises(AudioError, match="no recordings"):
        people_of(["empty"])


def test_where_a_passphrase_comes_from(monkeypatch, tmp_path):
    file = tmp_path / "secret"
    file.write_bytes("füll of wörds\n".encode())
    assert voice_store.passphrase_of(file, "X", "passphrase") == "füll of wörds"
    monkeypatch.setenv("X", "from the environment")
    assert voice_store.passphrase_of(None, "X", "passphrase") == "from the environment"
    monkeypatch.setenv("X", "")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    with pytest.raises(PassphraseError, match="set X, give a file"):
        voice_store.passphrase_of(None, "X", "passphrase")
    for content in (None, b"\xff\xfe"):
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        with pytest.raises(PassphraseError, match="cannot read the passphrase"):
            voice_store.passphrase_of(file, "X", "passphrase")
    asked = []
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(typer, "prompt", lambda text, **named: asked.append((text, named)) or "typed")
    assert voice_store.passphrase_of(None, "X", "passphrase", new=True) == "typed"
    assert asked == [("passphrase", {"hide_input": True, "confirmation_prompt": True, "err": True})]


def test_a_wrong_passphrase_is_one_line(with_man, monkeypatch, speakers):
    monkeypatch.setenv("VOXLITE_PASSPHRASE", "something else")
    assert "the passphrase is wrong" in one_line(with_man("identify", speakers["man"][2]))
    monkeypatch.delenv("VOXLITE_PASSPHRASE")
    assert "set VOXLITE_PASSPHRASE" in one_line(with_man("voices"))


def test_the_keyring_opens_the_store_and_exports_ask_for_more(ask, monkeypatch, speakers, tmp_path):
    kept: list[bool] = []

    def from_keyring(account="voiceprints", *, create=False):
        kept.append(create)
        if not any(kept):
            raise StoreError("the keyring has no passphrase")
        return "random words of the keyring"

    monkeypatch.setattr("voxlite.voiceprints.passphrase_from_keyring", from_keyring)
    assert "keyring has no passphrase" in one_line(ask("voices", "--keyring"))
    assert ask("enroll", "man", *speakers["man"], *AGREED, "--keyring").exit_code == 0
    assert ask("voices", "--keyring").exit_code == 0
    assert kept == [False, True, False]
    line = one_line(ask("export-voices", tmp_path / "out.json", "--keyring"))
    assert "no passphrase of the exported file: set VOXLITE_EXPORT_PASSPHRASE" in line


def test_an_erasure_that_is_not_proven_says_so(with_man, monkeypatch):
    from voxlite.recognition import VoiceprintStore
    from voxlite.voiceprints import Erasure

    when = datetime(2026, 5, 1, tzinfo=timezone.utc)
    receipt = Erasure("man", 1, 10, (("v", 1),), ("v-wal",), when)
    monkeypatch.setattr(VoiceprintStore, "forget", lambda self, name: receipt)
    text = with_man("forget", "man").stdout
    assert "1 voiceprint erased" in text
    assert "still in v-wal" in text


def test_forget_says_what_it_searched(with_man):
    text = with_man("forget", "man").stdout
    assert text.startswith("man: 2 voiceprints erased\n  nothing of it is left in voices.vault (")


def test_without_a_store_questions_say_so(ask, speakers):
    for command in (("voices",), ("forget", "Ada"), ("identify", speakers["man"][0])):
        assert "there is no store of voiceprints yet: enroll somebody first" in one_line(ask(*command))


def test_help_says_what_is_not_detected_and_what_the_status_means(in_process):
    text = " ".join(in_process("verify", "--help").stdout.split())
    assert (
        "Not detected yet: a recording of the person that is played back, and a cloned or synthetic voice"
        in text
    )
    assert "Exit status: 0 accepted, 3 rejected, 4 not enough speech" in text


def test_the_program_as_a_process(as_process, speaker_model, speakers, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE)
    common = ("--passphrase-file", secret)
    hears = (*common, "--model", speaker_model, "--threads", 1)
    home = {"XDG_DATA_HOME": str(tmp_path / "data"), "VOXLITE_PASSPHRASE": ""}
    done = as_process("enroll", "man", *speakers["man"][:2], *AGREED, *hears, **home)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "data" / "voxlite" / "voices.vault").is_file()
    piped = as_process("verify", "man", "-", *hears, stdin=speakers["man"][2].read_bytes(), **home)
    assert (piped.returncode, piped.stderr) == (0, b"")
    rejected = as_process("verify", "man", speakers["armelle"][2], *hears, **home)
    assert (rejected.returncode, rejected.stderr) == (3, b"")
    wrong = as_process("voices", **home | {"VOXLITE_PASSPHRASE": "not the right one"})
    assert (wrong.returncode, wrong.stdout) == (1, b"")
    assert len(wrong.stderr.splitlines()) == 1


def test_the_demo_goes_through_a_store(in_process, speaker_model, samples_dir, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    common = ("demo", "speaker", "--samples", samples_dir, "--model", speaker_model, "--threads", 1)
    shown = answer(in_process(*common, "--json"))
    assert (tmp_path / "demo-speaker.png").stat().st_size > 10_000
    assert shown["model"] == "tiny 1"
    assert len(shown["answers"]) == 16
    assert shown["answers"][-1]["question"] == "who is it now?"
    assert shown["erasure"]["proven"]
    assert len(shown["llrs"]) == len(shown["names"]) == 12
    text = in_process(*common, "--picture", "x.svg").stdout
    assert "of 16 answers are right" in text
    assert (tmp_path / "x.svg").is_file()
    assert "name its samples folder" in one_line(in_process("demo", "speaker", "--samples", tmp_path))
    assert "must end in" in one_line(in_process(*common, "--picture", "x.gif"))


def test_the_demo_finds_the_repositorys_recordings(samples_dir, monkeypatch, tmp_path):
    from voxlite.recognition.demonstration import find_samples

    assert find_samples(samples_dir) == samples_dir
    monkeypatch.chdir(samples_dir.parent)
    assert find_samples().resolve() == samples_dir


def test_gender_and_mood_stand_beside_an_identity_if_asked(ask, speakers):
    noted = ask("enroll", "man", *speakers["man"][:2], *AGREED, "--note-gender")
    assert noted.exit_code == 0
    assert answer(ask("voices", "--json"))["voices"][0]["genders"] == ["male"]
    assert ask("voices").stdout.splitlines()[1].rstrip().endswith("male")
    plain = answer(ask("verify", "man", speakers["man"][2], "--json"))
    assert "traits" not in plain
    told = answer(ask("verify", "man", speakers["man"][2], "--tasks", "mood,gender", "--json"))
    assert (told["label"], told["score"], list(told["traits"])) == (
        plain["label"],
        plain["score"],
        ["gender", "mood"],
    )
    assert told["traits"]["gender"]["decision"]["label"] == "male"
    assert 0 <= told["traits"]["mood"]["arousal"] <= 1
    text = ask("identify", speakers["man"][2], "--tasks", "gender").stdout
    assert text.startswith("man\n")
    assert "\nGender: male  (male " in text
    doubted = ask("verify", "man", speakers["woman"][2], "--tasks", "gender").stdout
    assert "doubt: the voice sounds female, man's enrolled voice male" in doubted


def test_a_trait_that_is_none_is_wrong_use(ask, speakers):
    result = ask("verify", "man", speakers["man"][0], "--tasks", "age")
    assert result.exit_code == 2
    assert "choose from gender, mood" in result.stderr


def test_a_name_that_nobody_has_is_told_before_the_recording_is_heard(with_man, tmp_path):
    assert "none.wav" not in one_line(with_man("verify", "nobody", tmp_path / "none.wav"))
