"""Last seen: where traced value went whose history nobody has answered for yet: it may lie there still."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.pursuit.freezing import stated, states
from recover.pursuit.reached import amount, shown
from recover.registers.issuers import load
from recover.sdk import amounts
from recover.sdk.ends import recorded

_NAMED = 5


def seen(case: Case, plugins: Plugins) -> Iterator[tuple[str, dict[str, Any]]]:
    """By asset, a sentence on these places, those of most value first, and the same for a machine."""
    issuers = load(plugins.templates.get("issuers"))
    units = {row["asset"]: row for row in derived.read(case, "assets").to_pylist()}
    known = states(case)
    for asset, held in sorted(_uncollected(case).items()):
        unit = units.get(asset, {})
        named = unit.get("symbol") or asset
        places = sorted(held, key=lambda one: (-held[one], one))
        state = {one: known.get((asset, one), {"balance": None}) for one in places}
        told = {one: stated(state[one], unit.get("decimals"), named) for one in places}
        told |= {one: f"{told[one]}: gone from there" for one in places if state[one].get("balance") == "0"}
        left = [one for one in places if state[one].get("balance") != "0"]
        listed = "; ".join(f"{amount(held[one], unit)} at {one} ({told[one]})" for one in places[:_NAMED])
        more = f"; and at {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        said = (
            f"{shown(sum(held.values()), unit.get('decimals'), named)} went where nobody has said yet what "
            f"became of it{', and may lie there still' if left else ''}: {listed}{more} "
            f"(recover show {case.typed} gaps)."
        )
        issuer = issuers.match(asset)
        if left and issuer is not None and "freeze" in issuer.powers:
            said += f" {issuer.name} can freeze ({issuer.uri}) what is there."
        facts = [{"address": one, "amount": str(held[one]), **state[one]} for one in places]
        yield said, {"asset": asset, "symbol": unit.get("symbol") or "", "addresses": facts}


def sums(case: Case) -> dict[str, str]:
    """By asset, how much that is in all, as people write it."""
    units = {row["asset"]: row for row in derived.read(case, "assets").to_pylist()}
    found = {asset: sum(held.values()) for asset, held in _uncollected(case).items()}
    return {
        asset: shown(total, units.get(asset, {}).get("decimals"), units.get(asset, {}).get("symbol") or asset)
        for asset, total in found.items()
    }


def _uncollected(case: Case) -> dict[str, dict[str, int]]:
    """By asset and address, what went to an address whose history no exhibit holds."""
    found: dict[str, dict[str, int]] = {}
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    for row, value in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        if row["reason"] == "uncollected" and value:
            one = found.setdefault(row["asset"], {})
            one[row["address"]] = one.get(row["address"], 0) + value
    return found
