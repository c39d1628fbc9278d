"""Persons: pseudonyms that a named person settled to be one; until then nothing is merged, and it can be undone.

Two intakes can be of one person, and a telephone that two share proves nothing. Who knows settles it with a name
and a reason. Claims follow at once, as if the person had been taken in under the first pseudonym from the start;
the journal keeps each intake as it was, so that a settlement that is taken back leaves every figure as before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from recover.case import Case
from recover.sdk.errors import Error
from recover.victims import again, cameback, known
from recover.victims.known import Payment, Settlement, Victim

SAME, DIFFERENT = "same", "different"


def standing(case: Case) -> dict[str, str]:
    """Pseudonym -> the one that stands for the person: of several, the first that was taken in."""
    return _standing(known.names(case), known.settlements(case).values())


def every(case: Case) -> dict[str, Victim]:
    """Every person by the pseudonym that stands for it, with all payments, each once, and all that came back.

    What a person says to have had back and what the chain shows may be the same: the larger of both counts.
    """
    found = people(case)
    came = cameback.by_person(cameback.every(case), owned(found))
    for name, line in came.items():
        said = found[name].received
        larger = {asset: max(said.get(asset, 0), line.get(asset, 0)) for asset in {**said, **line}}
        found[name] = replace(found[name], received=larger, on_chain=line)
    return found


def owned(found: Mapping[str, Victim]) -> dict[str, str]:
    """Loss -> the person whose it is; empty where several claim it."""
    return cameback.owners((payment.loss, v.id) for v in found.values() for payment in v.payments)


def people(case: Case) -> dict[str, Victim]:
    """Every person with all payments, each once, and with what each says to have had back.

    Of a payment that several claim, each has another of them as `rival`.
    """
    single = known.every(case)
    settled = known.settlements(case)
    heads = _standing([*single], settled.values())
    apart = {frozenset((heads[s.one], heads[s.other])) for s in settled.values() if not s.same}
    groups: dict[str, list[Victim]] = {}
    for name, victim in single.items():
        groups.setdefault(heads[name], []).append(victim)
    found = {name: _one(mine, heads, apart) for name, mine in groups.items()} if settled else single
    claimants: dict[str, list[str]] = {}
    for loss, name in ((p.loss, v.id) for v in found.values() for p in v.payments if p.loss):
        claimants.setdefault(loss, []).append(name)
    for name in dict.fromkeys(name for names in claimants.values() if len(names) > 1 for name in names):
        payments = (replace(p, rival=_rival(p, claimants.get(p.loss, ()))) for p in found[name].payments)
        found[name] = replace(found[name], payments=tuple(payments))
    return found


def _rival(payment: Payment, claimants: Collection[str]) -> str:
    return payment.rival or next((name for name in claimants if name != payment.victim), "")


def itself(case: Case, name: str) -> None:
    """Raises Error where a pseudonym counts as another: what a person receives goes out once, under one name."""
    head = standing(case).get(name, name)
    if head != name:
        settled = next(s for s in known.settlements(case).values() if s.same and name in (s.one, s.other))
        raise Error(
            "victim-settled",
            f"{name} is one person with {head}, settled by {settled.said}.",
            "One person gets one paper, with all payments.",
            f"Name {head}.",
        )


def settle(case: Case, one: str, other: str, word: str, *, by: str, reason: str) -> Settlement:
    """Journal that two pseudonyms are one person, or are two. Raises Error where it contradicts what stands."""
    _named(case, one, other, by, reason)
    if word not in (SAME, DIFFERENT):
        raise Error(
            "settle-word",
            f"{word!r} settles nothing.",
            f"Two pseudonyms are the {SAME} person, or {DIFFERENT} ones.",
            f"Say --as {SAME} or --as {DIFFERENT}.",
        )
    stands, heads = known.settlements(case), standing(case)
    former = stands.get(frozenset((one, other)))
    if former is not None:
        raise Error(
            "settle-twice",
            f"It is settled already: {one} and {other} are {_word(former)}, by {former.said}.",
            f"The reason was: {former.reason}",
            f"`recover victim settle CASE {one} {other} --as open` takes that back first.",
        )
    if against := _against(stands.values(), heads, one, other, word):
        raise Error(
            "settle-against",
            f"{one} and {other} cannot be settled as {word}.",
            f"{against.one} and {against.other} are {_word(against)}, by {against.said}: both together would make "
            "one person two, or two persons one.",
            f"`recover victim settle CASE {against.one} {against.other} --as open` takes that back.",
        )
    body = {"act": "settle", "id": one, "other": other, "as": word, "by": by.strip(), "reason": reason.strip()}
    case.note(known.KIND, body)
    return known.settlements(case)[frozenset((one, other))]


def reopen(case: Case, one: str, other: str, *, by: str, reason: str) -> Settlement:
    """Take a settlement back; the journal keeps it. Raises Error where none of the two stands."""
    _named(case, one, other, by, reason)
    former = known.settlements(case).get(frozenset((one, other)))
    if former is None:
        stands = "; ".join(f"{s.one} and {s.other}" for s in known.settlements(case).values())
        raise Error(
            "settle-none",
            f"Nothing is settled of {one} and {other}.",
            f"Settled are {stands or 'no two'}.",
            "`recover victim list CASE` shows who is one person with whom.",
        )
    body = {"act": "reopen", "id": one, "other": other, "by": by.strip(), "reason": reason.strip()}
    case.note(known.KIND, body)
    return former


def _word(settled: Settlement) -> str:
    return "one person" if settled.same else "two persons"


def _named(case: Case, one: str, other: str, by: str, reason: str) -> None:
    here = known.every(case)
    if wrong := [name for name in (one, other) if name not in here]:
        raise Error(
            "no-victim",
            f"The case has no victim {wrong[0]!r}.",
            f"It has {len(here)}.",
            "`recover victim list CASE` shows the pseudonyms.",
        )
    if one == other or not by.strip() or not reason.strip():
        raise Error(
            "settle-incomplete",
            "It takes two pseudonyms, the name of who settles it, and a reason.",
            f"Here: {one}, {other}, by {by!r}, reason {reason!r}.",
            "Say both pseudonyms, --by NAME and --reason WHY.",
        )


def _against(
    stands: Iterable[Settlement], heads: Mapping[str, str], one: str, other: str, word: str
) -> Settlement | None:
    """What stands against it: of two persons made one, or of one made two, by way of others."""
    mine = {heads[one], heads[other]}
    if word == DIFFERENT and len(mine) == 1:
        return next(s for s in stands if s.same and {heads[s.one]} == mine)
    if word == SAME and len(mine) == 2:
        return next((s for s in stands if not s.same and {heads[s.one], heads[s.other]} == mine), None)
    return None


def _standing(names: Iterable[str], stands: Iterable[Settlement]) -> dict[str, str]:
    heads = {name: name for name in names}
    order = {name: n for n, name in enumerate(heads)}
    for one in stands:
        if one.same and one.one in heads and one.other in heads:
            first, last = sorted((heads[one.one], heads[one.other]), key=order.__getitem__)
            heads = {name: first if head == last else head for name, head in heads.items()}
    return heads


def _one(mine: Iterable[Victim], heads: Mapping[str, str], apart: Collection[frozenset[str]]) -> Victim:
    """Several intakes as one, in their order: a payment that both name is one payment, as within one intake."""
    first, *others = mine
    payments: list[Payment] = []
    back: dict[str, tuple[str, int]] = {}
    for victim in (first, *others):
        places: dict[str, str] = {}
        for n, payment in enumerate(victim.payments, start=1):
            had = again.same(payment, payments) if victim is not first else None
            if had is None:
                payments.append(_own(payment, first.id, heads))
                had = len(payments) - 1
            places[f"{n}"] = f"{had + 1}"
        for row, (asset, amount) in victim.back.items():
            # A row of a payment keeps its payment; what came back by itself stays apart.
            number, _, rest = row.partition(" ")
            key = f"{places[number]} {rest}" if number in places else f"{row} of {victim.id}"
            back[key] = asset, amount
    received: dict[str, int] = {}
    for asset, amount in back.values():
        received[asset] = received.get(asset, 0) + amount
    alike = (heads[other] for victim in (first, *others) for other in victim.alike if other in heads)
    alike = (other for other in alike if other != first.id and frozenset((first.id, other)) not in apart)
    return replace(
        first,
        payments=tuple(payments),
        ways=tuple(way for victim in (first, *others) for way in victim.ways),
        banks=tuple(dict.fromkeys(bank for victim in (first, *others) for bank in victim.banks)),
        consent=next((v.consent for v in reversed((first, *others)) if v.consent), ()),
        received=received,
        back=back,
        alike=tuple(dict.fromkeys(alike)),
        also=tuple(victim.id for victim in others),
        facts={key: said for victim in (first, *others) for key, said in victim.facts.items()},
    )


def _own(payment: Payment, person: str, heads: Mapping[str, str]) -> Payment:
    rival = "" if heads.get(payment.rival) == person else heads.get(payment.rival, payment.rival)
    return replace(payment, victim=person, rival=rival)
