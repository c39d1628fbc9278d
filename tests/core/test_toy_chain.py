"""A chain is added with no edit anywhere else."""

from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import recover_chain_toy
from recover_chain_toy.chain import Toy

from recover.plugins import registry
from recover.sdk import Chain, PluginFailed, plugin


def test_the_toy_chain_is_found_beside_the_installed_ones() -> None:
    without, found = registry.load(), registry.load(extra=[recover_chain_toy])
    assert set(found.chains) - set(without.chains) == {"toy:1"}
    assert set(found.sources) - set(without.sources) == {"toy-payments"}
    assert [b for b in found.broken if "toy" in b.name] == []
    origin = next(o for o in found.origins if o.name == "recover_chain_toy")
    assert len(origin.sha256) == 64


def test_two_plugins_with_one_id_are_refused_naming_both() -> None:
    class Second:
        @plugin
        def recover_chains(self) -> list[Chain]:
            return [Toy()]

    with pytest.raises(PluginFailed) as caught:
        registry.load(extra=[recover_chain_toy, Second()])
    assert "toy:1" in caught.value.what
    assert "recover_chain_toy" in caught.value.what
    assert "Second" in caught.value.what


def test_a_plugin_that_raises_is_named_and_the_rest_works() -> None:
    class Lame:
        @plugin
        def recover_chains(self) -> list[Chain]:
            raise ValueError("no such table")

    found = registry.load(extra=[Lame(), recover_chain_toy])
    assert "toy:1" in found.chains
    assert [(b.name, "no such table" in b.reason) for b in found.broken if b.name == "Lame"] == [("Lame", True)]


def test_a_hook_that_does_not_exist_is_named() -> None:
    def recover_chians() -> list[Chain]:
        return []

    module = SimpleNamespace(__name__="misspelt", recover_chians=plugin(recover_chians))
    assert [b.name for b in registry.load(extra=[module]).broken if b.name == "misspelt"] == ["misspelt"]


def test_a_file_that_changed_is_told_by_its_hash_in_the_same_process(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("__init__.py", "inner/words.toml", "inner/__init__.py"):
        (tmp_path / name).write_text("one")
    package = ModuleType("package")
    package.__file__ = str(tmp_path / "__init__.py")
    first = registry.files_hash(package)
    assert registry.files_hash(package) == first
    (tmp_path / "inner" / "words.toml").write_text("two")
    changed = registry.files_hash(package)
    (tmp_path / "inner" / "words.toml").rename(tmp_path / "inner" / "names.toml")
    assert len({first, changed, registry.files_hash(package)}) == 3
    (tmp_path / "inner" / "__pycache__").mkdir()
    (tmp_path / "inner" / "__pycache__" / "a.pyc").write_text("made")
    (tmp_path / "inner" / "names.toml").rename(tmp_path / "inner" / "words.toml")
    assert registry.files_hash(package) == changed
