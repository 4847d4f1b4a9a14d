"""The ARM scripts without a network: what is kept, what is made again, and what a person is told."""

from __future__ import annotations

import dataclasses
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
if str(SCRIPTS) not in sys.path:
    sys.path.insert(0, str(SCRIPTS))
machines, root, package, tests = (
    importlib.import_module(f"arm_{name}") for name in ("machines", "root", "package", "tests")
)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a machine whose folder lies in a path with a space and whose emulator says what it is asked to run."""
    monkeypatch.setattr(machines, "REPOSITORY", tmp_path / "a checkout")
    made = dataclasses.replace(machines.ARM64, emulator="echo")
    made.folder.mkdir(parents=True)
    return made


@pytest.fixture
def steps(machine, monkeypatch):
    """Replace what needs a network or an emulator; returns the steps that were taken."""
    taken = []

    def fetch_packages(machine):
        taken.append("packages")
        return machine.folder

    def unpack(_, target):
        (target / "usr" / "bin").mkdir(parents=True)
        (target / "usr" / "bin" / "python3.11").touch()

    def fetch_wheels(_, version, target):
        taken.append(f"wheels for {version}")
        target.mkdir()

    monkeypatch.setattr(root, "fetch_packages", fetch_packages)
    monkeypatch.setattr(root, "unpack", unpack)
    monkeypatch.setattr(root, "fetch_wheels", fetch_wheels)
    return taken


def test_a_root_is_made_once_and_again_when_it_shall_hold_something_else(machine, steps):
    python = root.prepare(machine)
    assert steps == ["packages", "wheels for 3.11"]
    assert root.prepare(machine) == python
    assert len(steps) == 2
    root.prepare(dataclasses.replace(machine, wheels=("numpy",)))
    assert len(steps) == 4


def test_the_command_calls_the_emulator_whatever_is_in_the_path(machine, steps):
    python = root.prepare(machine)
    done = subprocess.run([str(python), "-c", "a b"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(
        f"-cpu neoverse-n1 -L {machine.folder / 'root'} -E PYTHONHOME={machine.folder / 'root' / 'usr'}"
    )
    assert done.stdout.endswith("usr/bin/python3.11 -c a b\n")
    assert f"{machine.package}:" in done.stdout
    assert repr(str(python)) in (machine.folder / "wheels" / "sitecustomize.py").read_text()


def test_without_a_processor_the_emulator_chooses(machine, steps):
    python = root.prepare(dataclasses.replace(machine, cpu=""))
    done = subprocess.run([str(python), "-c", "a b"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"-L {machine.folder / 'root'} ")


def test_a_root_that_does_not_run_is_not_kept(machine, steps):
    broken = dataclasses.replace(machine, emulator="false")
    for _ in range(2):
        with pytest.raises(root.RootError, match="does not run under false"):
            root.prepare(broken)
    assert len(steps) == 4


def test_failures_are_told_in_one_line(capsys):
    with pytest.raises(root.RootError, match=r"^cannot be: check it \(second\)$"):
        root.run([sys.executable, "-c", "import sys; sys.exit('first\\nsecond')"], "cannot be: check it")
    with pytest.raises(root.RootError, match=r"\(exit status 1\)"):
        root.run(["false"], "no")
    assert capsys.readouterr().err == ""


def test_what_cannot_be_installed_is_named(monkeypatch):
    assert root.find_program("sh", ("dash",)).endswith("/sh")
    monkeypatch.setattr(root.shutil, "which", lambda _: None)
    with pytest.raises(root.RootError, match=r"^qemu is missing: apt-get install qemu-user$"):
        root.find_program("qemu", ("qemu-user",))


def test_without_rights_sudo_is_asked_and_root_needs_none(monkeypatch):
    commands = []
    monkeypatch.setattr(
        root.shutil, "which", lambda name: f"/bin/{name}" if name != "qemu" or commands else None
    )
    monkeypatch.setattr(root, "run", lambda command, _: commands.append(command))
    for uid, first in ((1000, "sudo"), (0, "env")):
        commands.clear()
        monkeypatch.setattr(root.os, "geteuid", lambda uid=uid: uid)
        assert root.find_program("qemu", ("qemu-user-static",)) == "/bin/qemu"
        assert [command[0] for command in commands] == [first] * 2
        assert commands[1][-1] == "qemu-user-static"


def test_another_system_than_debian_is_told(machine, monkeypatch):
    monkeypatch.setattr(root, "DEBIAN_SOURCES", (Path("/nowhere"),))
    with pytest.raises(root.RootError, match="run them on a Debian system"):
        root.fetch_packages(machine)


def test_apt_works_on_a_state_of_its_own(machine, tmp_path, monkeypatch):
    (tmp_path / "debian.sources").write_text("Types: deb\n")
    commands = []

    def run(command, cure):
        commands.append(command)
        if command[-1] == "update":
            raise root.RootError(cure)  # a mirror in the middle of an update must not end it

    monkeypatch.setattr(root, "run", run)
    monkeypatch.setattr(root, "DEBIAN_SOURCES", (tmp_path / "debian.sources",))
    archives = root.fetch_packages(machine)
    assert archives.is_relative_to(machine.folder)
    assert commands[1][-3:] == ["install", *machine.packages]
    for command in commands:
        options = [
            word for word in command if word.startswith(("Dir::State=", "Dir::Cache=", "Dir::State::status="))
        ]
        assert len(options) == 3
        assert all(str(machine.folder) in option for option in options)
        assert "APT::Architecture=arm64" in command


def test_a_root_without_python_is_told(tmp_path):
    with pytest.raises(root.RootError, match="no Python in"):
        root.python_version(tmp_path)


def test_the_package_is_copied_without_libraries_of_this_machine(machine, tmp_path, monkeypatch):
    source = tmp_path / "source"
    (source / "src" / "voxlite" / "frontend").mkdir(parents=True)
    (source / "src" / "voxlite" / "frontend" / "_native.so").touch()
    (source / "src" / "voxlite" / "frontend" / "native.py").touch()
    built = []
    monkeypatch.setattr(package, "REPOSITORY", source)
    monkeypatch.setattr(package, "BUILDER", source / "none")
    monkeypatch.setattr(package, "run", lambda command, _: built.append(command))
    monkeypatch.setattr(package, "find_program", lambda program, _: f"/bin/{program}")
    package.make_package(machine)
    assert [path.name for path in (machine.package / "voxlite" / "frontend").iterdir()] == ["native.py"]
    assert built == []
    monkeypatch.setattr(package, "BUILDER", source / "src" / "voxlite" / "frontend" / "native.py")
    package.make_package(machine)
    assert built[0][2:] == [
        "--cc",
        "/bin/aarch64-linux-gnu-gcc",
        "--out",
        str(machine.package / "voxlite" / "frontend" / "_native.so"),
    ]


def test_every_model_gets_a_bundle_and_large_ones_no_recordings(tmp_path, monkeypatch):
    written = {}
    monkeypatch.setattr(tests, "LARGE_BYTES", 1_000_000_000)
    monkeypatch.setattr(
        tests, "write_bundle", lambda path, out, recordings: written.update({out.name: len(recordings)})
    )
    tests.write_bundles(tmp_path / "vectors")
    assert written["voice-compact"] >= 14
    monkeypatch.setattr(tests, "LARGE_BYTES", 1)
    tests.write_bundles(tmp_path / "vectors")
    assert set(written.values()) == {0}


def test_the_chosen_tests_exist():
    for path in [*tests.HALVES[0], *tests.HALVES[1], *(word.partition("=")[2] for word in tests.LEFT_OUT)]:
        file, _, name = path.partition("::")
        assert (SCRIPTS.parent / file).exists(), path
        if name:
            assert f"def {name}(" in (SCRIPTS.parent / file).read_text(encoding="utf-8"), path


def test_groups_run_together_and_failures_are_shown_last(tmp_path, capfd):
    python = tmp_path / "python"  # says its last argument and what it was told, fails when that is "bad"
    python.write_text('#!/bin/sh\nfor last; do :; done\necho "$last $VOXLITE_PARITY"\n[ "$last" != bad ]\n')
    python.chmod(0o755)
    settings = {"VOXLITE_PARITY": tmp_path}
    assert tests.run_tests(python, [["bad"], ["good"]], settings) == 1
    assert capfd.readouterr().out == f"good {tmp_path}\n\nbad {tmp_path}\n\n"
    assert tests.run_tests(python, [["good"]], settings) == 0


def test_what_cannot_be_fetched_fails_in_one_line(monkeypatch, capsys):
    def refuse(_):
        raise root.RootError("packages cannot be fetched: check the network")

    monkeypatch.setattr(tests, "prepare", refuse)
    monkeypatch.setattr(sys, "argv", ["arm_tests.py"])
    assert tests.main() == 1
    assert capsys.readouterr().err == "arm_tests: packages cannot be fetched: check the network\n"
