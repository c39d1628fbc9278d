"""Freezing: what an issuer can freeze of the value that a pursuit follows, and what was said of it when asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings import contradicted
from recover.findings.affected import WHOLE
from recover.findings.material import Material
from recover.ledger import parts
from recover.plugins.registry import Plugins
from recover.pursuit.reached import shown
from recover.registers.issuers import Issuers, load
from recover.sdk import amounts
from recover.sdk.counts import counted
from recover.sdk.ends import recorded
from recover.trails import asks
from recover.trails.flows import arriving

UNREAD = "nobody has answered for its history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Traced value at rest at one address, and who can freeze it; `share` is of all, in parts per million.

    `balance` is what the address holds of the asset, all of it, at block `height`, `at` a moment; None where
    nobody was asked. `frozen` is what was said of it then. `disputed` are transactions on which exhibits disagree
    and that may have taken some of it away: then nothing is said to be held. `unread`: the value came there, and
    no exhibit holds the history: nothing is said to rest, and the balance alone says that something lies there.
    `listed` are payments to it that lists alone show: these can have failed.
    `dust`: something is there, and no more of it than the case's dust of all that began in its asset.
    """

    chain: str
    address: str
    asset: str
    symbol: str
    amount: str
    decimals: int | None
    shown: str
    share: int
    issuer: str
    where: str
    balance: str | None = None
    height: int | None = None
    at: datetime | None = None
    frozen: bool | None = None
    disputed: tuple[str, ...] = ()
    unread: bool = False
    dust: bool = False
    listed: tuple[str, ...] = ()

    @property
    def least(self) -> int:
        """How much of it can still be there: no more than the balance asked."""
        return min(int(self.amount), int(self.amount if self.balance is None else self.balance))

    @property
    def can(self) -> str:
        """What its issuer can do, for a sentence."""
        part = shown(self.least, self.decimals, self.symbol or self.asset)
        what = "it" if self.least == int(self.amount) and not self.unread else f"at most {part} of it"
        return f"{self.issuer} can freeze {what} ({self.where})"

    @property
    def left(self) -> bool:
        """Whether anything is still there, as far as is known."""
        return self.balance != "0"

    @property
    def said(self) -> str:
        """Where it is, in a sentence."""
        if self.unread:
            return f"{self.shown} came to {self.address}, and {UNREAD}. But {self.asked}: {self.can}."
        return f"{self.shown} rests at {self.address} ({self.asked}): {self.can}."

    @property
    def by_now(self) -> str:
        """What is known of it since it was told."""
        never = f", or never came: only a list shows {', '.join(self.listed)}" if self.listed else ""
        gone = (
            f"it is gone from there{never}"
            if not self.left
            else "only dust is left there"
            if self.dust
            else self.can
        )
        return f"Of {self.shown} that came to {self.address} it is known by now: {self.asked}; {gone}."

    @property
    def asked(self) -> str:
        """What was said of the balance, for a sentence."""
        state = {"balance": self.balance, "height": self.height, "at": self.at, "frozen": self.frozen}
        return stated(state, self.decimals, self.symbol or self.asset)


def stated(state: Mapping[str, Any], decimals: int | None, unit: str) -> str:
    """What was said of a balance (see `states`), for a sentence."""
    if state.get("balance") is None:
        return "its balance was not asked"
    height, at = state["height"], state["at"]
    block = f"block {height:,}" if height is not None else f"{at:%Y-%m-%d %H:%M:%S}" if at else ""
    if not block:  # by whom it was answered, and when, the finding says
        return f"{shown(int(state['balance']), decimals, unit)} held there when it was asked, no block named"
    told = f"{shown(int(state['balance']), decimals, unit)} held there at {block}"
    return told + (", frozen already" if state.get("frozen") else "")


def freezable(case: Case, plugins: Plugins) -> Iterator[Held]:
    """Traced value at rest in an asset whose issuer can freeze it, the largest first by asset; and what came where
    nobody answered for the history, and a balance was stated at a block after it came.
    """
    issuers: Issuers = load(plugins.templates.get("issuers"))
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    units = {row["asset"]: row for row in derived.read(case, "assets").to_pylist()}
    known, disputes = states(case), _disputes(case, plugins)
    listed = arrived_by_list(case)
    held: dict[tuple[str, str], int] = {}
    began: dict[str, int] = {}
    unread = set[tuple[str, str]]()
    for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        began[row["asset"]] = began.get(row["asset"], 0) + amount
        key = (row["asset"], row["address"])
        open_ = row["reason"] == "uncollected" and known.get(key, {}).get("height") is not None
        if row["reason"] == "rest" or open_:
            held[key] = held.get(key, 0) + amount
        unread |= {key} if open_ else set()
    for key in _earlier(case, {key: known[key]["height"] for key in unread}):
        del held[key]
    for (asset, address), amount in sorted(held.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1])):
        issuer = issuers.match(asset)
        if issuer is None or "freeze" not in issuer.powers:
            continue
        unit, state = units.get(asset, {}), known.get((asset, address), {})
        here = int(state["balance"]) if state.get("balance") is not None else amount
        least = min(amount, here)
        yield Held(
            **state,
            dust=here > 0 and least * WHOLE <= case.settings.dust * began[asset],
            chain=asset.split("/", 1)[0],
            address=address,
            asset=asset,
            symbol=unit.get("symbol") or "",
            amount=str(amount),
            decimals=unit.get("decimals"),
            shown=shown(amount, unit.get("decimals"), unit.get("symbol") or asset),
            share=amount * WHOLE // (began[asset] or 1),
            issuer=issuer.name,
            where=issuer.uri,
            disputed=disputes.get((address, asset), ()),
            unread=(asset, address) in unread,
            listed=listed.get((asset, address), ()),
        )


def arrived_by_list(case: Case) -> dict[tuple[str, str], tuple[str, ...]]:
    """By asset and address, the payments there that lists alone show."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for one in asks.listed(case):
        for place in one.at:
            found[place] = (*found.get(place, ()), one.tx.text)
    return found


def _earlier(case: Case, heights: Mapping[tuple[str, str], int]) -> Iterator[tuple[str, str]]:
    """Of these (asset, address), where a balance of such a height is from before the last traced value came."""
    if not heights:
        return
    flows = derived.read(case, "flows", ["seq", "event"])
    came = pc.unique(arriving(flows)["seq"])
    rows = derived.read(case, "transfers", ["seq", "asset", "dst", "height"])
    there = pa.array(sorted({address for _, address in heights}), pa.string())
    rows = rows.filter(pc.and_kleene(pc.is_in(rows["dst"], there), pc.is_in(rows["seq"], came)))
    last = rows.group_by(["asset", "dst"]).aggregate([("height", "max")])
    for asset, address, height in zip(*(last[name].to_pylist() for name in last.column_names), strict=True):
        if height is not None and height > heights.get((asset, address), height):
            yield asset, address


def _disputes(case: Case, plugins: Plugins) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """By address and asset, the transactions out of it on which exhibits disagree."""
    moved = derived.read(case, "transfers", ["excluded"])
    if not pc.any(pc.fill_null(pc.equal(moved.column("excluded"), "contradicted"), False)).as_py():
        return {}
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for one in contradicted.found(Material.of(case), parts.parts(case, plugins), partial(parts.read, case)):
        found[one.holding] = (*found.get(one.holding, ()), one.tx)
    return found


def states(case: Case) -> dict[tuple[str, str], dict[str, Any]]:
    """The last balance and the last word on a freeze of each place that somebody was asked about."""
    rows = derived.read(case, "states")
    found: dict[tuple[str, str], dict[str, Any]] = {}
    listed = zip(rows.to_pylist(), amounts.exact(rows), strict=True)
    for row, value in sorted(listed, key=lambda pair: (pair[0]["height"] or 0, pair[0]["exhibit"])):
        one = found.setdefault((row["asset"], row["address"]), {})
        if row["kind"] == "balance":
            one |= {"balance": str(value), "height": row["height"], "at": row["time"]}
        elif row["kind"] == "frozen":
            one["frozen"] = bool(value)
    return found


def unsettled(held: Held, case: str) -> str:
    """Why value that came to an address is not said to be held there, and what settles it."""
    return (
        f"Exhibits disagree on what left {held.address}, where {held.shown} of traced value came ({held.asked}): "
        "none of it is said to be held there. "
        f"Settle it: recover decide {case} {held.disputed[0]} --exhibit N --reason WHY"
    )


def in_all(every: Sequence[Held], case: str, unfollowed: str = "") -> str:
    """Balances of one asset that its issuer can freeze, in a few lines: the largest by name, the rest counted. All
    rest, or of all it is `unread`.

    `unfollowed` is how much of it went where nobody has answered yet.
    """
    unit = every[0].symbol or every[0].asset
    settled = [held for held in every if not held.disputed]
    left = [held for held in settled if held.left]
    sums = sum(int(held.amount) for held in every), sum(held.least for held in left)
    total, still = (shown(one, every[0].decimals, unit) for one in sums)
    where = counted(len(every), "address")
    said = f"{total} in all rests at {where}, as far as their histories show."
    if every[0].unread:
        said = f"{total} in all came to {where}, and nobody has answered for their histories."
    if unfollowed:
        said += f" That is not all: {unfollowed} more went where nobody has answered yet (LAST SEEN)."
    if len(settled) < len(every):
        said += f" At {len(every) - len(settled)} of them exhibits disagree on what left: that is not settled."
    if len(left) < len(settled):
        never = ", or it never came" if any(held.listed for held in settled) else ""
        said += f" At {len(settled) - len(left)} of them the balance asked is 0: it is gone from there{never}."
    if not left:
        return said
    named = "; ".join(f"{held.address}: {held.shown} traced, {held.asked}" for held in left[:_NAMED])
    more = f"; and {len(left) - _NAMED} more (recover show {case} findings)" if len(left) > _NAMED else ""
    return f"{said} {every[0].issuer} can freeze ({every[0].where}) up to {still}: {named}{more}."


def facts_in_all(every: Sequence[Held]) -> dict[str, Any]:
    """The same for a machine."""
    names = ("address", "amount", "balance", "height", "at", "frozen")
    listed = [{name: getattr(held, name) for name in names} for held in every]
    return {"amount": str(sum(int(held.amount) for held in every)), "addresses": listed}


def undrafted(every: Sequence[Held], case: str, asked: Collection[str] = ()) -> str:
    """Why no request to the issuer of these was drafted by itself, though it can freeze them, and how one is.

    `asked` are the addresses whose balance was asked.
    """
    left = [held for held in every if held.left]
    put = any(held.address in asked for held in left)
    sums = sum(held.least for held in every) if left else sum(int(held.amount) for held in every)
    total = shown(sums, every[0].decimals, every[0].symbol or every[0].asset) + " of an asset" * (not left)
    why = "what lies there is below the least share that the case looks at, or a draft of it was withdrawn"
    if not left:
        why = "it is gone from there"
    elif all(held.disputed for held in left):
        why = "exhibits disagree on what left"
    elif all(held.frozen for held in left):
        why = "it is frozen already"
    elif all(held.balance is None for held in left):
        nobody = "no source that may be asked answered for one" if put else "nobody was asked for one"
        why = f"no exhibit states a balance of it, as {nobody}"
    elif all(held.height is None for held in left):
        why = "whoever stated its balance named no block"
    name = every[0].issuer
    by_hand = f"recover letter draft {case} --kind freeze --to {name} --as authority"
    return f"Of {total} that {name} can freeze no letter was drafted by itself: {why}. By hand: {by_hand}"


_NAMED = 3
