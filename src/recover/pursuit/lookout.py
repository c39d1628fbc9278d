"""`recover watch`: the places where traced value rests, looked at again; a movement is followed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

import pyarrow.compute as pc

from recover.capture import collector
from recover.capture.alerts import Channels
from recover.capture.asking import answers, plain, remedy
from recover.capture.collector import Bounds, Collector
from recover.capture.own import Own
from recover.capture.tries import Done
from recover.case import Case, derived, warc
from recover.case.folder import clock
from recover.plugins import call
from recover.plugins.registry import Plugins
from recover.pursuit import reached, undone
from recover.pursuit.follow import Budget, Pursuit
from recover.pursuit.telling import Event, Tell
from recover.sdk import amounts
from recover.sdk.batch import ask_text
from recover.sdk.counts import counted
from recover.sdk.ends import recorded
from recover.sdk.errors import Error
from recover.sdk.values import Address, Ask, History, Status
from recover.stages import decode, link, trace
from recover.trails import asks

Place = tuple[str, str]
"""(asset, address)."""

_SIGHTED = "unconfirmed"
_UNDONE = "reorganised"
_LOST = "It stood in a block that its chain did not keep: what it moved counts no more."


def _ago(gone: timedelta) -> str:
    """How long ago something was: what is old is no news of this minute."""
    seconds = max(0, int(gone.total_seconds()))
    if seconds < 120:
        return counted(seconds, "second") + " ago"
    if seconds < 7200:
        return counted(seconds // 60, "minute") + " ago"
    return counted(seconds // 3600, "hour") + " ago"


def _caip10(asset: str, address: str) -> str:
    return Address(chain=asset.split("/", 1)[0], text=address).caip10


@dataclass(slots=True, kw_only=True)
class Lookout:
    """One watch. `places` is how many the last look asked about, before what moved was followed; `unseen` are the
    addresses that nobody answered for at it, or with what another exhibit contradicts; `failed` are the sources
    that left something of what they were asked unanswered.

    `fresh` gives the plugins anew for each look: what a source knew of the newest block is old.
    """

    case: Case
    fresh: Callable[[], Plugins]
    mine: Own
    tell: Tell
    channels: Channels
    within: float = 120.0
    looks: int = 0
    places: int = 0
    unseen: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _balances: dict[Place, int] = field(default_factory=dict)
    _left: dict[Place, int] = field(default_factory=dict)
    _gone: list[undone.Undone] = field(default_factory=list)
    _said: set[tuple[str, str, str]] = field(default_factory=set)
    _failing: frozenset[str] = frozenset()

    def begin(self) -> int:
        """What is watched: how many places. Raises Error where nothing was traced, or nothing rests."""
        if not (self.case.derived / "trace" / "ends.parquet").exists():
            raise Error(
                "not-traced",
                f"The case {self.case.typed} was not traced yet.",
                "Only a trace says where value rests.",
                f"`recover run {self.case.typed}` or `recover now {self.case.typed}`, then watch it.",
            )
        plugins = self.fresh()
        for stage in (
            decode,
            link,
            trace,
        ):  # what is watched is what the case says now
            stage.run(self.case, plugins, lambda stage, done, total: None)
        self._said = self._gaps()
        count = len(self.resting())
        if not count:
            raise Error(
                "nothing-rests",
                f"No traced value rests anywhere in the case {self.case.typed}: there is nothing to watch.",
                "All of it has come to an end that a watch sees no further of, or none was found.",
                f"`recover status {self.case.typed}` says what is open; `recover show {self.case.typed} offramps` "
                "where it went.",
            )
        return count

    def resting(self, *reasons: str) -> dict[Place, int]:
        """Where traced value rests under the declared rule, or is not followed yet; the largest first."""
        ends = recorded(derived.read(self.case, "ends"), self.case.settings.rule)
        held: dict[Place, int] = {}
        for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
            if row["reason"] in (reasons or ("rest", "uncollected")):
                place = (row["asset"], row["address"])
                held[place] = held.get(place, 0) + amount
        return dict(sorted(held.items(), key=lambda pair: (-pair[1], pair[0])))

    def look(self) -> int:
        """Ask once about every place, and follow what moved. How many alerts there were."""
        self.looks += 1
        plugins = self.fresh()
        before, paid = self.resting(), self._payments()
        self.places = len(before)
        stored = len(self.case.exhibits())
        bounds = Bounds(requests=100_000, pages=25, ends=time.monotonic() + self.within, seconds=60)
        with collector.of(self.case, plugins, self.mine, bounds) as asking:
            if not asking.places:
                raise Error(
                    "no-source",
                    "No source may be asked, so nothing can be watched.",
                    "The case names none that you allow.",
                    "Name one with --source ID=URL; `recover doctor` lists what there is.",
                )
            came = self._changed(asking, plugins, before)
            stood = undone.relied(self.case, {address for _, address in (*before, *self._left)})
            pursuit = Pursuit(
                case=self.case,
                plugins=plugins,
                tell=self._follow,
                budget=Budget(seconds=self.within, requests=100_000),
            )
            # What moved is told before it is asked whether what was known still stands: minutes count.
            if came:
                pursuit.trace()
                self.unseen = sorted({*self.unseen, *self._contradicted(before, stored)})
            count = self._moved(before, paid) + self._noticed()
            gone = [one for one in undone.looked(asking, plugins, stood) if one not in self._gone]
        count += len(gone)
        for one in gone:
            self.alert("reorganised", one.said, chain=one.tx.chain, transaction=one.tx.text, block=one.block)
        self._gone += gone
        if count:
            # What moved is followed at once, and its drafts are made again; what moves meanwhile is told too.
            rested, known = self.resting("rest"), self._payments()
            more: list[int] = []
            pursuit.traced = lambda: more.append(self._moved(rested, known) + self._noticed())
            pursuit.run(self.mine)
            if pursuit.halting.asked:
                raise KeyboardInterrupt  # who ended what followed the movement ends the watch
            count += sum(more)
        else:
            # Letters are drafted between two looks, and only of results that have seen all that is here.
            pursuit.trace()
            pursuit.findings()
        return count

    def _changed(self, asking: Collector, plugins: Plugins, places: Mapping[Place, int]) -> bool:
        """Ask whether a balance is another one where that is cheap, then for the history; whether any came."""
        cheap: list[tuple[Place, Ask]] = []
        whole: dict[str, History] = {}
        for asset, address in places:
            where = Address(chain=asset.split("/", 1)[0], text=address)
            status = Status(address=where, asset=asset)
            if any(answers(source, status) for source, _ in asking.places):
                cheap.append(((asset, address), status))
            else:
                whole[where.caip10] = History(address=where)
        done = asking.round([ask for _, ask in cheap], lambda count: None)
        for (place, ask), one in zip(cheap, done, strict=True):
            held, waiting = self._held(one, plugins, place)
            if waiting or not one.answered or held is None or held != self._balances.get(place):
                assert isinstance(ask, Status)
                whole[ask.address.caip10] = History(address=ask.address)
            if held is not None:
                self._balances[place] = held
        came = asking.round(asks.arrived(self.case, list(whole.values())), lambda count: None)
        self._failures([*done, *came], plugins)
        failed = {ask_text(one.wanted) for one in came if not one.answered}
        lacking = {name for name, history in whole.items() if ask_text(history) in failed}
        self.unseen = sorted(address for asset, address in places if _caip10(asset, address) in lacking)
        self.failed = sorted({one.source for each in (*done, *came) for one in each.tried if one.why})
        return any(one.answered for one in (*done, *came))

    def _contradicted(self, places: Mapping[Place, int], before: int) -> set[str]:
        """The addresses of which an answer of this look (its exhibit comes after number `before`) lacks what is
        known: an index that lags shows nothing."""
        rows = derived.read(self.case, "fallen", ["chain", "address", "asset", "exhibit"]).to_pylist()
        lacks = {(row["chain"], row["address"], row["asset"]) for row in rows if row["exhibit"] > before}
        named = {(asset.split("/", 1)[0], address, asset) for asset, address in places}
        return {at for chain, at, asset in named if lacks & {(chain, at, asset), (chain, at, None)}}

    def _held(self, done: Done, plugins: Plugins, place: Place) -> tuple[int | None, bool]:
        """The balance that an answer states, and whether it speaks of a transaction in no block."""
        held, waiting = None, False
        for exhibit in done.exhibits:
            for name in exhibit.sources:
                source = plugins.source(name)
                for batch in call.batches(name, lambda source=source, exhibit=exhibit: source.decode(exhibit)):  # type: ignore[misc]
                    tables = batch.tables()
                    for row in tables["states"].to_pylist() if "states" in tables else ():
                        mine = row["kind"] == "balance" and row["address"] == place[1]
                        if mine and row["asset"] in (None, place[0]):
                            held = amounts.join(row["amount"], row.get("wide"))
                    codes = tables["gaps"].column("code").to_pylist() if "gaps" in tables else []
                    waiting = waiting or _SIGHTED in codes
        return held, waiting

    def _payments(self) -> set[tuple[str, str]]:
        """(transaction, payer) of all that counts in the ledger: what is in no block has moved nothing yet."""
        rows = derived.read(self.case, "transfers", ["tx", "src", "excluded"])
        rows = rows.filter(pc.is_null(rows.column("excluded")))
        return set(zip(rows.column("tx").to_pylist(), rows.column("src").to_pylist(), strict=True))

    def _moved(self, before: Mapping[Place, int], paid: set[tuple[str, str]]) -> int:
        """Places from which less rests than before, each told with the transactions that moved it."""
        now = self.resting()
        rows = derived.read(self.case, "transfers", ["tx", "src", "dst", "asset", "time"]).to_pylist()
        units = {row["asset"]: row for row in derived.read(self.case, "assets").to_pylist()}
        count = 0
        for (asset, address), held in before.items():
            fresh = [r for r in rows if r["src"] == address and (r["tx"], address) not in paid]
            if now.get((asset, address), 0) >= held or not fresh:
                continue
            ids = list(dict.fromkeys(row["tx"] for row in fresh))
            to = [r["dst"] for r in rows if r["tx"] in ids and r["dst"] not in (None, address)]
            unit = units.get(asset, {})
            gone = held - now.get((asset, address), 0)
            said = (
                f"{reached.shown(gone, unit.get('decimals'), unit.get('symbol') or asset)} moved from {address} "
            )
            said += f"to {', '.join(dict.fromkeys(to)) or 'nobody that is shown'}, by {', '.join(ids[:3])}"
            last = max((row["time"] for row in fresh if row["time"] is not None), default=None)
            said += "." if last is None else f", at {last:%Y-%m-%d %H:%M:%S} UTC ({_ago(clock() - last)})."
            facts = {"asset": asset, "address": address, "amount": str(gone), "transactions": ids}
            facts["time"] = "" if last is None else last.astimezone(UTC).isoformat()
            self.alert("moved", said, **facts, to=list(dict.fromkeys(to)), chain=asset.split("/", 1)[0])
            self._left[asset, address] = gone
            count += 1
        return count

    def _noticed(self) -> int:
        """Transactions that no block holds yet, and blocks that are no longer there."""
        found = self._gaps()
        count = 0
        for code, subject, why in sorted(found - self._said):
            if code == _SIGHTED:
                said = f"Seen at {subject}, in no block: {why} It may never be confirmed, and is not followed yet."
                self.alert("sighted", said, subject=subject, why=why)
            else:
                self.alert("reorganised", f"{subject}: {why}", subject=subject, why=why)
            count += 1
        self._said = found
        return count

    def _gaps(self) -> set[tuple[str, str, str]]:
        gaps = derived.load(self.case, self.case.derived / "ledger" / "gaps.parquet", "decode").to_pylist()
        found = {(g["code"], g["subject"], g["why"]) for g in gaps if g["code"] in (_SIGHTED, _UNDONE)}
        made = derived.read(self.case, "transactions", ["chain", "id", "reorganised"])
        lost = made.filter(made.column("reorganised")).to_pylist()
        return found | {(_UNDONE, f"{row['chain']}:{row['id']}", _LOST) for row in lost}

    def alert(self, kind: str, said: str, **facts: Any) -> None:
        """Tell it, store it as an exhibit, and hand it to what this call named."""
        now = clock()
        body = {**facts, "event": kind, "at": now.astimezone(UTC).isoformat(), "said": said}
        line = json.dumps(body, sort_keys=True, ensure_ascii=True).encode() + b"\n"
        number = len(self.case.exhibits()) + 1
        name = f"alert-{number:04d}.json"
        stored = self.case.store(
            warc.of_file(name, "application/json", line, now),
            self.case.next_file(),
            {
                "digest": warc.sha256(line),
                "name": name,
                "media": "application/json",
                "size": len(line),
                "method": "alert",
                "sources": [],
            },
        )
        self.case.note("alert", {"kind": kind, "said": said, "exhibit": stored.number})
        self.tell(Event(kind=kind, at=now, said=said, facts={**facts, "exhibit": stored.number}))
        for why in self.channels.send(line):
            self.tell(Event(kind="failure", at=now, said=f"An alert did not reach {why}.", facts={"why": why}))

    def _failures(self, done: list[Done], plugins: Plugins) -> None:
        """Each source that fails in one line, with one of its reasons; again only where it answered between."""
        failed: dict[str, list[str]] = {}
        for tried in (tried for one in done for tried in one.tried):
            failed.setdefault(tried.source, [])
            if tried.why and not tried.paused:
                failed[tried.source].append(tried.why)
        for source, whys in failed.items():
            if whys and source not in self._failing:
                todo = remedy(whys[0], plugins.source(source).info.secrets)
                facts = {"source": source, "why": whys[0], "do": todo, "asks": len(whys)}
                said = f"{source}: {len(whys)} of what it was asked got no answer. {plain(whys[0])} {todo}".strip()
                self.tell(Event(kind="failure", at=clock(), said=said, facts=facts))
            self._failing = self._failing | {source} if whys else self._failing - {source}

    def _follow(self, event: Event) -> None:
        if event.kind not in ("done", "warning"):
            self.tell(event)
