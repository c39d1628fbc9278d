"""Findings of what issuers did, of swaps and of deceits: from small tables, to statements, to sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from recover.findings import deceptions, exchanges, issued
from recover.findings.evidence import Evidence
from recover.findings.material import Material
from recover.findings.sequences import Ordered
from recover.ledger import lookalikes
from recover.ledger.coverage import Covered
from recover.plugins import registry
from recover.registers import issuers
from recover.registers.issuers import Issuer, Issuers
from recover.report import brief, lint
from recover.report import elements as parts
from recover.report.sentences import points
from recover.report.texts import Texts
from recover.sdk import SCHEMAS, Asset, Event, Finding, State, Template, amounts
from recover.testing import Transfer, ledger, sample

CHAIN = "toy:1"
USD, GAS = f"{CHAIN}/token:0xUSD", f"{CHAIN}/token:0xGAS"
LOUD = Issuer(
    id="loud", name="Loud", uri="", assets=(USD,), powers=("freeze", "destroy"), terms="An order.", note="",
    source="made for tests", as_of="2026-01-02",
)  # fmt: skip
Row = tuple[str, str, str, Mapping[str, Any], tuple[int, ...]]


def end(address: str, amount: int, reason: str = "rest", rule: str = "fifo", asset: str = USD) -> dict[str, Any]:
    return {
        "rule": rule, "ties": "as recorded", "loss": "L1", "asset": asset, "address": address, "reason": reason,
        "amount": amount,
    }  # fmt: skip


def beside(
    *,
    moves: Sequence[Transfer] = (),
    ends: Sequence[Mapping[str, Any]] = (),
    events: Sequence[Event] = (),
    states: Sequence[State] = (),
    asserted: Sequence[Mapping[str, Any]] = (),
    flows: Mapping[int, int] | None = None,
    looks: Mapping[str, tuple[int, int]] | None = None,
) -> Evidence:
    """What a case holds; `flows` gives the traced amount of each row of `moves`. Every address is concerned."""
    made = ledger(moves, events=events, states=states)
    schema = SCHEMAS["assertions"].append(pa.field("exhibit", pa.int64()))
    texts = dict.fromkeys((f.name for f in SCHEMAS["assertions"] if not f.nullable), "")
    base = {**texts, "exhibit": 0, "place": 0, "params": "{}", "grade": "B", "method": "m", "version": "1"}
    carried = [
        {"seq": seq, "loss": "L1", "event": "move", "amount": amounts.split(n)[0], "wide": amounts.split(n)[1]}
        for seq, n in (flows or {}).items()
    ]
    fields = [(n, pa.string()) for n in ("loss", "event")]
    flow = pa.schema([("seq", pa.int64()), *fields, ("amount", pa.int64()), ("wide", pa.binary(33))])
    tables = (
        "chains",
        "targets",
        "arrived",
        "credits",
        "payments",
        "habits",
        "settled",
        "labels",
        "members",
        "hubs",
        "hints",
    )
    empty: dict[str, Any] = {
        name: {}
        for name in (
            *tables,
            "starts",
            "came",
            "exhibits_of",
            "deposits",
            "onward",
            "payers",
            "came_home",
            "spent",
            "coins",
            "words",
        )
    }
    material = Material(
        rule="fifo",
        ran=("fifo",),
        orders=Ordered(by_loss={}, arrived={}, credited={}, ended={}, tried={}),
        deposit_places=frozenset(),
        halts=frozenset(),
        memos=frozenset(),
        assets={USD: ("USD", 2), GAS: ("GAS", 0)},
        transfers=made.transfers(),
        ends=pa.Table.from_pylist(
            [{"asset": e["asset"], "address": e["address"]} for e in ends],
            schema=pa.schema([("asset", pa.string()), ("address", pa.string())]),
        ),
        kept=[dict(e) for e in ends if e["rule"] == "fifo"],
        told=[],
        shapes=[],
        covered=Covered(claims={}, moved={}, unshown=frozenset()),
        **empty,
    )
    names = {t for e in events for t in (e.address, e.other) if t} | {s.address for s in states}
    names |= {name for m in moves for name in (m.src, m.dst) if name}
    names |= {str(e["address"]) for e in ends} | {str(a["address"]) for a in asserted}
    return Evidence(
        material=material,
        events=made.events(),
        states=made.states(),
        asserted=pa.Table.from_pylist([{**base, **a} for a in asserted], schema=schema),
        flows=pa.Table.from_pylist(carried, schema=flow),
        looks=looks or {},
        issuers=Issuers(of={issuers.key(USD): LOUD}),
        touched=frozenset((CHAIN, name) for name in names),
    )


def freeze(kind: str = "freeze", tx: str = "T1", address: str = "a", **more: Any) -> Event:
    return Event(kind=kind, chain=CHAIN, tx=tx, contract="0xusd", address=address, **{"asset": USD, **more})


def state(kind: str, amount: int, height: int = 9, address: str = "a") -> State:
    return State(kind=kind, chain=CHAIN, address=address, amount=amount, asset=USD, height=height)


TXS = [Transfer(src="x", dst="y", amount=1, asset=USD, chain=CHAIN, height=n) for n in range(3)]


def told(found: Sequence[Any]) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in found]


def test_a_freeze_is_said_by_events_and_by_a_call_with_what_rests_there() -> None:
    case = beside(
        moves=TXS,
        ends=[end("a", 500), end("a", 90, rule="lifo"), end("a", 8, "fee")],
        events=[freeze()],
        states=[state("frozen", 1), state("balance", 700)],
    )
    (row,) = issued.made(case)
    assert row[:2] == ("frozen", "a")
    assert row[3] == {
        "asset": USD,
        "issuer": "Loud",
        "by_events": "frozen",
        "transaction": "T1",
        "event_height": 0,
        "by_call": "frozen",
        "call_height": 9,
        "call_proof": "reported",
        "amount": 500,
        "balance": 700,
        "balance_height": 9,
    }
    assert row[4] == (1,)


@pytest.mark.parametrize(
    ("events", "states", "by_events", "by_call"),
    [
        pytest.param([freeze()], [], "frozen", "", id="events alone"),
        pytest.param([], [state("frozen", 1)], "", "frozen", id="a call alone"),
        pytest.param([freeze(), freeze("unfreeze", "T2")], [], None, None, id="lifted"),
        pytest.param([freeze("unfreeze", "T1"), freeze(tx="T2")], [], "frozen", "", id="and put on again"),
        pytest.param(
            [freeze(tx="T2", index=5), freeze("unfreeze", "T2", index=4)], [], "frozen", "", id="by index"
        ),
        pytest.param([freeze()], [state("frozen", 0)], "frozen", "free", id="they disagree"),
        pytest.param([], [state("frozen", 1, 5), state("frozen", 0, 6)], None, None, id="the later call counts"),
        pytest.param([], [state("frozen", 0, 5), state("frozen", 1, 6)], "", "frozen", id="whatever the order"),
        pytest.param([freeze(asset=None)], [], "frozen", "", id="an event that names only its contract"),
        pytest.param([freeze(asset=USD.replace("USD", "usd"))], [], "frozen", "", id="in other letters"),
        pytest.param([freeze(asset=GAS)], [], "frozen", "", id="of an asset with no issuer in the register"),
    ],
)
def test_the_last_word_counts(
    events: list[Event], states: list[State], by_events: str | None, by_call: str | None
) -> None:
    found = [r for r in issued.made(beside(moves=TXS, events=events, states=states)) if r[0] == "frozen"]
    expected = [] if by_events is None else [(by_events, by_call)]
    assert [(r[3]["by_events"], r[3]["by_call"]) for r in found] == expected


def test_an_address_that_the_case_does_not_concern_is_no_finding() -> None:
    case = replace(beside(moves=TXS, events=[freeze()]), touched=frozenset({(CHAIN, "b")}))
    assert list(issued.made(case)) == []


def test_value_at_rest_can_be_stopped_where_the_register_names_an_issuer() -> None:
    ends = [end("a", 500), end("b", 7, asset=GAS), end("c", 9, "service"), end("d", 5)]
    case = beside(moves=TXS, ends=ends, events=[freeze(address="d")], states=[state("frozen", 0)])
    found = list(issued.made(case))
    assert told(found) == [("frozen", "d"), ("freezable", "a")]
    assert found[1][3] == {
        "asset": USD,
        "amount": 500,
        "issuer": "Loud",
        "powers": ("freeze", "destroy"),
        "terms": "An order.",
        "register": "2026-01-02",
        "verified_by": "",
        "by_call": "free",
        "call_height": 9,
    }


def test_an_issuer_without_that_power_is_not_asked() -> None:
    mild = Issuers(of={issuers.key(USD): replace(LOUD, powers=("destroy",))})
    assert list(issued.made(replace(beside(ends=[end("a", 5)]), issuers=mild))) == []


def test_what_was_destroyed_is_said_with_the_traced_part() -> None:
    case = beside(moves=TXS, ends=[end("a", 300, "burn")], events=[freeze("destroy", amount=2**200)])
    (row,) = issued.made(case)
    assert row[:2] == ("destroyed", "a")
    assert (row[3]["destroyed"], row[3]["amount"], row[3]["transaction"]) == (2**200, 300, "T1")


SOLD = [
    Transfer(src="u", dst="p", amount=100, asset=USD, chain=CHAIN, tx="S"),
    Transfer(src="p", dst="u", amount=8, asset=GAS, chain=CHAIN, tx="S"),
    Transfer(src="u", dst="p", amount=1, asset=USD, chain=CHAIN, tx="R"),
]
SWAP = {
    "kind": "swap", "chain": CHAIN, "address": "u", "asset": USD, "transactions": ["S"],
    "params": json.dumps({"bought": "8", "into": GAS, "sold": "100"}),
}  # fmt: skip


def test_a_swap_shows_both_sides_and_what_of_them_is_traced() -> None:
    (row,) = exchanges.made(beside(moves=SOLD, asserted=[SWAP], flows={0: 40, 1: 3, 2: 1}))
    assert row[:3] == ("swap", "u", "B")
    values = {n: row[3][n] for n in ("asset", "sold", "amount", "into", "bought", "carried", "to", "transaction")}
    assert values == {
        "asset": USD,
        "sold": 100,
        "amount": 40,
        "into": GAS,
        "bought": 8,
        "carried": 3,
        "to": "",
        "transaction": "S",
    }


def test_a_fee_is_no_part_of_what_was_given() -> None:
    fee = Transfer(src="u", dst=None, amount=5, asset=USD, chain=CHAIN, tx="S", kind="fee")
    (row,) = exchanges.made(beside(moves=[*SOLD, fee], asserted=[SWAP], flows={0: 40, 1: 3, 3: 5}))
    assert row[3]["amount"] == 40


def test_a_swap_of_value_that_is_not_traced_is_no_finding() -> None:
    assert list(exchanges.made(beside(moves=SOLD, asserted=[SWAP], flows={2: 1}))) == []


def test_a_swap_that_stops_the_trace_carries_nothing() -> None:
    (row,) = exchanges.made(beside(moves=SOLD, asserted=[SWAP], flows={0: 40}))
    assert row[3]["carried"] == 0


DRAIN = {
    "kind": "drain", "chain": CHAIN, "address": "v", "asset": USD, "other": "d", "grade": "D",
    "transactions": ["T1", "T2"],
    "params": json.dumps({
        "amount": str(2**70), "approvals": ["T1"], "senders": ["sender"],
        "spendings": [{"amount": "1", "takers": ["t"], "transaction": "T2"}],
    }),
}  # fmt: skip


def test_a_drain_names_the_approval() -> None:
    (row,) = deceptions.made(beside(moves=TXS, asserted=[DRAIN]))
    assert row[:3] == ("drain", "v", "D")
    assert row[3] == {
        "asset": USD,
        "spender": "d",
        "amount": 2**70,
        "approvals": ("T1",),
        "transactions": ("T2",),
        "takers": ("t",),
        "senders": ("sender",),
        "method": "m 1",
    }
    assert row[4] == (1,)


V, C, S = "0xVV-1-vvvv", "0xaa-real-bbbb", "0xaa-fake-bbbb"


def baited() -> Evidence:
    rows = [
        Transfer(src=V, dst=C, amount=1000, asset=USD, chain=CHAIN),
        Transfer(src=V, dst=S, amount=0, asset=USD, chain=CHAIN, excluded="zero-value"),
        Transfer(src=S, dst=V, amount=1, asset=USD, chain=CHAIN, excluded=lookalikes.REASON),
        Transfer(src=V, dst=S, amount=900, asset=USD, chain=CHAIN),
    ]
    return beside(moves=rows, looks={CHAIN: (4, 4)})


def test_poisoning_is_listed_and_the_payment_to_a_look_alike_is_a_finding_of_its_own() -> None:
    poisoned, paid = deceptions.made(baited())
    assert poisoned[:2] == ("poisoning", V)
    assert poisoned[3] == {
        "imitated": C,
        "imitators": (S,),
        "count": 1,
        "dust": 1,
        "forged": 1,
        "transactions": ("T2", "T3"),
    }
    assert paid[:2] == ("paid-lookalike", V)
    assert paid[3] == {"asset": USD, "imitator": S, "imitated": C, "amount": 900, "transactions": ("T4",)}


def test_a_victim_that_the_case_does_not_concern_is_no_finding() -> None:
    assert list(deceptions.made(replace(baited(), touched=frozenset({(CHAIN, C), (CHAIN, S)})))) == []


@pytest.fixture(scope="module")
def report() -> Texts:
    found: dict[str, Template] = registry.load().templates
    return Texts.load(found["report"].folder, "en")


def sentences(report: Texts, rows: Sequence[Any]) -> list[str]:
    found = tuple(
        Finding(id=f"F{n}", kind=r[0], subject=r[1], grade=r[2], slots=r[3], exhibits=r[4])
        for n, r in enumerate(rows, 1)
    )
    assets = {
        USD: Asset(id=USD, symbol="USD", decimals=2),
        GAS: Asset(id=GAS, symbol="GAS", decimals=0),
    }
    view = replace(sample.view(), findings=found, assets=assets)
    said = parts.strings(brief.report(view, report))
    assert lint.figures(said, [view.case.rule]) == []
    assert not [text for text in said for _ in lint.banned(text)]
    return [point.text for point in points(view, report)]


def test_every_finding_is_a_sentence_with_its_amounts(report: Texts) -> None:
    first = beside(moves=TXS, ends=[end("a", 500)], events=[freeze()], states=[state("frozen", 0)])
    second = beside(moves=TXS, ends=[end("b", 700), end("c", 300, "burn")],
                    events=[freeze("destroy", amount=300, address="c")])  # fmt: skip
    third = beside(moves=SOLD, asserted=[SWAP], flows={0: 40, 1: 3})
    fourth = beside(moves=TXS, asserted=[DRAIN])
    makers = (issued.made(first), issued.made(second), exchanges.made(third), deceptions.made(fourth))
    rows = [row for maker in (*makers, deceptions.made(baited())) for row in maker]
    said = sentences(report, rows)
    frozen, freezable, destroyed, swap, drain, poisoned, paid = said
    assert "5.00 USD of traced value was last seen there" in frozen
    assert "puts a freeze on it (transaction T1, block 0)" in frozen
    assert "says that no freeze is on it. The two do not agree." in frozen
    assert "7.00 USD of traced value was last seen at b" in freezable
    assert "put a freeze on a balance and destroy it" in freezable
    assert "unverified" in freezable
    assert "destroyed 3.00 USD that c held" in destroyed
    assert "u gave 1.00 USD and had 8 GAS for it." in swap
    assert "0.40 USD of what was given was traced value, and 3 GAS" in swap
    assert "(transactions: T1)" in drain
    assert "dust: 1, forged: 1" in poisoned
    assert "sent 9.00 USD to 0xaa-fake-bbbb, which looks like 0xaa-real-bbbb" in paid
    assert not [text for text in said if "{" in text]


def test_a_swap_that_goes_on_nowhere_says_so(report: Texts) -> None:
    (said,) = sentences(report, list(exchanges.made(beside(moves=SOLD, asserted=[SWAP], flows={0: 40}))))
    assert "it is not followed into the other asset" in said


def test_a_wrap_and_a_receiver_are_said(report: Texts) -> None:
    to_other = {**SWAP, "other": "w", "note": "wrap"}
    moves = [SOLD[0], replace(SOLD[1], dst="w")]
    made = exchanges.made(beside(moves=moves, asserted=[to_other], flows={0: 40, 1: 3}))
    (said,) = sentences(report, list(made))
    assert "wrapped form, paid to w." in said


def test_what_can_be_stopped_is_an_urgent_action(report: Texts) -> None:
    rows = list(issued.made(beside(ends=[end("b", 700)])))
    found = tuple(Finding(id="F1", kind=r[0], subject=r[1], grade="", slots=r[3], exhibits=()) for r in rows)
    view = replace(sample.view(), findings=found, assets={USD: Asset(id=USD, symbol="USD", decimals=2)})
    said = " ".join(parts.strings(brief.report(view, report)))
    assert "Consider asking Loud, the issuer of USD, about b, where traced value under rule fifo is not" in said
    assert "7.00 USD" in said
