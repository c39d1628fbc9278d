"""Why an address has its name: everything known for and against, by origin, and what would raise or lower it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.linking import habits
from recover.linking.labels import POSSIBLE
from recover.linking.ladder import STEPS, Standing, Word, standing, tied
from recover.linking.leads import Leads, leads
from recover.linking.members import KIND as MEMBER
from recover.linking.ownership import APART, KINDS, PERSON
from recover.linking.resolve import dated, shady, shady_beside, words
from recover.sdk.errors import Error
from recover.sdk.values import Address

_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One thing that is said or shown. `counts`: whether it bears on the name; else `why_not` says why.

    `inherited`: it is of another address of the same cluster. `days` are those from the source's own date to the
    first transfer here; None where either is not known. `of` is the address or the chain that it really speaks of.
    """

    kind: str
    service: str
    grade: str
    step: str
    means: str
    origin: str
    source: str
    method: str
    label: str
    asserted: str
    until: str
    days: int | None
    counts: bool
    why_not: str
    inherited: bool
    of: str
    note: str
    exhibit: int
    transactions: tuple[str, ...]
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """All of it for one address. `service` is empty where nothing names it; then `leads` say whom to ask."""

    chain: str
    address: str
    service: str
    grade: str
    step: str
    inherited: bool
    entity: str
    addresses: int
    first: str
    last: str
    transfers: int
    supporting: tuple[Ground, ...]
    opposing: tuple[Ground, ...]
    beside: tuple[Ground, ...]
    origins: tuple[str, ...]
    reasons: tuple[str, ...]
    would_raise: tuple[str, ...]
    would_lower: tuple[str, ...]
    transactions: tuple[str, ...]
    leads: Leads | None
    remarks: tuple[str, ...] = ()
    """What must be known first: a token's contract, a chain of which nothing is here, a letter that is held."""


def reasons(case: Case, place: Address) -> Reasons:
    """Everything that the case's last `link` has on one address. Raises Error when the stage has not run."""
    asserted = derived.read(case, "assertions")
    moved = derived.read(case, "transfers", ["chain", "src", "dst", "time", "tx"])
    mine = _touching(moved, place)
    # Linking keeps what is said of the ledger's own addresses; of another, the exhibits may say as much.
    said = _about(asserted if mine.num_rows else _unheld(case, asserted.schema, place), place)
    days = dated(moved, [(place.chain, place.text)]).get((place.chain, place.text), ("", ""))
    labels = [row for row in said if row["kind"] == "label"]
    stands = standing(words(labels), *days)
    grounds = [_worded(one, labels[one.row], days[0]) for one in stands.words]
    symbols = {r["asset"]: r["symbol"] for r in derived.read(case, "assets", ["asset", "symbol"]).to_pylist()}
    grounds += [_shown(row, symbols) for row in said if row["kind"] not in ("label", *KINDS, APART)]
    owned = [_tie(row) for row in said if row["kind"] in (*KINDS, APART)]
    service, grade, step, inherited = _name(stands, grounds)
    entity, size = _entity(case, place)
    conflict = _against(case, place, service) if stands.service else ""
    conflict = _habit(grounds, service, stands) if conflict is None else conflict
    grade = tied(grade, opposed=bool(conflict)) if grade else grade
    dark = {id(g) for g, one in zip(grounds, stands.words, strict=False) if shady(labels[one.row]) and g.counts}
    for_it, against, beside = _sorted(service, grounds, dark)
    shown = habits.best((g.service, g.grade) for g in grounds if g.kind != "label" and g.service)
    parted = () if stands.service else habits.told_of(shown)
    token = _token(case, place)
    found = None if service or token else leads(case, place)
    asked = [_asking(case, one.service, place) for one in found.candidates[:3]] if found else []
    held = shady_beside(labels, stands)
    remarks = [token, "" if mine.num_rows else _absent(moved, place)]
    if held:
        remarks.append(
            f"Labels as sure call it {', '.join(held)}: no letter is drafted to {service} until a person decides "
            f"(`recover decide CASE --letter {_quoted(service)} --by NAME --reason WHY`)."
        )
    return Reasons(
        chain=place.chain,
        address=place.text,
        service=service,
        grade=grade,
        step=step,
        inherited=inherited,
        entity=entity,
        addresses=size,
        first=days[0],
        last=days[1],
        transfers=mine.num_rows,
        supporting=tuple(for_it),
        opposing=tuple(against),
        beside=(*beside, *owned),
        origins=tuple(sorted({one.origin for one in for_it if one.counts})),
        reasons=(*stands.reasons, *([conflict] if conflict else []), *parted),
        would_raise=() if token else tuple(_raise(service, grade, for_it, asked)),
        would_lower=tuple(_lower(service, grade, for_it)),
        transactions=tuple(dict.fromkeys(mine.column("tx").to_pylist())),
        leads=found,
        remarks=tuple(filter(None, remarks)),
    )


def _against(case: Case, place: Address, service: str) -> str | None:
    """What the case's off-ramps hold against the label, in words; None where none of them is of the address."""
    try:
        ramps = derived.read(case, "offramps", ["chain", "through", "service"]).to_pylist()
        gaps = derived.read(case, "gaps", ["code", "subject", "why"]).to_pylist()
    except Error:  # the stage that finds off-ramps has not run
        return None
    if {"chain": place.chain, "through": place.text, "service": service} not in ramps:
        return None
    about = ("label-habit-conflict", f"{place.chain}:{place.text}")
    found = [row["why"] for row in gaps if (row["code"], row["subject"]) == about]
    return f"{' '.join(found)} {_WEAK[0].upper()}{_WEAK[1:]}" if found else ""


_WEAK = "at grade D at best, as in off-ramps and letters (gap label-habit-conflict)."


def _habit(grounds: Sequence[Ground], service: str, stands: Standing) -> str:
    """What the address does where that is not what its label says; its off-ramp is then graded D at best."""
    label = any(g.kind == "label" and g.counts and g.service == service and g.role == "deposit" for g in grounds)
    others = sorted({g.service for g in grounds if g.kind == "deposit-address" and g.service not in ("", service)})
    if not (stands.service and label and others):
        return ""
    return (
        f"A source calls it a deposit address of {service}, and what left it went to wallets of "
        f"{', '.join(others)}: {_WEAK}"
    )


def _token(case: Case, place: Address) -> str:
    """Whether the address is the contract of a token that the case knows, in words."""
    known = derived.read(case, "assets", ["asset", "symbol"]).to_pylist()
    mine = [row for row in known if _contract(row["asset"]) == (place.chain, place.text.casefold())]
    if not mine:
        return ""
    names = ", ".join(dict.fromkeys(row["symbol"] or row["asset"] for row in mine))
    return (
        f"It is the contract of {names} ({mine[0]['asset']}), and no wallet: whoever issued the token may be able "
        "to freeze it (`recover register show --kind issuer`)."
    )


def _contract(asset: str) -> tuple[str, str]:
    chain, _, rest = asset.partition("/")
    return chain, rest.partition(":")[2].partition("/")[0].casefold()


def _absent(moved: pa.Table, place: Address) -> str:
    if pc.any(pc.equal(moved.column("chain"), place.chain)).as_py():
        return "The exhibits of this case show no movement of it."
    return f"No exhibit of this case shows anything that moved on {place.chain}."


def _about(asserted: pa.Table, place: Address) -> list[dict[str, Any]]:
    """Assertions of the address itself, and of ownership that name it on either side."""
    here = pc.equal(asserted.column("chain"), place.chain)
    own = pc.equal(asserted.column("address"), place.text)
    other = pc.and_(
        pc.fill_null(pc.equal(asserted.column("other"), place.text), False),
        pc.is_in(asserted.column("kind"), value_set=pa.array(KINDS)),
    )
    rows: list[dict[str, Any]] = asserted.filter(pc.and_(here, pc.or_(own, other))).to_pylist()
    return rows


def _unheld(case: Case, schema: pa.Schema, place: Address) -> pa.Table:
    """What exhibits say of an address that no movement of the ledger touches."""
    found = [schema.empty_table()]
    for path in derived.decoded(case, "assertions"):
        rows = derived.load(case, path, "decode")
        here = pc.equal(rows.column("chain"), place.chain)
        rows = rows.filter(pc.and_(here, pc.equal(rows.column("address"), place.text)))
        number = next((e.number for e in case.exhibits() if path.parent.name[:16] == e.digest[:16]), 0)
        made = [{**row, "exhibit": number} for row in rows.to_pylist()]
        # A service as the register names it is found when linking; until then it has the list's own name.
        made = [{**row, "service": row["service"] or row["label"]} for row in made]
        found.append(pa.Table.from_pylist(made, schema=schema))
    return pa.concat_tables(found)


def _touching(moved: pa.Table, place: Address) -> pa.Table:
    here = pc.equal(moved.column("chain"), place.chain)
    sides = [pc.fill_null(pc.equal(moved.column(side), place.text), False) for side in ("src", "dst")]
    return moved.filter(pc.and_(here, pc.or_(*sides)))


def _worded(one: Word, row: dict[str, Any], first: str) -> Ground:
    hint = row["role"] == POSSIBLE
    why = "it speaks of another chain: a hint whom to ask, and no name" if hint else one.counts
    ground = _ground(row, one.step, one.root)
    return replace(
        ground,
        grade=one.grade,
        until=one.until,
        days=_days(one.said, first),
        counts=not why,
        why_not=why,
    )


def _shown(row: dict[str, Any], symbols: Mapping[str, str]) -> Ground:
    """What a heuristic shows of the address: a deposit address, a hub, or a member of a cluster."""
    count = len(row["transactions"])
    deposit = "P8" if not row["service"] else "P4" if count > 1 else "P5"
    step = {"deposit-address": deposit, MEMBER: "P6", "hub": "P8"}.get(row["kind"], "P8")
    ground = _ground(row, step, f"heuristic: {row['method']}")
    note = habits.told(row["note"], symbols.get(row["asset"]) or row["asset"] or "")
    return replace(ground, inherited=row["kind"] == MEMBER, of=row["other"] or "", note=note)


def _tie(row: dict[str, Any]) -> Ground:
    ground = _ground(row, "", f"heuristic: {row['method']}" if row["method"] != PERSON else row["origin"])
    return replace(ground, of=row["other"] or "", counts=False, why_not="it says of whom it is one, and no name")


def _ground(row: dict[str, Any], step: str, origin: str) -> Ground:
    return Ground(
        kind=row["kind"],
        service=row["service"],
        grade=row["grade"],
        step=step,
        means=STEPS.get(step, "no step is stated"),
        origin=origin,
        source=row["source"] or row["method"],
        method=f"{row['method']} {row['version']}",
        # A shape has no label: what it is called is its role.
        label=row["label"] or (row["role"] if row["kind"] == "shape" else ""),
        asserted=row["asserted"] or "",
        until="",
        days=None,
        counts=True,
        why_not="",
        inherited=False,
        of=row["address"],
        note=row["note"],
        exhibit=row["exhibit"],
        transactions=tuple(row["transactions"])[:_LISTED],
        role=row["role"] or "",
    )


def _days(said: str, first: str) -> int | None:
    try:
        return (date.fromisoformat(first) - date.fromisoformat(said)).days
    except ValueError:
        return None


def _name(stands: Standing, grounds: Sequence[Ground]) -> tuple[str, str, str, bool]:
    """Service, grade, step, and whether it is inherited: a label first, then what is shown."""
    if stands.service and any(one.counts and one.kind == "label" and one.service for one in grounds):
        mine = [g for g in grounds if g.kind == "label" and g.service == stands.service and g.counts]
        lowered = any(stands.grade > one.grade for one in mine)
        shown = [g for g in grounds if g.kind in _SHOWN and g.service == stands.service]
        grade = tied(stands.grade, (one.grade for one in shown), lowered=lowered)
        # Where what is shown is surer than every label, the name stands by that.
        by = [*mine, *(one for one in shown if one.grade == grade < stands.grade)]
        best = min(by, key=lambda g: (g.grade, g.step or "P9"), default=None)
        return stands.service, grade, best.step if best else "", best is not None and best.inherited
    shown = [g for g in grounds if g.kind != "label" and g.service]
    if not shown:
        hub = any(g.kind == "hub" for g in grounds)
        return "", "E" if hub else "", "P8" if hub else "", False
    service, grade = habits.named(habits.best((g.service, g.grade) for g in shown))
    best = min((g for g in shown if g.service == service), key=lambda g: (g.grade, g.step), default=None)
    return (best.service, grade, best.step, best.inherited) if best else ("", "", "", False)


_SHOWN = ("deposit-address", MEMBER)
"""What ties an address to a service besides labels."""


def _sorted(
    service: str, grounds: Iterable[Ground], shady: set[int]
) -> tuple[list[Ground], list[Ground], list[Ground]]:
    """For the name, against it, beside it. `shady` are what a mixer's, a market's or a scam's label grounds."""
    supporting, opposing, beside = [], [], []
    for one in grounds:
        if service and id(one) in shady:
            opposing.append(one)
        elif not one.service or one.role == POSSIBLE:
            beside.append(one)
        elif one.service == service and one.counts:
            supporting.append(one)
        else:
            opposing.append(one)
    return supporting, opposing, beside


def _asking(case: Case, service: str, place: Address) -> str:
    """The command that asks a candidate whether the address is its own."""
    return (
        f"`recover letter draft {case.path} --kind enquiry --to {_quoted(service)} --as authority "
        f"--about {place.text}` asks {service} whether it is theirs"
    )


def _quoted(service: str) -> str:
    return f"'{service}'" if re.search(r"[^\w.-]", service) else service


def _raise(service: str, grade: str, grounds: Sequence[Ground], asked: Sequence[str]) -> list[str]:
    if not service:
        return [
            "a label of this address by any source, with its date",
            "an answer of a service that is asked whether it is its own (a record in writing: A)",
            *(
                asked
                or ["`recover letter draft CASE --kind enquiry --to SERVICE --about ADDRESS` asks a candidate"]
            ),
        ]
    found = []
    roots = {one.origin for one in grounds if one.counts and one.grade == grade}
    if grade in ("C", "D", "E") and len(roots) < 2:
        found.append(f"a second independent origin of grade {grade} that names {service} (one grade up)")
    if grade > "B":
        found.append(f"{service}'s own list, a court or sanctions paper, or a documented test payment (B)")
    if grade > "A":
        found.append(f"a record in writing by {service}, or control of the key shown (A)")
    if any(one.kind == "deposit-address" and one.step == "P5" for one in grounds):
        found.append("a second sweep to the same service's wallets (P4)")
    return found


def _lower(service: str, grade: str, grounds: Sequence[Ground]) -> list[str]:
    if not service:
        return []
    found = [f"a word of a weaker grade than {grade} for another service (to that grade)"] if grade < "D" else []
    found.append(f"an equally sure word for another service (it then has no name; now it is {grade})")
    if any(one.inherited for one in grounds):
        found.append("a transaction in its cluster that turns out to mix owners, or a person who splits it")
    if any(one.kind == "deposit-address" for one in grounds):
        found.append("hundreds of unrelated senders: it may be a nested service's own account")
    if any(one.kind == "label" for one in grounds):
        found.append("the label's withdrawal, or an end of its validity before the first transfer here")
    return found


def _entity(case: Case, place: Address) -> tuple[str, int]:
    table = derived.read(case, "entities", ["id", "chain", "addresses"])
    for row in table.filter(pc.equal(table.column("chain"), place.chain)).to_pylist():
        if place.text in row["addresses"]:
            return row["id"], len(row["addresses"])
    return "", 0
