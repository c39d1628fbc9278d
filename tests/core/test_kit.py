"""The conformance kit: it cannot be overridden, and each of its tests refuses the plugin that it is there for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.tried import CHAIN, COIN, REQUEST, TAPE, failures, refuse

from recover.sdk import (
    Address,
    Assertion,
    Batch,
    ChainInfo,
    Error,
    ExporterInfo,
    HeuristicInfo,
    Ledger,
    Request,
    Scope,
    Template,
    TxId,
    View,
    amounts,
)
from recover.testing import (
    Cassette,
    ChainKit,
    Exchange,
    ExporterKit,
    HeuristicKit,
    SourceKit,
    TemplateKit,
    Transfer,
    ledger,
    save,
)

# --- no quiet override


def test_a_kit_test_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match=r"TestMine replaces .* test_it_is_pure"):
        type("TestMine", (HeuristicKit,), {"__module__": __name__, "test_it_is_pure": lambda self: None})


def test_nor_by_none_nor_by_a_class_between_nor_by_a_mixin() -> None:
    class Lenient:
        test_it_is_pure = None

    with pytest.raises(TypeError, match="test_it_is_pure"):
        type("TestMine", (Lenient, HeuristicKit), {"__module__": __name__})


def test_a_subject_must_be_named() -> None:
    with pytest.raises(TypeError, match="must set: source, examples"):
        type("TestMine", (SourceKit,), {"__module__": __name__})


# --- chains


@dataclass
class Lenient:
    info: ChainInfo
    read: Callable[[str], str]

    def parse(self, text: str) -> Address | TxId:
        return Address(chain=self.info.id, text=self.read(text))


@pytest.mark.parametrize(
    ("info", "read", "expected"),
    [
        (CHAIN, refuse, set()),
        (replace(CHAIN, id="Try"), refuse, {"test_it_tells_of_itself", "test_its_assets_are_its_own"}),
        (replace(CHAIN, examples=(("ann", ""),)), refuse, {"test_it_tells_of_itself"}),
        (replace(CHAIN, assets=(COIN, COIN)), refuse, {"test_its_assets_are_its_own"}),
        (replace(CHAIN, bad=(("bob", "not him"),)), refuse, {"test_its_bad_examples_are_refused_with_a_reason"}),
        (CHAIN, lambda text: refuse(text) + "x", {"test_what_it_read_reads_the_same_again"}),
        (CHAIN, lambda text: refuse(text.replace(" ", "")), {"test_its_bad_examples_are_refused_with_a_reason"}),
        (
            CHAIN,
            lambda text: refuse(text.encode().decode()),
            {"test_hostile_texts_are_refused_or_read_the_same_again"},
        ),
    ],
)
def test_chains(info: ChainInfo, read: Callable[[str], str], expected: set[str]) -> None:
    found = failures(ChainKit, chain=Lenient(info, read))
    assert expected <= found
    assert bool(expected) == bool(found)


# --- heuristics


@dataclass
class Guess:
    """Whoever pays twice is a payer; with one thing that can be made wrong."""

    fault: str = ""
    calls: int = 0

    @property
    def info(self) -> HeuristicInfo:
        return HeuristicInfo(
            id="payer",
            version="1",
            title="Payer",
            models=("account",),
            asserts=("payer",),
            citation="" if self.fault == "citation" else "House rule 1",
            fails=() if self.fault == "fails" else ("Somebody pays once.",),
            parameters={"least": (2, "payments")},
        )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        self.calls += 1
        paid: dict[str, list[str]] = {}
        for row in ledger.transfers().to_pylist():
            if not scope.addresses or row["src"] in scope.addresses:
                paid.setdefault(row["src"], []).append(row["tx"])
        if self.fault == "from-nothing":
            paid.setdefault("ann", ["T1", "T2"])
        for address, txs in paid.items():
            if len(txs) > 1:
                yield Batch.of(self._assertion(address, txs, bool(scope.addresses)))

    def _assertion(self, address: str, txs: list[str], narrow: bool) -> Assertion:
        return Assertion(
            kind="thief" if self.fault == "kind" else "payer",
            chain="test:1",
            address=address,
            grade="A" if self.fault == "scope" and narrow else "C",
            method="other" if self.fault == "method" else "payer",
            version="1",
            params="{'least': 2}" if self.fault == "params" else '{"least":2}',
            transactions=("T9",)
            if self.fault == "unknown"
            else tuple(txs if self.fault == "order" else sorted(txs)),
            note=str(self.calls) if self.fault == "impure" else "",
        )


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("", ""),
        ("citation", "test_it_tells_of_itself"),
        ("fails", "test_it_tells_of_itself"),
        ("kind", "test_its_assertions_say_who_says_so_and_how_surely"),
        ("method", "test_its_assertions_say_who_says_so_and_how_surely"),
        ("params", "test_its_assertions_say_who_says_so_and_how_surely"),
        ("unknown", "test_what_fired_it_is_in_the_evidence"),
        ("impure", "test_it_is_pure"),
        ("order", "test_the_order_of_rows_does_not_matter"),
        ("from-nothing", "test_nothing_comes_of_nothing"),
        ("scope", "test_asked_about_one_address_it_says_the_same_of_it"),
    ],
)
def test_heuristics(fault: str, expected: str) -> None:
    evidence = ledger([Transfer(src=s, dst="eve", amount=1) for s in ("ann", "bob", "ann", "ann", "bob")])
    found = failures(HeuristicKit, heuristic=Guess(fault), evidence=evidence)
    assert expected in found if expected else found == set()


# --- exporters and templates


@dataclass
class Written:
    info: ExporterInfo
    names: tuple[str, ...]
    fault: str = ""
    calls: int = 0

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        self.calls += 1
        for name in self.names:
            yield name, b"%d" % self.calls if self.fault else b"same"


@pytest.mark.parametrize(
    ("names", "fault", "expected"),
    [
        (("a.csv", "b/c.json"), "", ""),
        ((), "", "test_it_writes_something"),
        (("a.csv",), "impure", "test_the_same_view_gives_the_same_bytes"),
        *(
            ((name,), "", "test_its_names_stay_inside_the_folder")
            for name in ("../a", "/a", "a\\b", "C:/a", "", "a\x00", "a\u202eb", "./a")
        ),
        (("a.csv", "A.csv"), "", "test_its_names_stay_inside_the_folder"),
    ],
)
def test_exporters(names: tuple[str, ...], fault: str, expected: str) -> None:
    info = ExporterInfo(id="try", version="1", title="Try", form="text")
    found = failures(ExporterKit, exporter=Written(info, names, fault), view=None)
    assert expected in found if expected else found == set()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ""),
        ({"build.py": "pass"}, "test_it_holds_data_only"),
        ({"en.toml": "= 1"}, "test_its_tables_can_be_read"),
        ({"main.typ": None}, "test_it_has_what_its_kind_needs"),
        ({"th.toml": "title = 'x'\n"}, "test_it_has_what_its_kind_needs"),
        ({"main.typ": '#import "@preview/cetz:0.3.1"'}, "test_it_reaches_for_nothing_outside"),
    ],
)
def test_templates(tmp_path: Path, change: dict[str, str | None], expected: str) -> None:
    for name, text in {"main.typ": "= Report", "en.toml": "[a]\nb = 'c'\n", **change}.items():
        if text is not None:
            (tmp_path / name).write_text(text, "utf-8")
    template = Template(id="try", kind="report", version="1", title="Try", folder=tmp_path)
    found = failures(TemplateKit, template=template)
    assert expected in found if expected else found == set()


# --- cassette and ledger


def test_a_cassette_answers_only_what_was_recorded(tmp_path: Path) -> None:
    refused = Exchange(request=replace(REQUEST, url="try:bob"), answer=b"no", status=404)
    save(tmp_path / "cassette.json", [*TAPE.exchanges, refused])
    tape = Cassette.load(tmp_path, source="try")
    assert tape.capture(Request(url="try:ann")).data == b"try\n7,eve,1\n"
    assert [each.name for each in tape.captured] == ["try:ann"]
    with pytest.raises(Error, match="HTTP 404"):
        tape.capture(Request(url="try:bob"))
    with pytest.raises(Error, match="nearest that it holds is try:ann"):
        tape.capture(Request(url="try:anna"))


@pytest.mark.parametrize("text", ["{}", "[1]", "[{}]", '[{"url": "a", "file": "../../etc/passwd"}]', "["])
def test_a_bad_cassette_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "tape.json").write_text(text)
    with pytest.raises(Error, match="is not a cassette"):
        Cassette.load(tmp_path / "tape.json")


def test_a_ledger_keeps_exact_amounts() -> None:
    made: list[dict[str, Any]] = ledger([Transfer(src="a", dst=None, amount=2**256 - 1)]).transfers().to_pylist()
    assert amounts.join(made[0]["amount"], made[0]["wide"]) == 2**256 - 1
    assert ledger().labels().num_rows == ledger().coverage().num_rows == 0
