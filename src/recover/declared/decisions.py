"""Decisions: what a person settles with a reason, where exhibits cannot."""

from __future__ import annotations

from recover.case import Case
from recover.ledger.parts import showing
from recover.plugins.registry import Plugins
from recover.recognise.names import here, recognise
from recover.sdk.errors import Error
from recover.sdk.values import TxId


def decide(case: Case, plugins: Plugins, *, tx: str, exhibit: int, reason: str) -> TxId:
    """Record which exhibit a person relies on where exhibits contradict each other about one transaction.

    `tx` is its id, alone or as CHAIN:ID. Raises NotRecognised when no chain knows it, Error when there is no such
    exhibit, when that exhibit does not show the transaction, or when no reason is given.
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
            "decision-not-shown",
            f"Exhibit {exhibit} does not show transaction {found.text} on {found.chain}.",
            f"It is shown by {', '.join(map(str, sorted(known)))}." if known else "No exhibit shows it.",
            "Name an exhibit that shows it: what nobody shows would leave the transaction out of every figure.",
        )
    body = {"chain": found.chain, "tx": found.text, "exhibit": exhibit, "reason": reason}
    case.note("decision", body)
    return found


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
