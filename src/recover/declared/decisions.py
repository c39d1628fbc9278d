"""Decisions: the rule of a case, and what a person settles with a reason where exhibits cannot."""

from __future__ import annotations

from recover.case import Case
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
    case.note("decision", {"tx": tx, "exhibit": exhibit, "reason": reason})


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
