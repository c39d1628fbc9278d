"""Where keys come from: the environment, several of one name, the user's own file, the system's store."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from recover.capture import own
from recover.capture.keyring import Keys, found
from recover.sdk import Error

FIRST, SECOND, THIRD = (f"key-number-{n}-of-three" for n in (1, 2, 3))


class Store(ModuleType):
    """What the library `keyring` offers of itself, with one entry: none of the system's stores is at hand here."""

    class errors:
        class KeyringError(Exception):
            pass

    locked = False

    def get_password(self, service: str, name: str) -> str | None:
        if self.locked:
            raise self.errors.KeyringError("locked")
        return SECOND if (service, name) == ("recover", "toy-key") else None


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store("keyring")
    monkeypatch.setitem(sys.modules, "keyring", made)
    return made


def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    (tmp_path / "recover.toml").write_text(f"[keys]\n{keys}\n")
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "recover.toml"))


def test_keys_of_the_environment_stand_before_those_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, monkeypatch, f'toy-key = ["{THIRD}", "{FIRST}"]')
    monkeypatch.setenv("RECOVER_TOY_KEY", FIRST)
    monkeypatch.setenv("RECOVER_TOY_KEY_2", SECOND)
    assert found("toy-key", own.load().keys) == (FIRST, SECOND, THIRD)


def test_the_next_key_is_taken_where_one_is_spent() -> None:
    now = [100.0]
    keys = Keys({"toy-key": (FIRST, SECOND)}, clock=lambda: now[0])
    assert keys.values(["toy-key"]) == {"toy-key": FIRST}
    assert keys.spent({"toy-key": FIRST}, 5.0)
    assert keys.values(["toy-key"]) == {"toy-key": SECOND}
    assert not keys.spent({"toy-key": SECOND}, 600.0), "both are spent now"
    assert keys.values(["toy-key"]) == {"toy-key": FIRST}, "the one that rests the shortest"


def test_a_key_of_the_systems_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    configured(tmp_path, monkeypatch, 'toy-key = { keyring = "recover" }')
    assert Keys(own.load().keys).values(["toy-key"]) == {"toy-key": SECOND}


@pytest.mark.parametrize("why", ["absent", "locked", "missing"])
def test_a_store_without_it_is_told_with_what_to_do(
    why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    configured(tmp_path, monkeypatch, f'{"other" if why == "absent" else "toy"}-key = {{ keyring = "recover" }}')
    store.locked = why == "locked"
    if why == "missing":
        monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(Error) as caught:
        Keys(own.load().keys).values(["other-key" if why == "absent" else "toy-key"])
    assert caught.value.code == ("keyring-missing" if why == "missing" else "keyring-empty")
    assert "RECOVER_" in caught.value.todo or "environment" in caught.value.todo
    assert SECOND not in str(caught.value)
