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
