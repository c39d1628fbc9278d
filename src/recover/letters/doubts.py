"""Doubts: what exhibits leave open of a letter's figures and addresses, and of those on the way to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.letters import ways
from recover.letters.matter import Matter
from recover.letters.whether import Condition
from recover.report import figures, instead, lacks, repaid, unsettled
from recover.sdk import Finding
from recover.sdk.outside import visible
from recover.trails.inpart import PARTIAL
from recover.trails.receipts import UNREAD
from recover.trails.unread import HELD, LATE, OPENING

OPENED = (OPENING, HELD, PARTIAL, LATE, "histories-differ")
"""The codes of gaps that a letter tells of its addresses: more was paid out than came in, not every movement is
here, and histories differ."""

_SHOWN = 5
"""So many of them are printed, those on which most hangs first."""


def said(m: Matter) -> list[str]:
    """What is said against the letter's figures because of what exhibits leave open."""
    t, told = m.texts, list[str]()
    if open_rows(m):
        told.append(t.say("against.unsettled_open" if unsettled.unbounded(m.view) else "against.unsettled"))
    told += [_version(m, f, "against.version") for f in versions(m)]
    told += [_version(m, f, "against.version_left") for f in left(m)]
    if txs := listed(m):
        shown = t.joined(visible(tx) for tx in txs[:_SHOWN])
        told.append(t.say("against.listed", count=len(txs), transactions=shown))
    if names := lost(m):
        told.append(t.say("against.loss_disputed", losses=t.joined(names)))
    if home := paid_from(m):
        told.append(t.say("against.payer", addresses=t.joined(visible(name) for name in home)))
    found = gaps(m)
    for row, more in found[:_SHOWN]:
        slots = {"address": visible(_address(row)), "said": visible(" ".join(_words(m, row)), 900)}
        told.append(t.say("against.open", **slots, more=t.say("against.open_like", count=more) if more else ""))
    if rest := len(found) - _SHOWN:
        told += [t.say("against.open_more", count=rest)] if rest > 0 else []
    return told


def listed(m: Matter) -> list[str]:
    """The payments to its addresses that only lists show, and of which no receipt came: these can have failed."""
    rows = lacks.gap_rows(m.view) if "gaps" in m.view.tables else []
    txs = {_address(row) for row in rows if row["code"] == UNREAD}
    if not txs:
        return []
    at = {a for r in m.ramps for a in (r.address, r.through, *r.hot_wallets)} | {f.subject for f in m.holdings}
    moved = m.view.tables["transfers"]().select(["tx", "dst"])
    moved = moved.filter(pc.is_in(moved["tx"], value_set=pa.array(sorted(txs), pa.string())))
    return sorted({row["tx"] for row in moved.to_pylist() if row["dst"] in at})


def in_all(m: Matter) -> bool:
    """Whether the letter is over all losses: for no others was worked out what differs."""
    return not m.choice.losses and m.kind.about != "case"


def open_rows(m: Matter) -> bool:
    """Whether a movement that is not followed can move a figure of the letter."""
    at = unsettled.places(m.view)
    held = {(f.subject, str(f.slots.get("asset"))) for f in m.holdings}
    return unsettled.unfollowed(m.view, m.ramps) or bool(at & held)


def versions(m: Matter) -> list[Finding]:
    """What its addressee gets by the answers to what exhibits leave open, where that differs."""
    assets = {r.asset for r in m.ramps}
    listed = figures.of_kind(m.view, "by-version") if m.key and in_all(m) else ()
    return [f for f in listed if f.subject == m.key and f.slots.get("asset") in assets]


def left(m: Matter) -> list[Finding]:
    """The same of what is left at addresses about which an issuer is asked."""
    held = {(f.subject, f.slots.get("asset")) for f in m.holdings} if in_all(m) else set()
    return [f for f in figures.of_kind(m.view, "left-by-version") if (f.subject, f.slots.get("asset")) in held]


def _version(m: Matter, f: Finding, key: str) -> str:
    asset = figures.asset(m.view, str(f.slots["asset"]))
    slots = instead.version(m.texts, f, asset)
    slots |= {"name": m.name, "address": visible(f.subject), "rule": m.texts.rule(m.view.case.rule)}
    return m.texts.say(key, amount=m.texts.units(figures.number(f, "amount"), asset), **slots)


def lost(m: Matter) -> list[str]:
    """The losses that the letter is for, and on whose own movements exhibits disagree: of these nothing begins."""
    if not (m.ramps or m.holdings):
        return []
    open_ = unsettled.lost(m.view)
    return [loss.id for loss in m.view.case.losses if loss.id in m.choice.losses and loss.id in open_]


def paid_from(m: Matter) -> list[str]:
    """The addresses of the letter out of which a declared loss was paid: what came there can be what was paid
    back, and its holder who lost."""
    at = {(r.chain, a) for r in m.ramps for a in (r.address, r.through)}
    at |= {(str(f.slots.get("asset")).split("/", 1)[0], f.subject) for f in m.holdings}
    return sorted({address for _, address in at & {*repaid.payers(m.view)}})


def gaps(m: Matter) -> list[tuple[Mapping[str, Any], int]]:
    """What is open of its addresses, and of those on the ways that it prints: the first of each, and how many
    more."""
    if "gaps" not in m.view.tables:
        return []
    at = {(r.chain, a) for r in m.ramps for a in (r.address, r.through)}
    at |= {(str(f.slots.get("asset")).split("/", 1)[0], f.subject) for f in m.holdings}
    at |= {
        (one.asset.split("/", 1)[0], a)
        for one in ways.ends(m)
        for hop in one.way(m)[0]
        for a in (hop.src, hop.dst)
    }
    chains = {chain for chain, _ in at}
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in lacks.gap_rows(m.view):
        if row["code"] in OPENED and _address(row) in {address for _, address in at}:
            chain = next((c for c in chains if row["subject"].startswith(f"{c}:")), None)
            if chain is None or (chain, _address(row)) in at:
                found.setdefault((row["code"], row["subject"]), []).append(row)
    rows = sorted(found.values(), key=lambda group: (-group[0]["share"], group[0]["code"], group[0]["subject"]))
    return [(group[0], len(group) - 1) for group in rows]


def _address(row: Mapping[str, Any]) -> str:
    return str(row["subject"]).rpartition(":")[2]


def _words(m: Matter, row: Mapping[str, Any]) -> list[str]:
    """What a gap says; of histories that differ, not what the examiner is to do about it."""
    parts = [row["why"]] if row["code"] == "histories-differ" else [row["why"], row["effect"]]
    return [m.texts.own(str(part)) for part in parts]


CONDITIONS = (
    Condition(
        "against.unsettled",
        "against",
        "a contradiction can move a figure of the letter",
        lambda m: open_rows(m) and not unsettled.unbounded(m.view),
    ),
    Condition(
        "against.unsettled_open",
        "against",
        "the same, where it can itself have carried traced value",
        lambda m: open_rows(m) and unsettled.unbounded(m.view),
    ),
    Condition(
        "against.version", "against", "answers give its addressee several figures", lambda m: bool(versions(m))
    ),
    Condition(
        "against.version_left",
        "against",
        "the same of what is left where its issuer is asked",
        lambda m: bool(left(m)),
    ),
    Condition(
        "against.listed", "against", "only a list shows a payment to its addresses", lambda m: bool(listed(m))
    ),
    Condition(
        "against.loss_disputed", "against", "exhibits disagree on a loss that it is for", lambda m: bool(lost(m))
    ),
    Condition("against.payer", "against", "an address of it paid a declared loss", lambda m: bool(paid_from(m))),
    Condition(
        "against.open",
        "against",
        "histories at its addresses differ, are here in part, or lack what was paid out",
        lambda m: bool(gaps(m)),
    ),
    Condition(
        "against.open_like", "against", "several such at one", lambda m: any(more for _, more in gaps(m)[:_SHOWN])
    ),
    Condition("against.open_more", "against", "at more than are printed", lambda m: len(gaps(m)) > _SHOWN),
)
"""The sentences of what is open, each with when it is true."""
