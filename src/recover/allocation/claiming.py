"""Claims to what is held: who asserts what, on which ground, to which asset where, and with which priority.

A claim is what its claimant says. Each is an entry of the journal, and none is ever deleted: one that was
withdrawn stays there, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise.assets import measured, named
from recover.recognise.names import here, recognise
from recover.sdk.errors import Error
from recover.sdk.values import Address
from recover.victims import settled

KIND = "claim"

KINDS: Mapping[str, str] = {
    "victim": "who lost value to the offence",
    "owner": "who says that the asset itself is theirs (a proprietary claim)",
    "secured": "who holds security over it",
    "creditor": "who is owed money by the holder",
    "state": "a state or agency: forfeiture, tax, costs",
    "insurer": "who paid a victim, and stands in that victim's place",
    "other": "anybody else",
}
"""What claimants are, each with the sentence that papers print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim, as it was asserted. Amounts in base units of `asset`; `rank` 1 is paid first.

    `received` is what the claimant had back in this asset; `traced` what the claimant's side traces to the
    pool, if it says so itself. `loss` names the declared loss that it is the claim for: that loss is not
    counted again.
    """

    id: str
    claimant: str
    kind: str
    basis: str
    asset: str
    amount: int
    place: str = ""
    received: int = 0
    traced: int | None = None
    rank: int = 1
    priority: str = ""
    loss: str = ""
    by: str = ""
    at: datetime | None = None
    withdrawn: str = ""


def every(case: Case) -> list[Claim]:
    """Every claim that was added, in order; those that were withdrawn say by whom and why."""
    noted = [entry for entry in case.entries if entry.kind == KIND]
    gone = {e.body["id"]: f"{e.body['by']}: {e.body['reason']}" for e in noted if e.body["act"] == "withdraw"}
    return [
        _read(entry.body, entry.time, gone.get(entry.body["id"], ""))
        for entry in noted
        if entry.body["act"] == "add"
    ]


def standing(case: Case) -> list[Claim]:
    """The claims that count."""
    return [claim for claim in every(case) if not claim.withdrawn]


_AMOUNTS = ("amount", "received", "traced")


def _read(body: Mapping[str, Any], at: datetime, withdrawn: str) -> Claim:
    texts = {name: str(body.get(name, "")) for name in _TEXTS}
    sums = {name: int(body[name]) for name in _AMOUNTS if body.get(name) not in (None, "")}
    return Claim(**texts, **sums, rank=int(body.get("rank", 1)), at=at, withdrawn=withdrawn)  # type: ignore[arg-type]


_TEXTS = ("id", "claimant", "kind", "basis", "asset", "place", "priority", "loss", "by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A claim as it is typed: `amount`, `received` and `traced` are read by `measured`."""

    claimant: str
    kind: str
    basis: str
    asset: str
    amount: str
    received: str = "0"
    traced: str = ""
    place: str = ""
    rank: int = 1
    priority: str = ""
    loss: str = ""


def add_each(case: Case, plugins: Plugins, said: Sequence[Said], by: str) -> list[Claim]:
    """Journal claims: all of them, or none. Raises Error naming the first that cannot stand."""
    if not by.strip():
        raise Error(
            "claim-without-name",
            "A claim needs the name of who enters it.",
            "It stands in papers as entered by that person.",
            "Say it with --by.",
        )
    number, near = len(every(case)), here(case)
    bodies = [_body(case, plugins, near, one, f"C{number + n}") for n, one in enumerate(said, 1)]
    case.note_each(KIND, [{"act": "add", "by": by.strip(), **body} for body in bodies])
    return every(case)[number:]


def doubled(case: Case, made: Claim) -> Iterator[str]:
    """One sentence for each other claim, payment or loss that stands for the same as a claim that was added."""
    for one in standing(case):
        same = bool(made.loss) and one.loss == made.loss
        alike = (one.claimant, one.asset, one.amount) == (made.claimant, made.asset, made.amount)
        if one.id != made.id and (same or alike):
            of = f"for loss {one.loss}" if same else "of the same claimant and amount"
            yield (
                f"{one.id} is a claim {of} too, and both count: `recover claims withdraw CASE {one.id}` takes one "
                "back, where they are the same."
            )
    if not made.loss:
        person = settled.people(case).get(settled.standing(case).get(made.claimant, made.claimant))
        for payment in person.payments if person else ():
            if payment.asset == made.asset and payment.loss:
                yield (
                    f"{payment.id} is counted by itself: if {made.id} is the claim for it, withdraw {made.id} and "
                    f"add it with --loss {payment.loss}."
                )


def withdraw(case: Case, name: str, *, by: str, reason: str) -> Claim:
    """Take a claim back; the journal keeps it. Raises Error where there is none that stands."""
    found = {claim.id: claim for claim in standing(case)}
    if name not in found or not by.strip() or not reason.strip():
        raise Error(
            "claim-withdraw",
            f"The claim {name!r} is not withdrawn.",
            "No claim of this id stands."
            if name not in found
            else "It needs the name of who does it, and a reason.",
            f"Claims that stand: {', '.join(found) or 'none'}. Say --by and --reason.",
        )
    case.note(KIND, {"act": "withdraw", "id": name, "by": by.strip(), "reason": reason.strip()})
    return next(claim for claim in every(case) if claim.id == name)


def _body(case: Case, plugins: Plugins, near: frozenset[str], said: Said, name: str) -> dict[str, Any]:
    if said.kind not in KINDS:
        raise Error(
            "claim-kind",
            f"{said.kind!r} is no kind of claimant.",
            f"Kinds are {', '.join(KINDS)}.",
            "Name one with --kind.",
        )
    if not said.claimant.strip() or not said.basis.strip() or said.rank < 1:
        raise Error(
            "claim-incomplete",
            "A claim needs who claims, on which ground, and a rank of 1 or more.",
            f"Here: claimant {said.claimant!r}, basis {said.basis!r}, rank {said.rank}.",
            "Say --claimant and --basis; a victim by the pseudonym that `recover victim list` shows.",
        )
    asset = named(case, plugins, said.asset)
    amount, received = (
        measured(t or "0", asset, w) for t, w in ((said.amount, "--amount"), (said.received, "--received"))
    )
    if not amount:
        raise Error(
            "claim-nothing",
            f"{said.claimant} claims nothing.",
            f"--amount {said.amount!r} is zero.",
            "Give what is claimed, before what came back is taken off.",
        )
    if said.loss and said.loss not in {loss.id for loss in case.settings.losses}:
        raise Error(
            "no-loss",
            f"The case declares no loss {said.loss!r}.",
            f"It has {', '.join(loss.id for loss in case.settings.losses) or 'none'}.",
            "`recover show CASE losses` lists them.",
        )
    return {
        "id": name,
        "claimant": said.claimant.strip(),
        "kind": said.kind,
        "basis": said.basis.strip(),
        "asset": asset.id,
        "amount": str(amount),
        "received": str(received),
        "traced": "" if not said.traced else str(measured(said.traced, asset, "--traced")),
        "place": _place(plugins, near, said.place),
        "rank": said.rank,
        "priority": said.priority.strip(),
        "loss": said.loss,
    }


def _place(plugins: Plugins, near: frozenset[str], text: str) -> str:
    if not text.strip():
        return ""
    _, found = recognise(plugins, text, near)
    if not isinstance(found, Address):
        raise Error(
            "claim-place",
            f"{text} is a transaction id.",
            "A claim is to what rests at an address.",
            "Name the address with --place.",
        )
    return found.caip10
