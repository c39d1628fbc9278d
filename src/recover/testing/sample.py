"""A small, whole view, for tests of exporters and templates: one service, one hub, one loss, hostile texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from recover.sdk import SCHEMAS, Asset, CaseFacts, ExhibitFacts, Finding, Loss, OffRamp, Service, View

CHAIN = "toy:1"
COIN = Asset(id=f"{CHAIN}/token:coin", symbol="COIN", decimals=2, name="Coin")
# A spreadsheet formula, a mark that turns the line round, HTML, Typst and quotes: each is live in some output.
HOSTILE = '=cmd() \u202e<script>alert(1)</script> #eval(1) $x$ "q"'
NOON = datetime(2024, 1, 2, 12, 0, 0, tzinfo=UTC)

_MOVED = pa.schema(
    [
        *((name, pa.string()) for name in ("chain", "tx", "src", "dst", "asset", "kind", "excluded")),
        *((name, pa.int64()) for name in ("seq", "amount", "exhibit", "place", "height", "leg")),
        ("wide", pa.binary(33)),
        ("memo", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
    ]
)


def view() -> View:
    """A case of one loss: 700 arrived at a deposit address, 600 went on to a service and 100 to a hub."""
    tables = {
        "transfers": _transfers(),
        "flows": _flows(),
        "hops": _flows().add_column(0, pa.field("rule", pa.string()), pa.array(["fifo"] * _flows().num_rows)),
        "ends": _ends(),
        "gaps": SCHEMAS["gaps"].empty_table(),
        "accounts": _accounts(),
        "assertions": SCHEMAS["assertions"].append(pa.field("exhibit", pa.int64())).empty_table(),
    }
    return View(
        case=CaseFacts(
            title=HOSTILE,
            examiner="N",
            agency="A",
            rule="fifo",
            opened=NOON,
            language="en",
            losses=(Loss(id="L1", chain=CHAIN, address="wallet", assets=(COIN.id,), label=HOSTILE),),
        ),
        head="ab" * 32,
        entries=3,
        version="0.1.0",
        plugins=(("recover", "0.1.0", "cd" * 32),),
        heuristics=(),
        rules=(),
        assets={COIN.id: COIN},
        exhibits=(_exhibit(),),
        offramps=(_ramp("Acme", 600), _ramp(None, 100)),
        findings=(
            Finding(id="F1", kind="at-rest", subject="wallet", grade="", slots={"amount": 5}, exhibits=(1,)),
        ),
        services={"Acme": _service()},
        tables={name: lambda table=table: table for name, table in tables.items()},  # type: ignore[misc]
    )


def _finding() -> Finding:
    slots: dict[str, str | int | tuple[str, ...] | None] = {"asset": COIN.id, "amount": 5}
    return Finding(id="F1", kind="at-rest", subject="wallet", grade="", slots=slots, exhibits=(1,))


def _service() -> Service:
    return Service(
        id="acme",
        name="Acme",
        category="exchange",
        aliases=(),
        uri="acme.example",
        jurisdictions=(),
        legal={},
        source="made for tests",
        as_of="2024-01-01",
    )


def _exhibit() -> ExhibitFacts:
    return ExhibitFacts(
        number=1,
        digest="ef" * 32,
        name=HOSTILE,
        size=9,
        media="text/csv",
        captured=NOON,
        sources=("toy",),
        method="import",
        records=1,
    )


def _ramp(service: str | None, amount: int) -> OffRamp:
    return OffRamp(
        service=service,
        service_name=service or "",
        address="deposit",
        chain=CHAIN,
        asset=COIN.id,
        decimals=2,
        symbol="COIN",
        amount=amount,
        arrived=700,
        swept=amount,
        whole_in=700,
        passed_on=0,
        at_rest=0,
        transfers=1,
        sweeps=1,
        hot_wallets=("hot" if service else "hub",),
        grade="C" if service else "E",
        basis=HOSTILE,
        first=NOON,
        last=NOON,
        transactions=("t1",),
        sweep_transactions=("t2",),
        exhibits=(1,),
        by_rule={"fifo": amount, "lifo": 0},
        by_loss={"L1": amount},
        through="deposit",
        deposit=True,
        credited=700,
        elsewhere=700 - amount,
        elsewhere_at={"hub" if service else "hot": 700 - amount},
        by_rule_and_loss={"fifo": {"L1": amount}, "lifo": {"L1": 0}},
    )


def _transfers() -> pa.Table:
    pairs = (("t1", "wallet", "deposit", 700), ("t2", "deposit", "hot", 600))
    shared = {"chain": CHAIN, "asset": COIN.id, "kind": "transfer", "time": NOON, "exhibit": 1}
    rows = [
        {**shared, "seq": n, "tx": tx, "src": src, "dst": dst, "amount": amount, "place": n + 2}
        for n, (tx, src, dst, amount) in enumerate(pairs)
    ]
    return pa.Table.from_pylist(rows, schema=_MOVED)


def _flows() -> pa.Table:
    schema = pa.schema(
        [
            ("seq", pa.int64()),
            ("loss", pa.string()),
            ("event", pa.string()),
            ("amount", pa.int64()),
            ("wide", pa.binary(33)),
        ]
    )
    moved = (("start", 0, 700), ("move", 1, 600), ("end", 1, 600))
    rows = [{"seq": seq, "loss": "L1", "event": event, "amount": amount} for event, seq, amount in moved]
    return pa.Table.from_pylist(rows, schema=schema)


def _ends() -> pa.Table:
    texts = ("rule", "ties", "loss", "asset", "address", "reason")
    numbers = ("amount", "transfers", "first", "last")
    fields = [*((n, pa.string()) for n in texts), *((n, pa.int64()) for n in numbers), ("wide", pa.binary(33))]
    row = {"rule": "fifo", "ties": "as recorded", "loss": "L1", "asset": COIN.id, "address": "deposit"}
    return pa.Table.from_pylist(
        [{**row, "reason": "service", "amount": 700, "transfers": 1}], schema=pa.schema(fields)
    )


def _accounts() -> pa.Table:
    texts = ("address", "asset", "arrived", "opening", "swept", "passed_on", "at_rest")
    fields = [*((n, pa.string()) for n in texts), ("inflows", pa.int64()), ("outflows", pa.int64())]
    row = {"address": "deposit", "asset": COIN.id, "arrived": "700", "opening": "0", "swept": "700"}
    whole = {**row, "passed_on": "0", "at_rest": "0", "inflows": 1, "outflows": 2}
    return pa.Table.from_pylist([whole], schema=pa.schema(fields))
