"""A rich view, made by hand: two services, a hub, hostile names, wide amounts and three hundred transactions."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from recover.sdk import (
    SCHEMAS,
    UINT256,
    Asset,
    CaseFacts,
    ExhibitFacts,
    Finding,
    Loss,
    OffRamp,
    Service,
    View,
    amounts,
)

CHAIN = "tron:0x2b6653dc"
USDT = f"{CHAIN}/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
WIDE = f"{CHAIN}/trc20:TWideTokenTokenTokenTokenTokenToke"
HOSTILE = 'Acme \u202eknaB\u200b <script>alert(1)</script> #eval(1) $x$ =cmd() *bold* 漢 & "q"'
START = datetime(2023, 3, 1, 12, 0, 0, tzinfo=UTC)
HOT_A, HOT_B, HUB = (
    "THotWa11etOfAcmeExchangexxxxxxxxxx",
    "THotWa11etOfBravoPayxxxxxxxxxxxxxx",
    "THubWithNoNamexxxxxxxxxxxxxxxxxxxx",
)
RULES = ("fifo", "lifo", "prorata", "libr")


def address(number: int) -> str:
    """A text of a TRON address's shape; nobody's."""
    return f"TDepo{number:03d}" + hashlib.sha256(str(number).encode()).hexdigest()[:26]


def tx(number: int) -> str:
    return hashlib.sha256(f"tx {number}".encode()).hexdigest()


def rich(deposits: int = 8, transfers: int = 300) -> View:
    """`deposits` deposit addresses over two services and a hub, `transfers` arrivals spread over them."""
    rows = [_arrival(i, deposits) for i in range(transfers)]
    rows += [_sweep(i, deposits, transfers) for i in range(deposits)]
    ramps = tuple(_ramp(i, deposits, rows, transfers) for i in range(deposits))
    ramps = (*ramps, _wide())
    return View(
        case=_case(deposits),
        head="9f2c" * 16,
        entries=41,
        version="0.1.0",
        plugins=(("recover-chain-tron", "0.1.0", "ab" * 32), ("recover-labels", "0.1.0", "cd" * 32)),
        heuristics=(_heuristic("deposit-by-sweep", ""), _heuristic("hub-by-degree", "n 1200, false positive 3")),
        rules=tuple(_rule(name) for name in RULES),
        assets={
            USDT: Asset(id=USDT, symbol="USDT", decimals=6, name="Tether USD"),
            WIDE: Asset(id=WIDE, symbol="<b>WIDE</b>", decimals=18, name="Wide\u202e token"),
        },
        exhibits=tuple(_exhibit(n) for n in (1, 2, 3)),
        offramps=ramps,
        findings=_findings(ramps),
        services={"acme": _service("acme", HOSTILE, {}), "bravo": _service("bravo", "Bravo Pay", _LEGAL)},
        tables={
            "transfers": lambda: transfer_table(rows),
            "ends": lambda: _ends(ramps),
            "gaps": _gaps,
            "assertions": _assertions,
        },
    )


def empty() -> View:
    """A case in which nothing was found."""
    view = rich(1, 1)
    case = replace(view.case, losses=(), reference="", note="", title="A case with nothing in it")
    bare: dict[str, Any] = {"gaps": SCHEMAS["gaps"].empty_table}
    return replace(
        view,
        case=case,
        exhibits=(),
        offramps=(),
        findings=(),
        services={},
        heuristics=(),
        plugins=(),
        rules=(),
        tables=bare,
    )


_LEGAL = {"entity": "Bravo Pay Ltd", "address": "1 Example Street, Valletta", "channel": "legal@bravo.example"}


def _case(deposits: int) -> CaseFacts:
    losses = [
        Loss(
            id=f"L{i + 1}",
            chain=CHAIN,
            address=address(i),
            assets=(USDT,),
            label=f"wallet {i + 1} <i>of the order</i>",
        )
        for i in range(deposits)
    ]
    losses.append(
        Loss(
            id=f"L{deposits + 1}",
            chain=CHAIN,
            tx=tx(0),
            amount=5_000_000,
            assets=(USDT,),
            since=START,
            until=START + timedelta(days=9),
            label=HOSTILE,
        )
    )
    return CaseFacts(
        title="Wallets named in order 15/22 \u202e#eval",
        examiner="A. Examiner",
        agency="Example Agency <b>",
        rule="fifo",
        opened=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
        language="en",
        losses=tuple(losses),
        reference="",
        note="A note with a bell \x07 in it.",
    )


def _amount(number: int) -> int:
    return 1_000_000 * (number % 37 + 1) + number * 101


def _arrival(i: int, deposits: int) -> dict[str, Any]:
    return _row(i, tx(i), START + timedelta(hours=i), f"TSender{i % 9}", address(i % deposits), _amount(i))


def _sweep(i: int, deposits: int, transfers: int) -> dict[str, Any]:
    total = sum(_amount(n) for n in range(transfers) if n % deposits == i)
    when = START + timedelta(hours=transfers + i)
    return _row(transfers + i, tx(100_000 + i), when, address(i), _place(i)[2], total)


def _row(
    seq: int, ident: str, when: datetime, src: str, dst: str, amount: int, asset: str = USDT
) -> dict[str, Any]:
    small, wide = amounts.split(amount)
    return {
        "seq": seq,
        "chain": CHAIN,
        "tx": ident,
        "time": when,
        "src": src,
        "dst": dst,
        "asset": asset,
        "amount": small,
        "wide": wide,
        "kind": "transfer",
        "excluded": None,
        "exhibit": 1 + seq % 2,
        "place": seq + 2,
    }


TRANSFERS = pa.schema(
    [
        ("seq", pa.int64()),
        ("chain", pa.string()),
        ("tx", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("src", pa.string()),
        ("dst", pa.string()),
        ("asset", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
        ("kind", pa.string()),
        ("excluded", pa.string()),
        ("exhibit", pa.int64()),
        ("place", pa.int64()),
    ]
)


def transfer_table(rows: list[dict[str, Any]]) -> pa.Table:
    wide = _row(9_999, tx(9_999), START, "TSenderW", address(900), UINT256, WIDE)
    return pa.Table.from_pylist([*rows, wide], schema=TRANSFERS)


def _place(i: int) -> tuple[str | None, str, str]:
    if i % 4 == 3:
        return None, "", HUB
    return ("acme", HOSTILE, HOT_A) if i % 2 == 0 else ("bravo", "Bravo Pay", HOT_B)


def _ramp(i: int, deposits: int, rows: list[dict[str, Any]], transfers: int) -> OffRamp:
    mine = [r for r in rows[:transfers] if r["dst"] == address(i)]
    total = sum(r["amount"] for r in mine)
    service, name, hot = _place(i)
    by_rule = {rule: total - at * (total // 10) for at, rule in enumerate(RULES)}
    if i == 1:
        by_rule["libr"] = 0
    return OffRamp(
        service=service,
        service_name=name,
        address=address(i),
        chain=CHAIN,
        asset=USDT,
        decimals=6,
        symbol="USDT",
        amount=total,
        arrived=total,
        swept=total,
        whole_in=total,
        passed_on=0,
        at_rest=0,
        transfers=len(mine),
        sweeps=1,
        hot_wallets=(hot,),
        grade="C" if service else "D",
        basis=f"1 sweep to {hot}, which a label names" if service else "sweeps to an address that no label names",
        first=mine[0]["time"],
        last=mine[-1]["time"],
        transactions=tuple(r["tx"] for r in mine),
        sweep_transactions=(tx(100_000 + i),),
        exhibits=(1, 2),
        by_rule=by_rule,
        by_loss={f"L{i + 1}": total},
        reversed_ties=total - 7 if i == 2 else None,
    )


def _wide() -> OffRamp:
    return OffRamp(
        service="bravo",
        service_name="Bravo Pay",
        address=address(900),
        chain=CHAIN,
        asset=WIDE,
        decimals=18,
        symbol="<b>WIDE</b>",
        amount=UINT256,
        arrived=UINT256,
        swept=0,
        whole_in=None,
        passed_on=None,
        at_rest=None,
        transfers=1,
        sweeps=0,
        hot_wallets=(),
        grade="E",
        basis='=HYPERLINK("x")',
        first=START,
        last=START,
        transactions=(tx(9_999),),
        sweep_transactions=(),
        exhibits=(3,),
        by_rule={"fifo": UINT256, "lifo": 0},
        by_loss={"L1": UINT256},
    )


def _findings(ramps: tuple[OffRamp, ...]) -> tuple[Finding, ...]:
    found: list[tuple[str, str, Any, dict[str, Any], tuple[int, ...]]] = [
        (
            "loss",
            address(0),
            "",
            {"loss": "L1", "label": HOSTILE, "asset": USDT, "declared": None, "began": 77},
            (),
        ),
        (
            "loss",
            tx(0),
            "",
            {"loss": "L9", "label": "", "asset": USDT, "declared": 5_000_000, "began": 5_000_000},
            (),
        ),
        (
            "conservation",
            "L1",
            "",
            {
                "asset": USDT,
                "rule": "fifo",
                "began": 100,
                "ended": 100,
                "service": 60,
                "rest": 30,
                "uncollected": 10,
            },
            (),
        ),
    ]
    for r in ramps:
        slots = {
            "service": r.service,
            "asset": r.asset,
            "amount": r.amount,
            "swept": r.swept,
            "sweeps": r.sweeps,
            "transfers": r.transfers,
            "least": min(r.by_rule.values()),
            "most": max(r.by_rule.values()),
            "hot_wallets": r.hot_wallets,
            "basis": r.basis,
        }
        found.append(("off-ramp", r.address, r.grade, slots, r.exhibits))
    total = sum(r.amount for r in ramps if r.service == "acme")
    slots = {"asset": USDT, "amount": total, "swept": total, "sweeps": 4, "addresses": (address(0), address(2))}
    found.append(("service-total", "acme", "C", slots, (1, 2)))
    for i, r in enumerate(ramps[:-1]):
        extra = 1 if i == 3 else 0
        account = {
            "asset": r.asset,
            "arrived": r.amount,
            "opening": 0,
            "swept": r.swept - extra,
            "passed_on": 0,
            "at_rest": 0,
        }
        found.append(("account", r.address, "", account, ()))
    found += [
        ("at-rest", address(0), "", {"asset": USDT, "amount": 30}, ()),
        (
            "open-end",
            USDT,
            "",
            {"asset": USDT, "amount": 10, "addresses": 1, "largest": ("TOpen",), "largest_amounts": ("10",)},
            (),
        ),
        ("hub", HUB, "D", {"note": "412 wallets pay to it", "asset": USDT}, (1,)),
        (
            "order-assumed",
            address(2),
            "",
            {"asset": USDT, "amount": 500, "reversed": 493, "service": "acme"},
            (1,),
        ),
        (
            "zero-under-rule",
            address(1),
            "",
            {"asset": USDT, "amount": 9, "rules": ("libr",), "service": "bravo"},
            (2,),
        ),
        ("left-out", "look-alike", "", {"asset": WIDE, "symbol": "\u202eUSDT", "transfers": 12}, ()),
        ("something-new", "x", "", {"colour": "red"}, ()),
    ]
    return tuple(
        Finding(id=f"F{n}", kind=kind, subject=subject, grade=grade, slots=slots, exhibits=exhibits)
        for n, (kind, subject, grade, slots, exhibits) in enumerate(found, 1)
    )


def _ends(ramps: tuple[OffRamp, ...]) -> pa.Table:
    rows: list[dict[str, Any]] = []
    for r in ramps:
        reason = "service" if r.service else "hub"
        small, wide = amounts.split(r.amount)
        rows.append(_end(next(iter(r.by_loss)), r.asset, r.address, reason, small, wide))
    rows.append(_end("L1", USDT, "TRestxx", "rest", 150_000_000, None))
    rows.append(_end("L2", USDT, "TOpenxx", "uncollected", 40_000_000, None))
    rows.append(_end("L2", USDT, "TOddxx", "new\u202ereason", 4_000_000, None))
    rows.append({**rows[-1], "rule": "lifo", "amount": 77})
    return pa.Table.from_pylist(rows)


def _end(loss: str, asset: str, place: str, reason: str, small: int | None, wide: bytes | None) -> dict[str, Any]:
    return {
        "rule": "fifo",
        "ties": "as recorded",
        "loss": loss,
        "asset": asset,
        "address": place,
        "reason": reason,
        "amount": small,
        "wide": wide,
    }


def _gaps() -> pa.Table:
    rows = [
        {
            "code": "history-not-collected",
            "subject": f"TOpen{i}",
            "why": "Traced value arrived here, and the history of this address is in no exhibit.",
            "effect": "40000000 base units are not followed further under fifo.",
            "fill": None,
            "place": 0,
        }
        for i in range(5)
    ]
    rows.append(
        {
            **rows[0],
            "code": "look-alike",
            "subject": WIDE,
            "why": "A token copies the symbol \u202eUSDT.",
            "effect": "",
        }
    )
    return pa.Table.from_pylist(rows, schema=SCHEMAS["gaps"])


def _assertions() -> pa.Table:
    rows = [
        {
            "kind": "label",
            "chain": CHAIN,
            "address": HOT_A if i else HOT_B,
            "grade": "C",
            "method": "tagpack",
            "version": "1",
            "service": "acme",
            "label": HOSTILE,
            "role": "hot-wallet",
            "category": "exchange",
            "source": "proof of reserves",
            "origin": "acme.example",
            "asserted": "2023-02-17",
            "transactions": [],
            "params": "{}",
            "note": "",
            "place": i,
        }
        for i in range(70)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["assertions"])


def _heuristic(ident: str, measured: str) -> dict[str, str]:
    return {
        "id": ident,
        "version": "1.0",
        "title": "Deposit address by sweeps",
        "asserts": "deposit-address",
        "citation": "Victor, Address Clustering Heuristics for Ethereum (2020)",
        "fails": "a customer's own wallet that always pays to one exchange; a nested service",
        "parameters": "share = 95 (per cent of outflow)",
        "population": "wallets in two public lists" if measured else "",
        "truth": "labels of a second source" if measured else "",
        "measured": measured,
        "by": "the project" if measured else "",
    }


def _rule(name: str) -> dict[str, str]:
    return {
        "id": name,
        "title": f"The rule {name}",
        "law": "Clayton's Case" if name == "fifo" else "–",
        "source": "Devaynes v Noble (1816) 1 Mer 572",
        "used_when": "The starting point for a running account.",
        "refused_when": "Displaced where it is impractical or unjust.",
        "claim": "yes",
        "declared": "yes" if name == "fifo" else "no",
    }


def _exhibit(number: int) -> ExhibitFacts:
    return ExhibitFacts(
        number=number,
        digest=hashlib.sha256(bytes([number])).hexdigest(),
        name=f"transfers-{number}.csv" if number != 3 else "labels \u202e.csv",
        size=1_234_567 * number,
        media="text/csv",
        captured=datetime(2026, 11, 22, 9, number, tzinfo=UTC),
        sources=("explorer-trc20",),
        method="import",
        records=6_055,
    )


def _service(ident: str, name: str, legal: dict[str, str]) -> Service:
    return Service(
        id=ident,
        name=name,
        category="exchange",
        aliases=(),
        uri=f"{ident}.example",
        jurisdictions=("SC",),
        legal=legal or {"entity": "", "address": "", "channel": ""},
        source="a published list",
        as_of="2023-02-17",
        verified_by="",
    )
