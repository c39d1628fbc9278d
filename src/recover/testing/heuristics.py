"""What every heuristic must hold to."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pyarrow as pa

from recover.sdk import GRADES, SCHEMAS, Heuristic, Ledger, Scope
from recover.sdk.kinds import Cross, read
from recover.testing.exhibits import rows
from recover.testing.kit import Kit, check_id, check_texts
from recover.testing.ledger import Rows, ledger


class HeuristicKit(Kit):
    """Subclass with `heuristic` and an `evidence` on which it asserts something; `scope` where it needs one."""

    needs = ("heuristic", "evidence")
    heuristic: ClassVar[Heuristic]
    evidence: ClassVar[Ledger]
    scope: ClassVar[Scope] = Scope()

    def test_it_is_a_heuristic(self) -> None:
        assert isinstance(self.heuristic, Heuristic), f"{self.heuristic!r} lacks a member of recover.sdk.Heuristic"

    def test_it_tells_of_itself(self) -> None:
        info = self.heuristic.info
        check_id(info.id)
        check_texts(info.id, version=info.version, title=info.title, citation=info.citation)
        assert info.models, "it must say for which accounting model it is"
        assert set(info.models) <= {"utxo", "account"}, f"{info.models} are not all accounting models"
        assert info.asserts, "it must name the kinds that it asserts"
        assert info.fails, "every heuristic is wrong somewhere: `fails` says where"
        # `bool` is an `int` to isinstance, and a threshold that is True means nothing to a reader.
        for name, (default, meaning) in info.parameters.items():
            assert type(default) is int, f"the default of {name} is not an integer"
            check_texts(name, meaning=meaning)

    def test_its_card_counts_by_grade_and_adds_up(self) -> None:
        card = self.heuristic.info.card
        if card is None:
            return
        check_texts(self.heuristic.info.id, population=card.population, truth=card.truth)
        silent = (card.fn, card.tn, card.abstain)
        if card.n is None:  # why nothing was counted stands in the two above
            assert (card.grades, card.by, silent) == ((), "", (None, None, None)), "counts without a whole"
            return
        assert card.by, "counts must say which script made them"
        places = [(one.grade, one.chain) for one in card.grades]
        assert len(places) == len(set(places)), "a grade stands twice on one chain"
        assert {grade for grade, _ in places} <= set(GRADES), "a grade that does not exist"
        assert {chain for _, chain in places} - {""} <= set(card.chains), "a chain that the card does not name"
        counts = [*silent, *(n for one in card.grades for n in (one.right, one.wrong, one.unknown))]
        assert all(n is None or n >= 0 for n in counts), "a count below zero"
        assert (card.tp or 0) + (card.fp or 0) <= card.n, "more was said than there were trials"
        assert (card.tp or 0) + (card.fn or 0) <= card.n, "there was more than there were trials"

    def test_it_asserts_something_here(self) -> None:
        assert self._found(self.evidence), "the evidence given fires it not once"

    def test_its_assertions_say_who_says_so_and_how_surely(self) -> None:
        info = self.heuristic.info
        for row in self._found(self.evidence):
            about = f"the assertion about {row['address']}"
            assert row["kind"] in info.asserts, f"{about} is of kind {row['kind']!r}, which `info` does not name"
            assert row["grade"] in GRADES, f"{about} has no grade"
            assert row["method"] == info.id, f"{about} names the method {row['method']!r}"
            assert row["version"] == info.version, f"{about} names version {row['version']!r}"
            assert _canonical(row["params"]), (
                f"{about} has parameters that are not canonical JSON: {row['params']}"
            )

    def test_what_fired_it_is_in_the_evidence(self) -> None:
        moved = self.evidence.transfers()
        known = set(zip(moved.column("chain").to_pylist(), moved.column("tx").to_pylist(), strict=True))
        for row in self._found(self.evidence):
            # An assertion that names no transaction of the ledger cannot be checked by the other side.
            chains = {row["chain"]}
            if row["kind"] == "cross":
                chains.add(read(Cross, row["params"]).to_chain)
            strange = [tx for tx in row["transactions"] if not any((chain, tx) in known for chain in chains)]
            assert not strange, f"the assertion about {row['address']} rests on unknown {', '.join(strange)}"

    def test_it_is_pure(self) -> None:
        assert self._found(self.evidence) == self._found(self.evidence), "the same ledger gave two answers"

    def test_the_order_of_rows_does_not_matter(self) -> None:
        found = self._found(self.evidence)
        # Evidence arrives in any order; a result that depends on it could be chosen.
        for step in (-1, 2, 3):
            assert self._found(_reordered(self.evidence, step)) == found, (
                "another order of rows changed the answer"
            )

    def test_nothing_comes_of_nothing(self) -> None:
        assert self._found(ledger()) == [], "an empty ledger gave assertions"

    def test_asked_about_one_address_it_says_the_same_of_it(self) -> None:
        found = self._found(self.evidence)
        for address in sorted({row["address"] for row in found}):
            # `explain` asks about one address, and must not be told otherwise than the report was.
            narrow = Scope(addresses=frozenset({address}), parameters=self.scope.parameters)
            again = [row for row in self._found(self.evidence, narrow) if row["address"] == address]
            assert again == [r for r in found if r["address"] == address], (
                f"asked alone, {address} is judged otherwise"
            )

    def _found(self, evidence: Ledger, scope: Scope | None = None) -> list[dict[str, Any]]:
        found = rows(self.heuristic.assertions(evidence, self.scope if scope is None else scope))
        strange = sorted(name for name in SCHEMAS if name not in ("assertions", "gaps") and found[name])
        assert not strange, f"a heuristic asserts; it does not decode: {', '.join(strange)}"
        return found["assertions"]


def _canonical(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=text.isascii())
    return isinstance(value, dict) and text == written


def _reordered(evidence: Ledger, step: int) -> Rows:
    """Every table with its rows in another order: backward, or the cards dealt into `step` heaps."""

    def dealt(table: pa.Table) -> pa.Table:
        count = table.num_rows
        places = range(count - 1, -1, -1) if step < 0 else [k for h in range(step) for k in range(h, count, step)]
        return table.take(pa.array(places, pa.int64()))

    return Rows(
        moved=dealt(evidence.transfers()),
        covered=dealt(evidence.coverage()),
        named=dealt(evidence.labels()),
        made=dealt(evidence.transactions()),
        recorded=dealt(evidence.events()),
        stated=dealt(evidence.states()),
        logged=dealt(evidence.logs()),
    )
