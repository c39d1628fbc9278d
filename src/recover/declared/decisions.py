"""Decisions: what a person settles with a reason, where exhibits cannot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from recover.case import Case, SetAside, derived, mending
from recover.declared.handing import working
from recover.ledger.parts import showing, views
from recover.ledger.relied import Relied
from recover.plugins.registry import Plugins
from recover.recognise.names import here, recognise
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.records import Gap
from recover.sdk.values import TxId


def decide(case: Case, plugins: Plugins, *, tx: str, exhibit: int, reason: str, listed: str | None = None) -> TxId:
    """Record which exhibit a person relies on where exhibits contradict each other about one transaction.

    `tx` is its id, alone or as CHAIN:ID. `listed` is the address whose list alone of that exhibit is relied on,
    empty for the list that is nobody's. Where others pay out a coin that it pays out, the decision also says
    that these did not take place. Raises NotRecognised when no chain knows it, Error when there is no such
    exhibit, when that exhibit does not show the transaction, when exhibits do not contradict each other on it,
    when it would stay open, or when no reason is given.
    """
    _, found = recognise(plugins, tx, here(case))
    if not isinstance(found, TxId):
        raise Error(
            "decision-kind",
            f"{tx} is an address.",
            "A decision is about one transaction that exhibits disagree on.",
            "`recover show CASE gaps` lists contradictions with their transactions.",
        )
    if exhibit not in {stored.number for stored in case.exhibits()}:
        raise Error(
            "no-exhibit",
            f"The case has no exhibit {exhibit}.",
            f"It has {len(case.exhibits())}.",
            "`recover show CASE exhibits` lists them.",
        )
    if not reason.strip():
        raise Error(
            "decision-without-reason",
            "A decision needs a reason.",
            "The other side will ask why one version was preferred.",
            "Say it with --reason.",
        )
    known = showing(case, plugins, found)
    if exhibit not in known:
        raise Error(
            "decision-of-what",
            f"Exhibit {exhibit} does not show transaction {found.text} on {found.chain}.",
            f"It is shown by {', '.join(map(str, sorted(known)))}." if known else "No exhibit shows it.",
            "Name an exhibit that shows it: what nobody shows would leave the transaction out of every figure.",
        )
    from recover.ledger import about  # where nothing is decided, the join is not needed
    from recover.ledger.contradictions import WHICH

    _disputed(against := about.contradictions(case, plugins, found), found)
    body: dict[str, Any] = {"chain": found.chain, "tx": found.text, "exhibit": exhibit, "reason": reason}
    if listed is not None:
        body["list"] = _list(case, plugins, found, exhibit, listed)
    if any(WHICH in gap.why for gap in against):
        body["rivals"] = list(about.rivals(case, plugins, found))
    if not about.settles(case, plugins, found, (exhibit, body.get("list")), body.get("rivals", ())):
        raise _open(exhibit, found, about.readings(case, plugins, found))
    case.note("decision", body)
    return found


def _list(case: Case, plugins: Plugins, tx: TxId, exhibit: int, listed: str) -> str:
    """The address whose list is meant, as the exhibit has it; raises Error where it has none of it here."""
    known = views(case, plugins, tx).get(exhibit, frozenset())
    given = next((one for one in sorted(known) if listed.casefold() in (one, one.casefold())), None)
    if given is None:
        raise Error(
            "decision-of-what",
            f"Exhibit {exhibit} has no list of {listed or 'nobody'} with transaction {tx.text}.",
            f"It lists it for {_named(known)}.",
            "Name one of these with --list, or rely on another exhibit.",
        )
    return given


def _named(lists: Collection[str]) -> str:
    return ", ".join(one or "nobody (--list '')" for one in sorted(lists))


def _open(exhibit: int, tx: TxId, every: Sequence[Relied]) -> Error:
    """A decision that leaves the transaction open: the exhibit contradicts itself, or what it rests on."""
    each = [of for n, of in every if n == exhibit and of is not None]
    lists = f", or rely on one of its lists with --list ADDRESS: {_named(each)}" if each else ""
    return Error(
        "decision-leaves-open",
        f"To rely on exhibit {exhibit} would settle nothing of {tx.text}.",
        "What it shows of it contradicts itself: no version would be followed, as now.",
        f"Obtain the transaction again from another source and rely on that{lists}.",
    )


def _disputed(against: Sequence[Gap], tx: TxId) -> None:
    """Raise Error where a decision for one exhibit would settle nothing of this transaction."""
    if not against:
        raise Error(
            "decision-of-nothing",
            f"No exhibits contradict each other on {tx.text}.",
            "All that they show of it is followed: to rely on one of them alone would change no figure.",
            "`recover show CASE gaps` lists contradictions with their transactions.",
        )


def set_aside(case: Case, *, exhibit: int, reason: str, back: bool = False) -> SetAside | None:
    """Let nothing rest on an exhibit from now on, or take that back. The journal and every report keep it.

    Raises Error when there is no such exhibit, no reason is given, or it is so already. What rested on the exhibit
    at the last trace is recorded at this moment: later nobody could tell.
    """
    known = {stored.number for stored in case.exhibits()}
    if exhibit not in known:
        raise Error(
            "no-exhibit",
            f"The case has no exhibit {exhibit}.",
            f"It has {len(known)}.",
            "`recover show CASE exhibits` lists them.",
        )
    if not reason.strip():
        raise Error(
            "aside-without-reason",
            "Setting an exhibit aside, or taking it back, needs a reason.",
            "It is printed in every report: the other side will ask.",
            "Say it with --reason.",
        )
    if (exhibit in case.set_aside()) is not back:
        state = "is not set aside" if back else "is set aside already"
        raise Error(
            "aside-already", f"Exhibit {exhibit} {state}.", "Nothing would change.", "Nothing is to be done."
        )
    value = [] if back else rested(case, exhibit)
    body = {"exhibit": exhibit, "back": back, "reason": reason, "by": working(case), "value": value}
    case.note("set-aside", body)
    if not back:
        mending.withdraw(case, f"exhibit {exhibit} was set aside")
    return case.set_aside().get(exhibit)


def rested(case: Case, exhibit: int) -> list[list[str]]:
    """What the last trace carried by movements that this exhibit shows: [loss, asset, amount] under the declared
    rule.

    Each movement counts, so that value which moved twice counts twice. Empty where nothing was traced.
    """
    if case.files.size("derived/trace/flows.parquet") is None:
        return []
    made = derived.read(case, "transactions", ["chain", "id", "exhibits"]).to_pylist()
    here = {(row["chain"], row["id"]) for row in made if exhibit in row["exhibits"]}
    moved = derived.read(case, "transfers", ["chain", "tx", "asset"])
    flows = derived.read(case, "flows", ["seq", "loss", "event", "amount", "wide"])
    shown = moved.take(flows.column("seq"))
    found: dict[tuple[str, str], int] = {}
    listed = zip(flows.to_pylist(), shown.to_pylist(), amounts.exact(flows), strict=True)
    for flow, row, amount in listed:
        if (row["chain"], row["tx"]) in here and flow["event"] != "end":
            key = (flow["loss"], row["asset"])
            found[key] = found.get(key, 0) + amount
    return [[loss, asset, str(amount)] for (loss, asset), amount in sorted(found.items())]


def allow(case: Case, *, service: str, by: str, reason: str) -> None:
    """Record that a named person wants a letter to a service which a strong label would keep from it.

    Raises Error without a name or a reason.
    """
    if not by.strip() or not reason.strip():
        raise Error(
            "decision-without-reason",
            f"A letter to {service} needs the name of who decides, and a reason.",
            "A source calls this service a market, a mixer or a scam: a letter may warn it.",
            "Say them with --by and --reason.",
        )
    case.note("decision", {"letter": service, "by": by, "reason": reason})


def let_pass(case: Case, *, paper: str, rule: str, by: str, reason: str) -> None:
    """Record that a named person lets papers of one kind break one rule of language.

    Raises Error without a name or a reason, and for identities, which nobody may let pass.
    """
    if paper not in ("report", "letter"):
        raise Error("no-paper", f"There is no paper {paper!r}.", "Papers are report and letter.", "Name one.")
    if rule == "identity":
        raise Error(
            "identity-kept",
            "An identity in a paper cannot be let pass.",
            "Whose name it is stays in private/.",
            "Take the name out of the title, the note or the label in which it stands.",
        )
    if not by.strip() or not reason.strip():
        raise Error(
            "decision-without-reason",
            f"To let {rule} pass in a {paper} needs the name of who decides, and a reason.",
            "The rule keeps papers from saying more than the exhibits show.",
            "Say them with --by and --reason.",
        )
    case.note("decision", {"paper": paper, "rule": rule, "by": by, "reason": reason})


def passed(case: Case) -> frozenset[tuple[str, str]]:
    """(kind of paper, rule of language) that a named person lets pass."""
    decided = (e.body for e in case.entries if e.kind == "decision")
    return frozenset((body["paper"], body["rule"]) for body in decided if "paper" in body)
