"""Which asset a text names without a place beside it: a CAIP-19 id, or a symbol that only one asset has here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.identity import Spelling
from recover.sdk.outside import visible
from recover.sdk.values import Asset


def named(case: Case, plugins: Plugins, text: str) -> Asset:
    """The asset with its decimals, as far as the exhibits or a register say. Raises Error for none and several.

    Anybody can issue a token under a known symbol: a symbol means an asset of a chain's register, first one that
    the case's losses and claims name or its exhibits show. One that no register lists means the one asset of the
    case that has it: of those that losses and claims name, else of those that the exhibits show.
    """
    known = registered(plugins)
    if "/" in text:
        return _by_id(case, plugins, text.strip(), known)
    same = [one for one in known.values() if one.symbol.casefold() == text.strip().casefold()]
    claimed, seen = _claimed(case), shown(case)
    if not same:
        word = text.strip().casefold()
        same = [
            Asset(id=one, symbol=symbol, decimals=decimals)
            for one, (symbol, decimals) in seen.items()
            if word and (symbol or "").casefold() == word
        ]
    mine = next((near for ids in (claimed, seen) if (near := [a for a in same if a.id in ids])), same)
    if len(mine) == 1:
        return mine[0]
    raise Error(
        "asset-ambiguous" if mine else "no-asset",
        f"{text} is {'the symbol of several assets' if mine else 'no asset of any register or exhibit here'}.",
        f"It can be {', '.join(sorted(one.id for one in mine)[:12])}."
        if mine
        else "A symbol is read where a chain's own register lists it, or the exhibits of the case show it.",
        "Name the asset by its CAIP-19 id: the contract is the asset, never the symbol.",
    )


def _claimed(case: Case) -> set[str]:
    """The assets in which somebody lost or claims something."""
    found = {asset for loss in case.settings.losses for asset in loss.assets}
    for entry in case.entries:
        if entry.kind == "claim":
            found.add(str(entry.body.get("asset", "")))
        elif entry.kind == "victim":
            found |= {str(one.get("asset", "")) for one in entry.body.get("payments", ())}
    return found


def measured(text: str, asset: Asset, what: str) -> int:
    """An amount in base units: a whole number is base units already; with a decimal point it is in whole units.

    Raises Error for what is no amount, is below zero, or has a point where no decimals are known.
    """
    bare = text.strip().replace(",", "") if "," in text and "." in text else text.strip()
    if bare.isascii() and bare.isdigit():
        return int(bare)
    if asset.decimals is None or not bare or not set(bare) <= set("0123456789."):
        raise Error(
            "amount-unreadable",
            f"{what} {text!r} is no amount of {asset.symbol or asset.id}.",
            "Whole numbers are base units; with a decimal point they are units of the asset, where its decimals "
            f"are known. Here {'they are not' if asset.decimals is None else f'there are {asset.decimals}'}.",
            "Give the amount in base units, as a whole number without a sign.",
        )
    return amounts.parse(bare, asset.decimals)


def registered(plugins: Plugins) -> dict[str, Asset]:
    """Every asset that a chain's register lists, by its id."""
    infos = [chain.info for chain in plugins.chains.values()]
    return {asset.id: asset for info in infos for asset in (info.native, *info.assets)}


def _by_id(case: Case, plugins: Plugins, text: str, known: dict[str, Asset]) -> Asset:
    spelt = Spelling(chains=plugins.chains).asset(text)
    chain = spelt.partition("/")[0]
    if chain not in plugins.chains:
        raise Error(
            "asset-chain",
            f"{text} names the chain {chain!r}, which is none here.",
            "A CAIP-19 id begins with its chain.",
            "`recover plugins` lists the chains.",
        )
    if spelt in known:
        return known[spelt]
    symbol, decimals = shown(case).get(spelt, ("", None))
    return Asset(id=spelt, symbol=symbol, decimals=decimals)


Units = Mapping[str, tuple[str, int | None]]
"""Asset id -> (symbol, decimals)."""


def shown_as(case: Case, plugins: Plugins) -> Units:
    """How amounts are shown: by the chains' registers, then as the exhibits say."""
    found = {asset.id: (asset.symbol, asset.decimals) for asset in registered(plugins).values()}
    return found | {name: said for name, said in shown(case).items() if said[1] is not None}


def told(asset: str, amount: int, units: Units) -> str:
    """An amount with its symbol, or with the asset's id where it has none."""
    symbol, decimals = units.get(asset, ("", None))
    return f"{amounts.decimal(amount, decimals)} {visible(symbol, 20) or asset}"


def coin(chain: str, units: Iterable[str]) -> str:
    """Of some asset ids the one of a chain's own coin; empty where there is none."""
    return next((one for one in units if one.startswith(f"{chain}/slip44:")), "")


def shown(case: Case) -> dict[str, tuple[str, int | None]]:
    """What the joined ledger shows: asset id -> (symbol, decimals); nothing before there is one."""
    if case.files.size("derived/ledger/assets.parquet") is None:
        return {}
    rows = derived.read(case, "assets", ["asset", "symbol", "decimals"]).to_pylist()
    return {row["asset"]: (row["symbol"], row["decimals"]) for row in rows}
