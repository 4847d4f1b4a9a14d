"""What goes into a vault comes out of it, as a plain dictionary would have it."""

from __future__ import annotations

import stat
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlite.errors import EnrollmentError, PassphraseError, StoreError
from voxlite.voiceprints import PrintModel, ScryptCost, Vault

COMPACT, CAMPPLUS = PrintModel("compact", "1"), PrintModel("campplus", "1")
PASSPHRASE = "korrekt Pferd Batterie"


def plain(prints):
    return [(one.facts(), one.embedding.tolist()) for one in prints]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "forget", "reopen", "passphrase"]),
        st.integers(0, 3),
        st.integers(0, 5),
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(ACTIONS)
def test_a_vault_behaves_like_a_dictionary(make_print, actions):
    expected: dict[str, list] = {}
    passphrase = PASSPHRASE
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "voices.vault")
        vault = Vault(path, passphrase, create=True, cost=ScryptCost(16, 8, 1))
        for action, who, seed in actions:
            name = f"Person {who}"
            if action == "add":
                new = make_print(name, seed)
                known = plain(expected.get(name, []))
                fresh = plain([new])[0] not in known
                assert vault.add(new) == fresh
                if fresh:
                    expected.setdefault(name, []).append(new)
            elif action == "forget" and name in expected:
                receipt = vault.forget(name)
                assert (receipt.what, receipt.n_prints, receipt.proven) == (
                    name,
                    len(expected.pop(name)),
                    True,
                )
            elif action == "passphrase":
                passphrase = f"passphrase number {seed}"
                assert vault.change_passphrase(passphrase).proven
            elif action == "reopen":
                vault.close()
                vault = Vault(path, passphrase, cost=ScryptCost(16, 8, 1))
            assert vault.persons() == tuple(sorted(expected))
            for person, prints in expected.items():
                assert plain(vault.prints(person)) == plain(prints)
        assert len(vault.index(COMPACT)) == sum(map(len, expected.values()))
        vault.close()
        assert [file.name for file in path.parent.iterdir()] == ["voices.vault"]


def test_prints_are_added_together_or_not_at_all(open_vault, make_print):
    vault = open_vault()
    broken = make_print("Bob", 1)
    object.__setattr__(broken, "purpose", object())
    with pytest.raises(TypeError):
        vault.add(make_print("Ada"), broken)
    assert vault.persons() == ()
    assert vault.add(make_print("Ada"), make_print("Ada"), make_print("Ada", 1)) == 2


def test_prints_of_another_model_are_refused_with_the_cure(open_vault, make_print):
    vault = open_vault()
    vault.add(make_print("Ada", 1), make_print("Ada", 2, model=CAMPPLUS, dim=12), make_print("Bob", 3))
    assert [one.model for one in vault.prints("Ada")] == [COMPACT, CAMPPLUS]
    assert plain(vault.prints(model=COMPACT)) == plain([make_print("Ada", 1), make_print("Bob", 3)])
    assert len(vault.prints("Ada", CAMPPLUS)) == 1
    for ask in (
        lambda: vault.prints(model=CAMPPLUS),
        lambda: vault.prints("Bob", CAMPPLUS),
        lambda: vault.index(CAMPPLUS),
    ):
        with pytest.raises(
            EnrollmentError, match=r"Bob: enrolled with the model compact 1.*enroll again with campplus 1"
        ):
            ask()
    with pytest.raises(EnrollmentError, match=r"^\w+ and 1 more: enrolled"):
        vault.index(PrintModel("compact", "2"))
    assert [one.person for one in vault.prints(model=CAMPPLUS, others="skip")] == ["Ada"]
    index = vault.index(CAMPPLUS, others="skip")
    assert (index.people, index.matrix.shape) == (("Ada",), (1, 12))
    assert len(vault.index(PrintModel("none", "1"), others="skip")) == 0


def test_embeddings_of_two_lengths_by_one_model_are_refused(open_vault, make_print):
    vault = open_vault()
    vault.add(make_print("Ada", dim=8), make_print("Bob", dim=9))
    with pytest.raises(EnrollmentError, match="Bob: an embedding of 9 numbers, others by compact 1 have 8"):
        vault.index(COMPACT)


def test_an_index_leads_back_to_its_prints(open_vault, make_print):
    vault = open_vault()
    prints = [make_print(name, seed) for seed, name in enumerate(["Ada", "Bob", "Ada", "Cy"])]
    vault.add(*prints)
    index = vault.index(COMPACT)
    assert index.people == ("Ada", "Bob", "Cy")
    for one in prints:
        (match,) = index.top(one.embedding, 1)
        assert match.person == one.person
        assert match.cosine == pytest.approx(1.0, abs=1e-6)
        assert plain([vault.get(index.keys[match.row])]) == plain([one])
    vault.forget("Cy")
    with pytest.raises(EnrollmentError, match="make the index again"):
        vault.get(index.keys[3])


def test_a_name_that_nobody_has(open_vault, make_print):
    vault = open_vault()
    with pytest.raises(EnrollmentError, match="nobody is enrolled as 'Ada': list the names"):
        vault.prints("Ada")
    vault.add(make_print("Ada Lovelace"))
    for ask in (vault.prints, vault.forget):
        with pytest.raises(EnrollmentError, match="did you mean 'Ada Lovelace'"):
            ask("ada lovelace")
    with pytest.raises(EnrollmentError, match="person is ''"):
        vault.forget("")
    assert vault.persons() == ("Ada Lovelace",)


def test_the_version_changes_with_the_content(open_vault, make_print):
    one, other = open_vault(), open_vault()
    before, seen = one.version(), other.version()
    assert one.version() == before
    one.add(make_print())
    assert one.version() != before
    assert other.version() != seen
    seen = other.version()
    one.forget("Ada")
    assert other.version() != seen


def test_passphrases(open_vault, tmp_path, make_print):
    with pytest.raises(PassphraseError, match="at least 8"):
        open_vault(passphrase="short")
    assert list(tmp_path.iterdir()) == []
    vault = open_vault()
    vault.add(make_print())
    with pytest.raises(PassphraseError, match="wrong"):
        open_vault(passphrase="another one")
    with pytest.raises(PassphraseError, match="at least 8"):
        vault.change_passphrase("short")
    receipt = vault.change_passphrase("another one")
    assert (receipt.what, receipt.n_prints, receipt.proven) == ("the old passphrase", 0, True)
    with pytest.raises(PassphraseError, match="wrong"):
        open_vault()
    assert open_vault(passphrase="another one").persons() == ("Ada",)
    assert vault.persons() == ("Ada",)


def test_a_vault_is_only_made_when_asked(open_vault, tmp_path):
    with pytest.raises(StoreError, match="enroll somebody first"):
        open_vault(create=False)
    with pytest.raises(StoreError, match="a folder: name a file"):
        open_vault(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        open_vault(tmp_path / "file" / "voices.vault")
    open_vault(tmp_path / "new" / "folder ?#%41" / "voices.vault")
    assert (tmp_path / "new" / "folder ?#%41" / "voices.vault").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_the_owner_can_read_it(open_vault, tmp_path, make_print):
    open_vault().add(make_print())
    files = list(tmp_path.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_threads_share_a_vault(open_vault, make_print):
    vault = open_vault()

    def work(thread):
        for seed in range(5):
            vault.add(make_print(f"Person {thread}", 10 * thread + seed))
            vault.persons()
        vault.forget(f"Person {thread}") if thread % 2 else None

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vault.persons() == ("Person 0", "Person 2")
    assert len(vault.prints()) == 10


def test_two_vaults_of_one_process_do_not_disturb_each_other(open_vault, make_print):
    one, other = open_vault(), open_vault()
    one.add(make_print("Ada"))
    other.add(make_print("Bob", 1))
    assert one.forget("Bob").proven
    other.close()
    other.close()
    for ask in (other.persons, other.version, lambda: other.forget("Ada")):
        with pytest.raises(StoreError, match="this vault was closed: open it again"):
            ask()
    assert one.forget("Ada").proven
    assert one.persons() == ()


def test_embeddings_come_back_bit_by_bit(open_vault, make_print):
    prints = [make_print("Ada", seed, dim) for seed, dim in enumerate((1, 2, 192, 4096))]
    vault = open_vault()
    vault.add(*prints)
    for one, again in zip(prints, vault.prints("Ada"), strict=True):
        np.testing.assert_array_equal(one.embedding, again.embedding)
