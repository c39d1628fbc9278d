"""Decisions: the rule of a case, and what a person settles with a reason where exhibits cannot."""

from __future__ import annotations

import pyarrow.compute as pc

from recover.case import Case, SetAside, derived
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.tracing import Rule, rules


def decide(case: Case, *, tx: str, exhibit: int, reason: str) -> None:
    """Record which exhibit a person relies on where exhibits contradict each other about one transaction.

    Raises Error when there is no such exhibit, or no reason is given.
    """
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
    _shows(case, tx, exhibit)
    case.note("decision", {"tx": tx, "exhibit": exhibit, "reason": reason})


def _shows(case: Case, tx: str, exhibit: int) -> None:
    """Raises Error unless the ledger has the transaction, and has it from that exhibit."""
    known = derived.read(case, "transactions", ["id", "exhibits"])
    mine = known.filter(pc.equal(known.column("id"), tx)).column("exhibits").to_pylist()
    shown = sorted({number for listed in mine for number in listed})
    if exhibit in shown:
        return
    raise Error(
        "decision-of-what",
        f"Exhibit {exhibit} does not show the transaction {tx}.",
        f"It is shown by exhibit {', '.join(map(str, shown))}." if shown else "No exhibit of this case shows it.",
        "`recover show CASE gaps` lists the contradictions, each with its transaction and its exhibits.",
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
    body = {"exhibit": exhibit, "back": back, "reason": reason, "by": case.settings.examiner, "value": value}
    case.note("set-aside", body)
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


def declarable(name: str) -> Rule:
    """The rule, if it can be applied at every hop of a case and back a claim."""
    rule = rules.rule(name)
    why = ""
    # `pari_passu` shares by total contribution and has no hops; `poison` counts the same value more than once.
    if rule.pool is None:
        why = "It shares out what is left, and follows nothing."
    elif not rule.claim:
        why = "It is a measure of exposure, which no court accepts for a claim."
    if why:
        fit = (r.id for r in rules.RULES.values() if r.claim and r.pool is not None)
        what = f"The rule {name} cannot be declared for a case."
        raise Error("rule-undeclarable", what, why, f"Declare one of {', '.join(fit)}.")
    return rule


def passed(case: Case) -> frozenset[tuple[str, str]]:
    """(kind of paper, rule of language) that a named person lets pass."""
    decided = (e.body for e in case.entries if e.kind == "decision")
    return frozenset((body["paper"], body["rule"]) for body in decided if "paper" in body)
