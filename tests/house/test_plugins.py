"""One sweep over every plugin: each is held to the conformance kit, and no file has two owners."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from recover.plugins import registry
from recover.testing import ChainKit, ExporterKit, HeuristicKit, Kit, SourceKit, TemplateKit


@pytest.fixture(scope="module")
def kits(root: Path) -> list[type[Kit]]:
    """The kit's subclasses in the tests of all members."""
    found: list[type[Kit]] = []
    for path in sorted([*root.glob("chains/*/tests/test_*.py"), *root.glob("plugins/*/tests/test_*.py")]):
        found += _kits(path)
    return found


def _kits(path: Path) -> Iterator[type[Kit]]:
    name = "sweep_" + "_".join(path.parts[-3:])[:-3].replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except pytest.skip.Exception:
        return
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Kit) and value.__module__ == name:
            yield value


def test_no_plugin_is_broken() -> None:
    assert [f"{each.name}: {each.reason}" for each in registry.load().broken] == []


def test_every_plugin_is_held_to_the_kit(kits: list[type[Kit]]) -> None:
    found = registry.load()
    held = {
        "chains": {k.chain.info.id for k in kits if issubclass(k, ChainKit)},
        "sources": {k.source.info.id for k in kits if issubclass(k, SourceKit)},
        "heuristics": {k.heuristic.info.id for k in kits if issubclass(k, HeuristicKit)},
        "exporters": {k.exporter.info.id for k in kits if issubclass(k, ExporterKit)},
        "templates": {k.template.id for k in kits if issubclass(k, TemplateKit)},
    }
    missing = {kind: sorted(set(getattr(found, kind)) - ids) for kind, ids in held.items()}
    assert {kind: ids for kind, ids in missing.items() if ids} == {}
    assert found.chains, "no chain is installed"
    assert found.sources, "no source is installed"


def test_each_recorded_file_has_one_owner(kits: list[type[Kit]]) -> None:
    """A file is recognised by the source it was recorded for, and by no other that is found by content."""
    sources = [each for each in registry.load().sources.values() if each.info.primary]
    faults = []
    for kit in kits:
        if not issubclass(kit, SourceKit) or not kit.source.info.primary:
            continue
        for example in kit.examples:
            by = sorted(s.info.id for s in sources if s.recognises(example.name, example.data[:65_536]))
            if by != [kit.source.info.id]:
                faults.append(f"{example.name} of {kit.source.info.id} is recognised by {by}")
    assert not faults, "\n".join(["", *faults])
