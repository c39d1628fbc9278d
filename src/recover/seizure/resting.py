"""Resting places: where traced value is, how much is there, and who can act on it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pyarrow.compute as pc

from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.registers import issuers
from recover.sdk import amounts, ends
from recover.victims import cameback, cues

_WAYS = {"service": "service", "hub": "service", "bridge": "chain", "rest": "self", "uncollected": "self"}
"""Why a trace ended -> how it is seized, where no issuer can act."""

_BOOKS = ("service", "hub")

_NOT_PLACES = frozenset({"fee", "burn", "swap", "limit", "crossed", "bridge_fee"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How value at one kind of place is seized."""

    id: str
    title: str
    who: str
    authority: str
    needs: str
    steps: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an exhibit says was held, and at which block. `height` is None where only a time is known."""

    amount: int
    height: int | None
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where traced value rests. `traced` is what the case's rule leaves there; `held` what a balance shows, if
    any.

    `powers` are what the token's issuer can do, as far as the register says.
    """

    chain: str
    address: str
    asset: str
    traced: int
    reason: str
    ways: tuple[str, ...]
    service: str = ""
    issuer: str = ""
    powers: tuple[str, ...] = ()
    held: Balance | None = None

    @property
    def caip10(self) -> str:
        return f"{self.chain}:{self.address}"


@cache
def ways() -> Mapping[str, Way]:
    """Every way to seize, by id."""
    listed = tomllib.loads(files(__package__).joinpath("ways.toml").read_text("utf-8"))["way"]
    return {
        one["id"]: Way(**{**one, "steps": tuple(one["steps"]), "wrong": tuple(one["wrong"])}) for one in listed
    }


def places(case: Case, plugins: Plugins) -> list[Place]:
    """Every resting place under the declared rule, the largest of each asset first; none before a trace.

    A wallet of a victim is none, and no address of the agency's: see `came_back` and `in_custody`.
    """
    own = {*cameback.wallets(case), *_agency(case)}
    return [one for one in _ended(case, plugins) if one.caip10 not in own or one.reason in _BOOKS]


def in_custody(case: Case, plugins: Plugins) -> list[Place]:
    """What the declared rule leaves at addresses to which a recorded seizure came: it is looked for no more."""
    held = _agency(case)
    return [one for one in _ended(case, plugins) if one.caip10 in held and one.reason not in _BOOKS]


def _agency(case: Case) -> frozenset[str]:
    kept = (entry.body for entry in case.entries if entry.kind == "custody")
    return frozenset(body["address"] for body in kept if body["act"] == "record")


def named(case: Case, found: Iterable[Place]) -> list[Place]:
    """Those that may stand in lists for others: none of which somebody has to be screened first."""
    held = cues.standing(case)
    return [one for one in found if one.caip10 not in held]


def came_back(case: Case, plugins: Plugins) -> list[Place]:
    """What the declared rule leaves at wallets out of which a declared loss was paid: the victims' again."""
    own = cameback.wallets(case)
    return [one for one in _ended(case, plugins) if one.caip10 in own and one.reason not in _BOOKS]


def _ended(case: Case, plugins: Plugins) -> list[Place]:
    if case.files.size("derived/trace/ends.parquet") is None:
        return []
    table = ends.recorded(derived.read(case, "ends"), case.settings.rule)
    sums = _credits(case)
    for row, amount in zip(
        table.select(["asset", "address", "reason"]).to_pylist(), amounts.exact(table), strict=True
    ):
        if row["reason"] not in (*_NOT_PLACES, *_BOOKS) and row["address"]:
            key = row["asset"], row["address"], row["reason"]
            sums[key] = sums.get(key, 0) + amount
    register = issuers.load(plugins.templates.get("issuers"))
    named, credited, held = cameback.services(case), _credited(case), balances(case)
    found = []
    for (asset, address, reason), amount in sums.items():
        if amount <= 0:
            continue
        chain = asset.partition("/")[0]
        issuer = register.match(asset)
        usual = _WAYS.get(reason, "none")
        can = issuer is not None and usual == "self"
        found.append(
            Place(
                chain=chain,
                address=address,
                asset=asset,
                traced=amount,
                reason=reason,
                ways=("issuer", usual) if can else (usual,),
                service=named.get((chain, address), "") or credited.get((chain, address), ""),
                issuer=issuer.name if issuer else "",
                powers=issuer.powers if issuer else (),
                held=held.get((chain, address, asset)),
            )
        )
    return sorted(found, key=lambda one: (one.asset, -one.traced, one.address, one.reason))


def _credits(case: Case) -> dict[tuple[str, str, str], int]:
    """What came to services, at the address that was credited: that is what a service can find in its books."""
    found: dict[tuple[str, str, str], int] = {}
    table = ends.recorded(derived.read(case, "arrivals"), case.settings.rule)
    columns = table.select(["asset", "through", "address", "reason"]).to_pylist()
    for row, amount in zip(columns, amounts.exact(table), strict=True):
        if row["reason"] in _BOOKS:
            key = row["asset"], row["through"] or row["address"], row["reason"]
            found[key] = found.get(key, 0) + amount
    return found


def _credited(case: Case) -> dict[tuple[str, str], str]:
    """Deposit addresses by the service that they pay into."""
    if case.files.size("derived/find/offramps.parquet") is None:
        return {}
    rows = derived.read(case, "offramps", ["chain", "through", "service"]).to_pylist()
    return {(row["chain"], row["through"]): row["service"] or "" for row in rows}


def balances(case: Case) -> dict[tuple[str, str, str], Balance]:
    """The latest balance that an exhibit states of each (chain, address, asset)."""
    if case.files.size("derived/ledger/states.parquet") is None:
        return {}
    table = derived.read(case, "states")
    table = table.filter(pc.and_(pc.equal(table.column("kind"), "balance"), pc.is_valid(table.column("asset"))))
    known = pc.or_(pc.is_valid(table.column("amount")), pc.is_valid(table.column("wide")))
    table = table.filter(known)
    found: dict[tuple[str, str, str], Balance] = {}
    for row, amount in zip(table.to_pylist(), amounts.exact(table), strict=True):
        key = row["chain"], row["address"], row["asset"]
        made = Balance(amount=amount, height=row["height"], time=row["time"].isoformat() if row["time"] else "")
        former = found.get(key)
        if former is None or (made.height or 0, made.time) >= (former.height or 0, former.time):
            found[key] = made
    return found
