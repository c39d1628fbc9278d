"""What every source must hold to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from recover.sdk import (
    SCHEMAS,
    Address,
    Ask,
    Details,
    Error,
    Exhibit,
    History,
    Source,
    Spend,
    Status,
    TxId,
    WhoIs,
    amounts,
)
from recover.testing import hostile
from recover.testing.cassette import Cassette
from recover.testing.exhibits import exhibit, rows
from recover.testing.kit import CAIP2, CAIP19, Kit, check_id, check_texts

# As much as the core reads to recognise a file.
HEAD = 65_536
# Bytes above which an example is damaged in fewer places, as each is decoded anew.
LARGE = 262_144
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9-]*)\}")
_LINE = re.compile(rb"\r\n|\n|\r")

Rows = dict[str, list[dict[str, Any]]]


class SourceKit(Kit):
    """Subclass with `source` and recorded `examples`; with `recorded` where it answers asks.

    `recorded` holds an (ask, cassette) pair for each kind of ask that the source declares. `foreign` are files
    of others, as (name, bytes), that it must leave alone, besides the kit's own.
    """

    needs = ("source", "examples")
    source: ClassVar[Source]
    examples: ClassVar[tuple[Exhibit, ...]]
    recorded: ClassVar[tuple[tuple[Ask, Cassette], ...]] = ()
    foreign: ClassVar[tuple[tuple[str, bytes], ...]] = ()

    def test_it_is_a_source(self) -> None:
        assert isinstance(self.source, Source), f"{self.source!r} lacks a member of recover.sdk.Source"

    def test_it_tells_of_itself(self) -> None:
        info = self.source.info
        check_id(info.id)
        check_texts(info.id, version=info.version, title=info.title, media=info.media, terms=info.terms)
        assert info.chains, "it must name its chains, or say ('*',)"
        for chain in info.chains:
            assert info.chains == ("*",) or CAIP2.fullmatch(chain), f"{chain!r} is no CAIP-2 id"
        known = set(Ask.kinds)
        assert set(info.asks) <= known, f"{sorted(set(info.asks) - known)} are no asks; those are {sorted(known)}"
        assert info.place in ("line", "item", "byte"), f"{info.place!r} is no unit of places"

    def test_its_examples_decode_to_something(self) -> None:
        assert self.examples, "a source shows at least one recorded example"
        for each in self.examples:
            found = self._decoded(each)
            assert any(found.values()), f"{each.name} decodes to nothing"

    def test_what_it_decodes_holds_together(self) -> None:
        for each in self.examples:
            self._check(each, self._decoded(each))

    def test_decoding_twice_gives_equal_tables(self) -> None:
        for each in self.examples:
            once = [batch.tables() for batch in self.source.decode(each)]
            again = [batch.tables() for batch in self.source.decode(each)]
            assert len(once) == len(again), f"{each.name} gave another number of batches"
            for a, b in zip(once, again, strict=True):
                assert a.keys() == b.keys(), f"{each.name} gave other tables"
                for name, value in a.items():
                    assert value.equals(b[name]), f"{each.name} gave another {name} table"

    def test_damaged_bytes_are_refused_or_hold_together(self) -> None:
        for each in self.examples:
            cuts = 12 if len(each.data) < LARGE else 2
            self._check_damaged(each, hostile.damaged(each.data, cuts))

    def test_garbage_is_refused_or_holds_together(self) -> None:
        garbage = [(repr(data[:16]), data) for data in hostile.GARBAGE]
        self._check_damaged(self.examples[0], garbage)

    def test_it_recognises_its_own_files(self) -> None:
        for each in self.examples:
            assert self.source.recognises(each.name, each.data[:HEAD]), f"{each.name} is not recognised"

    def test_it_leaves_the_files_of_others_alone(self) -> None:
        for name, data in (*hostile.FOREIGN, *self.foreign):
            assert not self.source.recognises(name, data[:HEAD]), f"{name} is not its own"
        for data in hostile.GARBAGE:
            # An answer either way is a bool; an exception would stop the import of somebody else's file.
            assert self.source.recognises("garbage", data[:HEAD]) in (True, False)

    def test_each_ask_it_declares_is_recorded(self) -> None:
        shown = {type(ask).__name__ for ask, _ in self.recorded}
        missing = sorted(set(self.source.info.asks) - shown)
        assert not missing, f"no recorded example of {', '.join(missing)}"
        undeclared = sorted(shown - set(self.source.info.asks))
        assert not undeclared, f"recorded, but not declared in `asks`: {', '.join(undeclared)}"

    def test_recorded_asks_are_answered_through_the_recorder(self) -> None:
        for ask, cassette in self.recorded:
            where = cassette.endpoint or self.source.info.endpoint
            tape = Cassette(exchanges=cassette.exchanges, source=self.source.info.id, endpoint=where)
            got = list(self.source.collect(ask, tape))
            assert got, f"{ask} brought no exhibit"
            for each in got:
                # The very object: bytes that a source made or fetched by itself have no request behind them.
                assert any(each is stored for stored in tape.captured), (
                    f"{each.name} did not come from the recorder"
                )
                self._check(each, self._decoded(each))

    def test_its_secrets_are_declared(self) -> None:
        requests = [each.request for _, cassette in self.recorded for each in cassette.exchanges]
        texts = [text for r in requests for text in (r.url, *(value for _, value in r.headers))]
        used = {name for text in texts for name in _PLACEHOLDER.findall(text)}
        undeclared = sorted(used - set(self.source.info.secrets))
        assert not undeclared, f"placeholders not declared in `secrets`: {', '.join(undeclared)}"

    def test_other_asks_bring_nothing(self) -> None:
        info = self.source.info
        chain = "test:1" if info.chains == ("*",) else info.chains[0]
        address, tx = Address(chain=chain, text="nobody"), TxId(chain=chain, text="none")
        asks: tuple[Ask, ...] = (
            History(address=address),
            Details(tx=tx),
            WhoIs(address=address),
            Spend(tx=tx, index=0),
            Status(address=address),
        )
        for ask in asks:
            if type(ask).__name__ not in info.asks:
                assert list(self.source.collect(ask, Cassette())) == [], f"{ask} is not declared, but answered"

    def _decoded(self, each: Exhibit) -> Rows:
        return rows(self.source.decode(each))

    def _check_damaged(self, each: Exhibit, spoiled: Iterable[tuple[str, bytes]]) -> None:
        for what, data in spoiled:
            other = exhibit(each.name, data, media=each.media, source=self.source.info.id, asked=each.asked)
            try:
                found = self._decoded(other)
            except Error as error:
                check_texts(what, code=error.code, what=error.what, why=error.why, todo=error.todo)
            # An exception of another kind would be a failed plugin in a case, where a sentence to the examiner was
            # due.
            except Exception as error:
                raise AssertionError(f"{each.name}, {what}: raised {type(error).__name__}: {error}") from error
            else:
                self._check(other, found, what)

    def _check(self, each: Exhibit, found: Rows, what: str = "as recorded") -> None:
        said = f"{each.name}, {what}"
        faults = [*_sums(found), *_coins(found), *_orphans(found), *_ids(found, self.source.info.chains)]
        faults += _places(found, _last_place(each.data, self.source.info.place))
        assert not faults, f"{said}: " + "; ".join(faults[:20])


def _sums(found: Rows) -> list[str]:
    whole = {_tx(row, "id") for row in found["transactions"] if row["whole"]}
    coins = {_tx(leg, "tx") for leg in found["legs"] if leg["kind"] in COIN}
    totals: dict[tuple[object, ...], int] = {}
    pairs: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for leg in found["legs"]:
        key = _tx(leg, "tx")
        # Every transaction sums to zero in each asset: wrong decimals, a missed leg and a missed fee all show
        # here.
        if key in whole and key not in coins:
            totals[*key, leg["asset"]] = totals.get((*key, leg["asset"]), 0) + _amount(leg)
        if leg["pair"] is not None:
            pairs.setdefault((*key, leg["pair"]), []).append(leg)
    faults = [f"whole transaction {key[1]} sums to {total} in {key[3]}" for key, total in totals.items() if total]
    for paired, legs in pairs.items():
        if len(legs) != 2 or len({leg["asset"] for leg in legs}) != 1 or sum(_amount(leg) for leg in legs) != 0:
            faults.append(
                f"pair {paired[3]} of transaction {paired[1]} is not two legs of one asset that sum to zero"
            )
        elif sum(leg["out"] for leg in legs) != 1:
            faults.append(f"pair {paired[3]} of transaction {paired[1]} does not say which leg leaves")
    return faults


COIN = ("input", "output")
"""Kinds of legs on coin chains: there the core works out the fee, so what is listed sums to it and not to zero."""


def _coins(found: Rows) -> list[str]:
    """What is wrong with transactions that spend outputs: gaps in numbering, a fee leg, more out than in."""
    coins: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for leg in found["legs"]:
        coins.setdefault(_tx(leg, "tx"), []).append(leg)
    whole = {_tx(row, "id") for row in found["transactions"] if row["whole"]}
    faults = []
    for key, legs in coins.items():
        kinds = {leg["kind"] for leg in legs}
        unknown = [leg for leg in legs if leg["amount"] is None and leg["wide"] is None]
        if any(leg["kind"] != "input" for leg in unknown):
            faults.append(f"a leg of {key[1]} that is no input has no amount")
        if not kinds & set(COIN):
            continue
        if kinds - {*COIN, "reward"}:
            faults.append(
                f"{key[1]} has inputs or outputs and also {', '.join(sorted(kinds - {*COIN, 'reward'}))}"
            )
        for kind in COIN:
            numbers = sorted(leg["index"] for leg in legs if leg["kind"] == kind and leg["index"] is not None)
            if key in whole and numbers != list(range(sum(leg["kind"] == kind for leg in legs))):
                faults.append(f"the {kind}s of whole transaction {key[1]} are not numbered 0, 1, 2 ...")
        if any(leg["spends_tx"] is None or leg["spends_index"] is None for leg in legs if leg["kind"] == "input"):
            faults.append(f"an input of {key[1]} does not name the output that it spends")
        total = sum(_amount(leg) for leg in legs)
        if key in whole and not unknown and total > 0:
            faults.append(f"{key[1]} pays more than it spends")
        if key in whole and "reward" in kinds and total != 0:
            faults.append(f"{key[1]} sums to {total}: a coinbase's reward is what its outputs hold")
    return faults


def _orphans(found: Rows) -> list[str]:
    known = {_tx(row, "id") for row in found["transactions"]}
    lost = {_tx(leg, "tx") for leg in found["legs"]} - known
    return [f"legs of {key[1]} (view {key[2]}) belong to no transaction" for key in sorted(lost, key=repr)]


def _ids(found: Rows, chains: tuple[str, ...]) -> list[str]:
    faults = []
    for name in ("transactions", "legs", "blocks", "events", "states", "coverage", "assertions"):
        strange = {row["chain"] for row in found[name] if chains != ("*",) and row["chain"] not in chains}
        faults += [f"{name} on {chain}, which the source does not name" for chain in sorted(strange)]
    for name in ("legs", "assets"):
        strange = {row["asset"] for row in found[name] if not CAIP19.fullmatch(row["asset"])}
        faults += [f"{asset!r} in {name} is no CAIP-19 id" for asset in sorted(strange)]
    faults += [f"leg of {leg['asset']} on {leg['chain']}" for leg in found["legs"] if not _on_its_chain(leg)]
    return faults


def _places(found: Rows, last: int) -> list[str]:
    listed = [(name, row["place"]) for name in SCHEMAS for row in found[name]]
    return [f"a row of {name} stands at place {at} of {last}" for name, at in listed if not 0 <= at <= last]


def _last_place(data: bytes, unit: str) -> int:
    """The largest place there can be: lines are counted from 1; an item takes at least a byte."""
    return len(_LINE.findall(data)) + 1 if unit == "line" else len(data)


def _tx(row: Mapping[str, Any], name: str) -> tuple[object, object, object]:
    return row["chain"], row[name], row["view"]


def _amount(leg: Mapping[str, Any]) -> int:
    return 0 if leg["amount"] is None and leg["wide"] is None else amounts.join(leg["amount"], leg["wide"])


def _on_its_chain(leg: Mapping[str, Any]) -> bool:
    return bool(leg["asset"].startswith(leg["chain"] + "/"))
