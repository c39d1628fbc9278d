"""Sentences of issuers' freezes, of swaps and of crossings that a finding has or has not: each whole, or empty."""

from __future__ import annotations

from recover.report import doubted, figures
from recover.report.texts import Texts
from recover.sdk import Finding, View
from recover.sdk.outside import visible

_POWERS = ("freeze", "destroy", "reissue")
_LEVELS = {1: "key", 2: "answer", 3: "person"}


def said(view: View, t: Texts, finding: Finding, slots: dict[str, str]) -> dict[str, str]:
    """Further slots of a finding about a freeze, a swap or a crossing; none for other kinds."""
    if finding.kind == "swap":
        to = finding.slots.get("to")
        return {"whom": t.say("swap.whom", to=slots["to"]) if to else ""}
    if finding.kind == "crossing":
        basis = t.say(f"crossing.by_{_LEVELS[figures.number(finding, 'level')]}", key=slots["key"])
        toll = t.say("crossing.toll", kept=slots["kept"]) if finding.slots.get("kept") else ""
        return {"basis": basis, "toll": f"{toll}{_noted(view, t, finding)}"}
    if finding.kind == "crossing-open":
        return _crossing(t, finding, slots)
    if finding.kind == "crossing-claimed":
        return _claimed(t, finding, slots)
    if finding.kind == "crossing-candidate":
        return {"chance": _noted(view, t, finding)}
    if finding.kind == "frozen":
        return {
            "events": _events(t, finding, slots),
            "call": _call(t, finding, slots),
            **_held(view, t, finding, slots),
        }
    if finding.kind == "freezable":
        held = f"{said} " if (said := _balance(view, t, finding, slots)) else ""
        return {"call": _call(t, finding, slots), "held": held, **_power(t, finding, slots)}
    return {}


def _noted(view: View, t: Texts, finding: Finding) -> str:
    """What its reader says of how far a crossing can be trusted, after a space; empty where it says nothing."""
    note = _notes(view).get(tuple(str(finding.slots.get(name)) for name in _SAME), "")
    return f" {t.own(visible(note, 400))}" if note else ""


_SAME = {"transaction": "tx", "to_transaction": "to_tx", "key": "key", "into": "into"}
"""By which slots of a finding its row of the crossings is found, and their columns there."""


@figures.settled
def _notes(view: View) -> dict[tuple[str, ...], str]:
    rows = view.tables["crossings"]().to_pylist() if "crossings" in view.tables else []
    found: dict[tuple[str, ...], str] = {}
    for row in rows:
        if row["note"]:
            found.setdefault(tuple(row[column] for column in _SAME.values()), row["note"])
    return found


def _crossing(t: Texts, finding: Finding, slots: dict[str, str]) -> dict[str, str]:
    """What is known of the other side of a payment into a bridge, and why it is not followed."""
    where = {"to": slots["to"], "to_chain": slots["to_chain"]}
    to, chain = finding.slots.get("to"), finding.slots.get("to_chain")
    there = t.say("crossing.there", **where) if to and chain else ""
    why = finding.slots.get("why")
    return {
        "under": t.say("crossing.under", key=slots["key"]) if finding.slots.get("key") else "",
        "there": there or (t.say("crossing.there_chain", to_chain=slots["to_chain"]) if chain else ""),
        "pledge": t.say("crossing.pledge", promised=slots["promised"]) if finding.slots.get("promised") else "",
        "cause": t.say(f"crossing.why_{why}") if why else "",
    }


_EXHIBIT = frozenset(
    {"crossing-failed", "crossing-version", "crossing-unshown", "crossing-disputed", "crossing-dust"}
)
"""Why a recorded other side is not followed where an exhibit of the whole transaction can settle it."""


def _claimed(t: Texts, finding: Finding, slots: dict[str, str]) -> dict[str, str]:
    """What a recorded other side is said to have paid, why it is not followed, and what would settle it."""
    why = str(finding.slots["why"])
    to, bought = finding.slots.get("to"), finding.slots.get("bought")
    paid = t.say("crossing.paid", to=slots["to"], bought=slots["bought"]) if to and bought else ""
    settles = "register" if why == "crossing-unlisted" else "exhibit" if why in _EXHIBIT else "operator"
    return {
        "under": t.say("crossing.under", key=slots["key"]) if finding.slots.get("key") else "",
        "paid": paid,
        "cause": t.say(f"crossing.why_{why}"),
        "settles": t.say(f"crossing.settled_{settles}"),
    }


def _events(t: Texts, finding: Finding, slots: dict[str, str]) -> str:
    word = finding.slots.get("by_events") or "silent"
    return t.say(f"freeze.event_{word}", transaction=slots["transaction"], height=slots["event_height"])


def _call(t: Texts, finding: Finding, slots: dict[str, str]) -> str:
    word = finding.slots.get("by_call") or "silent"
    return t.say(f"freeze.call_{word}", height=slots["call_height"])


def _held(view: View, t: Texts, finding: Finding, slots: dict[str, str]) -> dict[str, str]:
    # An event and a call can disagree, as they are of different moments. Both are said, and that they differ.
    two = {finding.slots.get("by_events"), finding.slots.get("by_call")}
    agreement = t.say("freeze.differs") if two == {"frozen", "free"} else ""
    return {"agreement": agreement, "held": _balance(view, t, finding, slots)}


def _balance(view: View, t: Texts, finding: Finding, slots: dict[str, str]) -> str:
    if finding.slots.get("balance") is None:
        return ""
    key = "freeze.held_several" if finding.slots.get("balances") else "freeze.held"
    return t.say(key, balance=balances(view, t, finding), height=slots["balance_height"])


def balances(view: View, t: Texts, finding: Finding) -> str:
    """The balance that is stated there; where exhibits state several at one block, each with its exhibit."""
    asset, several = figures.asset(view, str(finding.slots.get("asset", ""))), finding.slots.get("balances")
    if not isinstance(several, tuple):
        return t.units(figures.number(finding, "balance"), asset)
    pairs = (one.split("|") for one in several)
    return t.joined(t.say("balance.by", amount=t.units(int(n), asset), exhibit=number) for number, n in pairs)


def _power(t: Texts, finding: Finding, slots: dict[str, str]) -> dict[str, str]:
    powers = finding.slots.get("powers")
    named = [p for p in _POWERS if isinstance(powers, tuple) and p in powers]
    name = finding.slots.get("verified_by")
    # The register's entry is data that dates. Without a person's name the reader is told that nobody has checked
    # it.
    checked = t.say("freeze.checked", name=slots["verified_by"])
    return {
        "can": t.joined(t.say(f"freeze.can_{power}") for power in named),
        "checked": checked if name else t.say("freeze.unchecked", date=slots["register"]),
        "asks": t.say("freeze.asks", terms=t.own(slots["terms"])) if finding.slots.get("terms") else "",
    }


def actions(view: View, t: Texts) -> list[tuple[str, int, str]]:
    """What to ask of issuers, with asset and amount: one for each address that could be stopped, largest first."""
    rows = sorted(figures.of_kind(view, "freezable"), key=lambda f: (-upto(f), f.subject))
    found = []
    for f in rows:
        asset = figures.asset(view, str(f.slots.get("asset", "")))
        said = t.say(
            "summary.act_freeze_open" if f.slots.get("history") else "summary.act_freeze",
            issuer=visible(str(f.slots.get("issuer", "")), 80),
            symbol=visible(asset.symbol, 24),
            address=visible(f.subject),
            rule=view.case.rule,
            upto=t.units(upto(f), asset),
            balance=balances(view, t, f),
            height=str(f.slots.get("balance_height")),
            **doubted.phrases(view, t, [(f.subject, asset.id)]),
        )
        found.append((asset.id, upto(f), said))
    return found


def upto(finding: Finding) -> int:
    """How much of what can be frozen its issuer is asked about: what was traced there, or less by a balance."""
    return figures.number(finding, "upto" if "upto" in finding.slots else "amount")
