"""Room for what comes: logs by topic, an assertion of a crossing, an ask for its other side, a price, an own ask.

A bridge member as an outside author would write it: it reads logs and imports no chain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.core.loopback import Server
from tests.core.scripted import BANK, COINS, GOLD, START, pay

from recover.capture import own
from recover.case import derived, open_for_reading, open_for_writing
from recover.declared import losses
from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.sdk import (
    Address,
    Ask,
    Assertion,
    Batch,
    Chain,
    Coverage,
    Crossing,
    Details,
    Error,
    Exhibit,
    Gap,
    Heuristic,
    HeuristicInfo,
    Ledger,
    Log,
    Price,
    Recorder,
    Request,
    Scope,
    Source,
    SourceInfo,
    TxId,
    ask_of,
    plugin,
)
from recover.sdk.batch import ask_text
from recover.stages import collect, open, run

DEPOSITED = "0x" + "d1" * 32
OTHERS = "0x" + "ee" * 32
KEY = "0x" + "07" * 32


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Weather(Ask):
    """Ask: an ask that only this plugin knows; where, and on which day."""

    address: Address
    day: datetime | None = None
    note: str = ""


class Bridged:
    """A file of one theft into a bridge; asked for the crossing, the operator's answer."""

    info = SourceInfo(
        id="bridged",
        version="1",
        title="B",
        chains=("bank:1",),
        place="line",
        media="text",
        terms="Made for tests.",
        asks=("Crossing", "Weather"),
        endpoint="http://127.0.0.1:9",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith(b"bridged")

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        if isinstance(ask, Crossing):
            yield recorder.capture(Request(url=f"{recorder.endpoint}/crossing/{ask.key}"))
        if isinstance(ask, Weather):
            yield recorder.capture(Request(url=f"{recorder.endpoint}/weather/{ask.address.text}"))

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        if exhibit.asked is not None:
            yield Batch.of(*self.answered(exhibit))
            return
        yield Batch.of(
            pay("t1", ("avictim", "athief", 100, GOLD), minute=1),
            pay("t2", ("athief", "abridge", 60, GOLD), minute=2),
            Coverage(chain="bank:1", address="athief"),
            Price(asset=GOLD.id, currency="EUR", value=6_402_317, scale=2, time=START, source="a bank"),
            Gap(
                code="crossing-open",
                subject="bank:1:t2",
                why="It crossed.",
                fill=Crossing(tx=TxId(chain="bank:1", text="t2"), protocol="toy", key=KEY),
            ),
            Gap(
                code="weather-open",
                subject="bank:1:athief",
                why="Nobody looked.",
                fill=Weather(address=Address(chain="bank:1", text="athief"), day=START, note="x"),
            ),
        )
        for topic in (DEPOSITED, OTHERS):
            # Only what some plugin reads is handed over: logs can be a chain's largest table by far.
            if topic in exhibit.topics:
                topics = (topic, KEY)
                yield Batch.of(
                    Log(chain="bank:1", tx="t2", contract="abridge", topics=topics, data="0x3c", index=4)
                )

    def answered(self, exhibit: Exhibit) -> Iterator[Gap]:
        yield Gap(code="answered", subject=exhibit.data.decode(), why="It was answered.")


class Passage:
    """Reads deposits into the bridge, and asserts the crossing."""

    info = HeuristicInfo(
        id="passage",
        version="1",
        title="P",
        models=("account",),
        asserts=("cross",),
        citation="A test.",
        fails=("Never.",),
        topics=(DEPOSITED,),
    )
    broken = False

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        for row in ledger.logs().to_pylist():
            said = {
                "protocol": "toy",
                "key": row["topics"][1],
                "level": "1",
                "to_chain": "coin:1",
                "to_tx": "t9",
                "into": "coin:1/slip44:1",
                "sent": str(int(row["data"], 16)),
                "received": "59",
                "fee": "1",
            }
            if self.broken:
                said.pop("received")
            yield Batch.of(
                Assertion(
                    kind="cross",
                    chain=row["chain"],
                    address="athief",
                    asset=GOLD.id,
                    grade="A",
                    method="passage",
                    version="1",
                    transactions=(row["tx"],),
                    params=json.dumps(said),
                )
            )


def plugins(heuristic: Passage) -> Plugins:
    source = Bridged()

    class Plugged:
        @plugin
        def recover_chains(self) -> list[Chain]:
            return [COINS, BANK]

        @plugin
        def recover_sources(self) -> list[Source]:
            return [source]

        @plugin
        def recover_heuristics(self) -> list[Heuristic]:
            return [heuristic]

    loaded = registry.load(extra=[Plugged()])
    return replace(loaded, heuristics={"passage": heuristic})


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def case(folder: Path, known: Plugins, url: str = "") -> Path:
    path = folder / "case"
    open.create(path, title="T", examiner="N", agency="A", rule="fifo")
    (folder / "b.txt").write_text("bridged")
    with open_for_writing(path, "test") as opened:
        collect.files(opened, known, [folder / "b.txt"], [], quiet)
        losses.declare(opened, known, tx="bank:1:t1")
        if url:
            opened.save(replace(opened.settings, sources=("bridged",)))
            own.keep(opened.id, opened.path, {"bridged": url})
        run.everything(opened, known, quiet, until="find")
    return path


def test_logs_of_the_topics_that_a_plugin_names_reach_it_and_no_others(tmp_path: Path) -> None:
    opened = open_for_reading(case(tmp_path, plugins(Passage())))
    (log,) = derived.read(opened, "logs").to_pylist()
    assert (log["topics"], log["data"], log["index"], log["time"] is not None) == (
        [DEPOSITED, KEY],
        "0x3c",
        4,
        True,
    )


def test_a_crossing_is_asserted_with_both_sides_exact(tmp_path: Path) -> None:
    opened = open_for_reading(case(tmp_path, plugins(Passage())))
    (said,) = [r for r in derived.read(opened, "assertions").to_pylist() if r["kind"] == "cross"]
    told = json.loads(said["params"])
    assert (said["transactions"], told["to_tx"], told["sent"], told["received"]) == (["t2"], "t9", "60", "59")


def test_a_crossing_without_its_amount_names_the_plugin_and_the_key(tmp_path: Path) -> None:
    wrong = Passage()
    wrong.broken = True
    with pytest.raises(Error, match="passage") as caught:
        case(tmp_path, plugins(wrong))
    assert caught.value.exit == 4
    assert "received" in caught.value.why


def test_a_price_is_kept_exact_with_its_scale(tmp_path: Path) -> None:
    (row,) = derived.read(open_for_reading(case(tmp_path, plugins(Passage()))), "prices").to_pylist()
    assert (row["asset"], row["currency"], row["value"], row["scale"]) == (GOLD.id, "EUR", 6_402_317, 2)


def test_asks_for_a_crossing_and_of_an_own_kind_are_put_and_answered(tmp_path: Path) -> None:
    server = Server((200, b"one"), (200, b"two"), (404, b""))
    try:
        opened = open_for_reading(case(tmp_path, plugins(Passage()), server.url))
    finally:
        server.close()
    assert sorted(a["path"] for a in server.asked)[:2] == [f"/crossing/{KEY}", "/weather/athief"]
    asked = [e.body for e in opened.entries if e.kind == "asked"]
    assert {json.loads(body["ask"])["ask"] for body in asked} >= {"Crossing", "Weather"}
    gaps = derived.read(opened, "gaps").to_pylist()
    assert {"answered"} <= {row["code"] for row in gaps}
    open_ = {row["fill"] for row in gaps} - {None}
    assert not open_ & {body["ask"] for body in asked}, "what was answered is no gap any more"
    # What the heuristic says of the other side is in no exhibit: the core asks for that transaction.
    assert ask_text(Details(tx=TxId(chain="coin:1", text="t9"))) in open_


def test_an_own_ask_is_text_and_back() -> None:
    ask = Weather(address=Address(chain="bank:1", text="a"), day=datetime(2026, 1, 2, tzinfo=UTC), note="y")
    assert ask_of(ask_text(ask)) == ask
    assert Ask.kinds["Weather"] is Weather
