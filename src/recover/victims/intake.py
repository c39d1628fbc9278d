"""Taking victims in: a pseudonym drawn once, what tells the person sealed, payments declared as losses.

In this order: everything is checked; identities are sealed; the journal has the pseudonyms and payments; the
losses are declared. A list is taken in whole, or nothing of it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from recover.case import Case
from recover.declared import losses, sizes
from recover.declared.losses import Said
from recover.plugins.registry import Plugins
from recover.recognise.names import here, outpoint
from recover.sdk.errors import Error
from recover.victims import again, entered, known, settled
from recover.victims.entered import Person
from recover.victims.known import Payment, Victim
from recover.victims.questions import BY_NAME
from recover.victims.told import Desk, Paid, Row, read_each
from recover.victims.vault import Record, Vault

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters and digits that are mistaken for each other, or make words."""

LENGTH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an intake came to. `again` are victims who were here already, with what is new of them; `sealed` is
    what stands sealed of each, which is never shown.
    """

    new: tuple[str, ...]
    again: tuple[str, ...]
    payments: tuple[Payment, ...]
    told: tuple[str, ...]
    sealed: Mapping[str, Record] = field(repr=False)


def take(
    case: Case,
    plugins: Plugins,
    vault: Vault,
    rows: Sequence[Row],
    *,
    by: str,
    choose: Callable[[str], str],
    victim: str = "",
) -> Taken:
    """Take in rows, one or several a person. `choose` draws a letter of an alphabet at random.

    `victim` says of whom all rows are; without it a person is known again by name with birth, e-mail or telephone.
    Raises Error naming the line of whatever cannot stand; then nothing was taken in.
    """
    if not by.strip() or not rows:
        raise Error(
            "intake-nothing",
            "Nobody is taken in.",
            "There is no row that says anything." if by.strip() else "The name of who takes it in is missing.",
            "Name the person who does it with --by, and give at least a name.",
        )
    here_already = known.every(case)
    told: list[str] = []
    desk = Desk(case=case, plugins=plugins, near=here(case))
    people = _people(vault, rows, here_already, choose, victim, told)
    read = read_each(desk, {person.id: person.rows for person in people})
    heads = {person.id: entered.head(person, by) for person in people}
    for person in people:
        _apart(person)
    shown = losses.legs(case, {paid.text for paids in read.values() for paid in paids if paid.text})
    made, wanted, numbers = _placed(case, people, read, shown, here_already, told)
    for person in people:
        stood = here_already[person.id].back if not person.new else {}
        heads[person.id]["back"] = entered.back(desk, person, numbers, stood, told)
    # Nothing was written up to here. Identities first: a pseudonym without one would be nobody's.
    tags: dict[str, list[str]] = {one.id: list(one.tags) for one in people}
    for tag, name in vault.known().items():
        if tag not in tags.get(name, [tag]):
            tags[name].append(tag)
    former = dict(vault.each([one.id for one in people if not one.new]))
    sealed = {one.id: _merged(former.get(one.id), one) for one in people}
    for person in people:
        stood_ways = here_already[person.id].ways if not person.new else ()
        said_ways, heads[person.id]["ways"] = entered.ways(
            person, sealed[person.id].get("ways", ()), stood_ways, numbers
        )
        sealed[person.id] |= {"ways": said_ways} if said_ways else {}
    vault.add(sealed, tags)
    if wanted:
        told_of = [(None, tx, said) for tx, said in wanted.values()]
        declared = losses.declare_every(case, plugins, told_of, rivals=True)
        ids = {key: loss.id for key, loss in zip(wanted, declared, strict=True)}
        made = {
            name: [replace(p, loss=ids[p.chain, p.tx, p.asset]) if p.loss == _LATER else p for p in of]
            for name, of in made.items()
        }
    case.note_each(known.KIND, [{**heads[one.id], "payments": entered.listed(made[one.id])} for one in people])
    after = known.every(case)
    fresh = {one.id: {p.id for p in made[one.id] if p.id} for one in people}
    return Taken(
        new=tuple(one.id for one in people if one.new),
        again=tuple(one.id for one in people if not one.new),
        payments=tuple(
            p
            for one in people
            for n, p in enumerate(after[one.id].payments)
            if n >= len(before(here_already, one.id)) or p.id in fresh[one.id]
        ),
        told=tuple(told),
        sealed=sealed,
    )


_LATER = "?"
"""Stands for a loss that is about to be declared."""


def before(here_already: Mapping[str, Victim], name: str) -> tuple[Payment, ...]:
    """The payments that a victim had before this intake."""
    return here_already[name].payments if name in here_already else ()


def _people(
    vault: Vault,
    rows: Sequence[Row],
    here_already: Mapping[str, Victim],
    choose: Callable[[str], str],
    victim: str,
    told: list[str],
) -> list[Person]:
    if victim and victim not in here_already:
        raise Error(
            "no-victim",
            f"The case has no victim {victim!r}.",
            f"It has {len(here_already)}.",
            "`recover victim list CASE` shows the pseudonyms.",
        )
    tags = vault.known()
    people: dict[str, Person] = {}
    taken = {*here_already}
    for where, said in rows:
        own = _tags(vault, said)
        name = victim or next((tags[tag] for tag in own if tag in tags), "")
        if not name and not said.get("name"):
            raise Error(
                "intake-nameless",
                f"{where}: nobody is named.",
                "A person without a name cannot be told from others, nor be paid.",
                "Give the name, or say with --victim of which pseudonym it is.",
            )
        new = not name
        name = name or _pseudonym(taken, choose)
        taken.add(name)
        one = people.setdefault(name, Person(id=name, new=new))
        for tag in own:
            tags.setdefault(tag, name)
            if tag not in one.tags:
                one.tags.append(tag)
        _alike(vault, one, where, said, tags, told)
        _note(one, where, said, told)
        one.rows.append((where, said))
    return list(people.values())


def _alike(
    vault: Vault, one: Person, where: str, said: Mapping[str, str], tags: dict[str, str], told: list[str]
) -> None:
    """Say whose telephone or e-mail it is as well: one name is spelt in two ways, but families share them."""
    for key, word in (("email", "e-mail"), ("phone", "telephone")):
        if not said.get(key):
            continue
        tag = vault.tag("contact", key, said[key])
        other = tags.setdefault(tag, one.id)
        if other == one.id:
            one.tags += [tag] if tag not in one.tags else []
        elif other not in one.alike:
            one.alike.append(other)
            told.append(
                f"{where}: {one.id} has the {word} of {other}: one person? Nothing was merged; "
                "`recover victim settle` says which it is."
            )


def _note(one: Person, where: str, said: Mapping[str, str], told: list[str]) -> None:
    """Keep what tells the person; what differs from row to row is kept beside, and said."""
    for key, text in said.items():
        if not BY_NAME[key].sealed:
            continue
        if BY_NAME[key].each:
            one.sealed.setdefault(key, [])
            if text not in one.sealed[key]:
                one.sealed[key].append(text)
        elif one.sealed.setdefault(key, text) != text:
            other = one.sealed.setdefault("also", {}).setdefault(key, [])
            if text not in other:
                other.append(text)
                told.append(f"{where}: {one.id} says another {key} here than before; both are kept.")


def _tags(vault: Vault, said: Mapping[str, str]) -> list[str]:
    """What tells a person. A telephone or an e-mail alone does not: families and helpers share them."""
    name = said.get("name", "")
    if not name:
        return []
    return [vault.tag(key, name, said[key]) for key in ("birth", "email", "phone") if said.get(key)] or [
        vault.tag("name", name)
    ]


def _pseudonym(taken: Collection[str], choose: Callable[[str], str]) -> str:
    while True:
        name = "V-" + "".join(choose(ALPHABET) for _ in range(LENGTH))
        if name not in taken:
            return name


def _merged(stood: Mapping[str, Any] | None, one: Person) -> dict[str, Any]:
    """The record with what is new; what stood there stays."""
    if stood is None:
        return one.sealed
    former = dict(stood)
    for key, value in one.sealed.items():
        if key == "also":
            continue
        if isinstance(value, list):
            former[key] = [*former.get(key, []), *(v for v in value if v not in former.get(key, []))]
        elif former.setdefault(key, value) != value:
            former = {**former, "also": {**former.get("also", {}), key: [value]}}
    return former


def _apart(one: Person) -> None:
    """Raises Error where something that is not sealed holds what tells the person."""
    private = [
        str(one.sealed[key]).casefold() for key in ("name", "email", "phone", "postal") if one.sealed.get(key)
    ]
    for where, said in one.rows:
        for key, text in said.items():
            if not BY_NAME[key].sealed and any(len(word) > 3 and word in text.casefold() for word in private):
                raise Error(
                    "intake-mixed",
                    f"{where}: {key} holds what tells who the victim is.",
                    "That field stands under the pseudonym, in papers that others read.",
                    "Take the name, e-mail, telephone or address out of it.",
                )


Key = tuple[str, str, str]
"""(chain, transaction, asset) of a payment."""

Wanted = dict[Key, tuple[str, Said]]


def _placed(
    case: Case,
    people: Sequence[Person],
    read: Mapping[str, Sequence[Paid]],
    shown: Mapping[str, Sequence[Sequence[sizes.Leg]]],
    here_already: Mapping[str, Victim],
    told: list[str],
) -> tuple[dict[str, list[Payment]], Wanted, dict[str, int]]:
    """Each new payment with what the exhibits show of it, the losses that have to be declared for them, and which
    payment of its person each row is of.
    """
    numbers: dict[str, int] = {}
    heads = settled.standing(case)
    first: dict[Key, tuple[str, str]] = {}
    for victim in here_already.values():
        for p in victim.payments:
            if p.tx:
                first.setdefault((p.chain, p.tx, p.asset), (victim.id, p.loss))
    declared = {
        (loss.chain, loss.tx, asset): loss.id for loss in case.settings.losses if loss.tx for asset in loss.assets
    }
    wanted: Wanted = {}
    made: dict[str, list[Payment]] = {}
    for one in people:
        mine, had = made.setdefault(one.id, []), list(before(here_already, one.id))
        for paid in read[one.id]:
            most = sizes.moved(shown.get(paid.text, ()), paid.asset.id) if paid.asset and paid.text else None
            key = (paid.chain, paid.text, paid.asset.id if paid.asset else "")
            payment = _seen(one.id, paid, most)
            if (same := again.same(payment, had)) is not None:
                told.append(f"{paid.where}: {again.said(payment, had[same])}")
                numbers[paid.where] = same + 1
                continue
            place = again.without(payment, had)
            if place is None:
                had.append(payment)
                numbers[paid.where] = len(had)
            else:
                told.append(f"{paid.where}: {had[place].id} has its transaction now.")
                payment = had[place] = replace(payment, id=had[place].id, learned="yes")
                numbers[paid.where] = place + 1
            if paid.text and key in first:
                other = first[key][0]
                told.append(
                    f"{paid.where}: {other}, settled to be the same person, has this payment already; it is "
                    "counted once."
                    if heads.get(other, other) == heads.get(one.id, one.id)
                    else f"{paid.where}: {other} claims this payment too; a person has to settle it."
                    + _erased(here_already.get(other))
                )
                mine.append(replace(payment, loss=first[key][1], rival=first[key][0]))
                continue
            if most is not None and (paid.claimed or 0) > most:
                told.append(
                    f"{paid.where}: {one.id} claims more than the transaction moved; both figures are kept."
                )
            if paid.text:
                first[key] = (one.id, declared.get(key, _LATER))
                if key not in declared:
                    wanted[key] = (_placed_at(paid), _said(one.id, paid, most))
                payment = replace(payment, loss=declared.get(key, _LATER))
            else:
                told.append(
                    f"{paid.where}: {one.id} knows no transaction; candidates are listed by `victim show`."
                )
                twins = (
                    v for v in here_already.values() if v.erased and any(p.row == payment.row for p in v.payments)
                )
                told += [f"{paid.where}: {v.id} had a payment just like it.{_erased(v)}" for v in twins]
            mine.append(payment)
    return made, wanted, numbers


def _erased(other: Victim | None) -> str:
    """That whoever has the same payment may be the same person, whom nothing tells any more."""
    if other is None or not other.erased:
        return ""
    return (
        f" The identity of {other.id} was erased, so it can be the same person: `recover victim settle` says so, "
        "and the payment is then counted once."
    )


def _seen(victim: str, paid: Paid, most: int | None) -> Payment:
    return Payment(
        id="",
        victim=victim,
        chain=paid.chain,
        tx=paid.text,
        asset=paid.asset.id if paid.asset else "",
        claimed=paid.claimed,
        shown=most,
        time=paid.time,
        service=paid.service,
    )


def _placed_at(paid: Paid) -> str:
    """The transaction under its chain, with the output where one was named: then no other chain is asked."""
    output = outpoint(paid.tx)[1]
    return f"{paid.chain}:{paid.text}" + ("" if output is None else f":{output}")


def _said(victim: str, paid: Paid, most: int | None) -> Said:
    amount = paid.claimed if most is None or paid.claimed is None else min(paid.claimed, most)
    return Said(amount=amount or None, assets=[paid.asset.id] if paid.asset else (), label=victim)
