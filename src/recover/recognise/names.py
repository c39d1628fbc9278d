"""What a text names: an address or a transaction, with its chain; an asset; or why no chain knows it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches

from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.recognise.links import written
from recover.sdk.errors import Error, NotRecognised
from recover.sdk.identity import Spelling
from recover.sdk.plugin import Chain
from recover.sdk.values import Address, Asset, TxId

SHOWN = 3  # reasons told of one text
_ALIKE = 4  # characters at the head by which a person tells one chain's addresses from another's
_CAIP10 = re.compile(r"([-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}):.+", re.DOTALL)


def split(text: str, chains: Collection[str]) -> tuple[str | None, str]:
    """The chain that a CAIP-10 text names, if it is one of `chains`, and the address; None for a bare address."""
    return next(
        ((chain, text[len(chain) + 1 :]) for chain in chains if text.startswith(chain + ":")), (None, text)
    )


def refused(text: str, reasons: Sequence[tuple[Chain, NotRecognised]]) -> NotRecognised:
    """Why no chain knows a text: the reasons of those whose addresses look most like it, and how many others."""
    return NotRecognised(
        "not-recognised",
        f"{text!r} is no address or transaction id of any chain here.",
        _slip(text) or _why(text, reasons) or "No chain plugin is installed.",
        "Check it for a missing or changed character; `recover plugins` lists the chains.",
    )


_DIGITS, _ADDRESS = 64, 40
"""Hexadecimal digits of a transaction id, and of an address, on every chain that writes these so."""

_CLOSE = 4
"""A text that has so many more or fewer digits than an address may be one with a slip in it."""

_HEX = re.compile(r"(?:[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:)?(?:0x)?([0-9a-fA-F]{20,})")


def _slip(text: str) -> str:
    """What is wrong with an id that was read out, or copied in part: said in place of what each chain misses."""
    bare = "".join(text.split())
    digits = len(found[1]) if (found := _HEX.fullmatch(bare)) else 0
    apart = bare != text.strip()
    if apart and digits == _DIGITS:
        return f"It has spaces in it. Without them it has {_DIGITS} digits, as a transaction id: take them out."
    if not digits or digits == _DIGITS or abs(digits - _ADDRESS) <= _CLOSE:
        return "It has spaces in it, and no address or id has: take them out." if apart else ""
    more = "some are missing" if digits < _DIGITS else "there are too many"
    rest = ". If the rest of it follows after a space, write both together" if digits < _DIGITS else ""
    return f"It has {digits} hexadecimal digits, and a transaction id has {_DIGITS}: {more}{rest}."


def foreign(text: str, chains: Collection[str]) -> NotRecognised | None:
    """What is said of a text whose chain none here is; None where it names no chain."""
    spaces = {chain.partition(":")[0] for chain in chains}
    named = _CAIP10.fullmatch(text)
    prefix = named[1] if named else text.partition(":")[0]
    if not named and not (":" in text and prefix in spaces):
        return None
    near = get_close_matches(prefix, sorted(chains), n=1, cutoff=0.0)
    return NotRecognised(
        "not-recognised",
        f"{text!r} names the chain {prefix!r}, which is none here.",
        f"The nearest is {near[0]}." if near else "No chain plugin is installed.",
        "Write a chain that `recover plugins` lists, then a colon and the address; or the address alone.",
    )


def _why(text: str, reasons: Sequence[tuple[Chain, NotRecognised]]) -> str:
    """Chains that refuse for one and the same reason are one reason."""
    ordered = sorted(reasons, key=lambda pair: (_far(text, pair[0]), pair[0].info.id))
    grouped: dict[str, list[str]] = {}
    for chain, error in ordered:
        grouped.setdefault(error.why, []).append(chain.info.title)
    told = [f"{_named(titles)}: {why}" for why, titles in list(grouped.items())[:SHOWN]]
    rest = sum(len(titles) for titles in list(grouped.values())[SHOWN:])
    told += [f"And {rest} other {'chains refuse' if rest > 1 else 'chain refuses'} it."] if rest else []
    return " ".join(told)


def _named(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} like it"


def _far(text: str, chain: Chain) -> tuple[int, int]:
    """How unlike the nearest example of a chain a text is: by its first characters, then by its length."""
    return min((_unlike(text, example) for example, _ in chain.info.examples), default=(_ALIKE, len(text)))


def _unlike(text: str, example: str) -> tuple[int, int]:
    same = 0
    for one, two in zip(text[:_ALIKE].casefold(), example.casefold(), strict=False):
        if one != two:
            break
        same += 1
    return _ALIKE - same, abs(len(text) - len(example))


def outpoint(text: str) -> tuple[str, int | None]:
    """A transaction id, and the number of the output where one is named: TXID:OUTPUT."""
    # 64 characters before it, as many as a transaction id has: a colon can also follow a chain's name or a scheme.
    head, colon, tail = text.rpartition(":")
    before = re.split("[:/]", head)[-1]
    named = colon and tail.isascii() and tail.isdigit() and len(tail) < 7 and len(before) == 64
    return (head, int(tail)) if named else (text, None)


def here(case: Case) -> frozenset[str]:
    """The chains of the transactions that the case's exhibits hold, as far as they are decoded."""
    files = derived.decoded(case, "transactions")
    found = (derived.load(case, file, "decode", ["chain"]).column("chain").unique().to_pylist() for file in files)
    return frozenset(chain for listed in found for chain in listed)


def candidates(plugins: Plugins, text: str) -> tuple[Address | TxId, ...]:
    """Everything that a text may mean, one a chain, in the order of the chains' ids.

    It is written alone, as CHAIN:TEXT, with a short name (`btc:TEXT`), or is an explorer's link: a chain that it
    names is asked alone. Raises NotRecognised with the nearest chains' reasons.
    """
    reasons: list[tuple[Chain, NotRecognised]] = []
    found: list[Address | TxId] = []
    # Nothing outside `Chain.parse` decides what a text is: it enters in the chain's own spelling, or not at all.
    if (first := _in_front(plugins, text)) is not None:
        text, named = text.strip(" \t\r\n"), [first]
    else:
        text = written(plugins.chains.values(), text)
        named = [chain for chain in plugins.chains.values() if text.startswith(chain.info.id + ":")]
    for chain in named or plugins.chains.values():
        try:
            found.append(chain.parse(text.removeprefix(chain.info.id + ":")))
        except NotRecognised as error:
            reasons.append((chain, error))
    if found:
        return tuple(sorted(found, key=lambda each: each.chain))
    unknown = None if named else foreign(text, plugins.chains)
    raise unknown or refused(text, reasons)


def _in_front(plugins: Plugins, text: str) -> Chain | None:
    """The chain that stands in front of a text by its id (CAIP-2: two parts); found without asking each chain, as
    lists of many thousands are read.
    """
    space, colon, rest = text.strip(" \t\r\n").partition(":")
    return plugins.chains.get(f"{space}:{rest.partition(':')[0]}") if colon and ":" in rest else None


def recognise(plugins: Plugins, text: str, near: frozenset[str] = frozenset()) -> tuple[str, Address | TxId]:
    """Which chain knows this text, in any form that `candidates` reads; of several, the one that is in `near`.

    Raises NotRecognised with the nearest chains' reasons, Error when several know it.
    """
    every = candidates(plugins, text)
    # One text is an address on every chain of a family. Of these, the chain whose transactions the case holds is
    # meant; where it holds several, the examiner must say which, since a guess would trace another's address.
    # Where it holds none of them, the chain that writes it so is meant: forms that another chain once shared are
    # read there only from a file or a case of that chain, and for one that is named.
    own = [one for one in every if one.text == text]
    found = [one for one in every if one.chain in near] or own or every
    if len(found) == 1:
        return found[0].chain, found[0]
    raise Error(
        "several-chains",
        f"{text} is valid on {', '.join(one.chain for one in found)}.",
        "The same text is an address or a transaction id on more than one chain.",
        "Write it with its chain in front, as CAIP-10: CHAIN:TEXT.",
    )


def asset_of(plugins: Plugins, chain: str, name: str) -> Asset:
    """The asset that a symbol or a CAIP-19 id names on a chain. Raises Error for a symbol of none or several."""
    info = plugins.chains[chain].info
    listed = {asset.id: asset for asset in (info.native, *info.assets)}
    if name in listed:
        return listed[name]
    if "/" in name:
        spelt = Spelling(chains=plugins.chains).asset(name)
        if spelt.startswith(f"{chain}/"):
            return listed.get(spelt) or Asset(id=spelt, symbol="", decimals=None)
        raise Error(
            "asset-elsewhere",
            f"{name} is no asset of {info.title}.",
            f"A CAIP-19 id begins with its chain, and that of {info.title} is {chain}.",
            f"Write {chain}/ and the contract, or name the place on the chain of the asset.",
        )
    # Anybody can issue a token under a known symbol, so only those of the chain's own register are named by it.
    same = [asset for asset in listed.values() if asset.symbol.casefold() == name.casefold()]
    if len(same) == 1:
        return same[0]
    raise Error(
        "no-asset",
        f"{info.title} has {'several assets' if same else 'no asset'} called {name} in its register.",
        f"Known: {', '.join(sorted(asset.symbol for asset in listed.values()))}.",
        "Name the asset by its CAIP-19 id: the contract is the asset, never the symbol.",
    )
