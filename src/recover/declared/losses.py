"""Losses: what was taken, by transaction or by address, as the examiner declares it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived, mending
from recover.case.settings import parse
from recover.declared import choice, sizes
from recover.declared.sizes import Leg
from recover.plugins.registry import Plugins
from recover.recognise.links import written
from recover.recognise.names import asset_of, here, outpoint, recognise
from recover.recognise.owners import Owners, owner, owners
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.moments import begins
from recover.sdk.values import Address, Asset, TxId
from recover.sdk.view import Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of each loss of one command; `text` is an amount as it was typed."""

    amount: int | None = None
    text: str | None = None
    assets: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    label: str = ""


def declare(
    case: Case,
    plugins: Plugins,
    *,
    address: str | None = None,
    tx: str | None = None,
    amount: int | None = None,
    amount_text: str | None = None,
    assets: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    label: str = "",
) -> Loss:
    """Add one loss to the case; see `declare_each`."""
    places = [(address, tx)]
    said = Said(amount=amount, text=amount_text, assets=assets, since=since, until=until, label=label)
    return declare_each(case, plugins, places, said)[0]


def declare_each(
    case: Case, plugins: Plugins, places: Sequence[tuple[str | None, str | None]], said: Said
) -> list[Loss]:
    """Add one loss for each (address, transaction) to the case, as one entry of the journal: all, or none.

    One at a sub-account is declared at its owner, as the exhibits show it. Raises NotRecognised when no chain
    knows an address or transaction.
    """
    return declare_every(case, plugins, [(address, tx, said) for address, tx in places])


def declare_every(
    case: Case,
    plugins: Plugins,
    places: Sequence[tuple[str | None, str | None, Said]],
    *,
    rivals: bool = False,
) -> list[Loss]:
    """The same where something else is said of each. `rivals`: persons may say more of one payment than it moved;
    else losses that do so together are refused."""
    known = _Known.of(case, plugins, [outpoint(tx)[0] for _, tx, _ in places if tx])
    made: list[Loss] = []
    held = {loss.id for loss in case.settings.losses}
    number, former = _ever(case, held)
    for address, tx, said in places:
        loss = _made(case, plugins, known, f"L{number}", address, tx, said)
        if not rivals:
            sizes.together(known.legs, loss, [*case.settings.losses, *made], plugins)
        # What was taken back and is declared again as it was is the same loss. Another never has its id: letters
        # and figures that were made name it by that.
        again = former.get(_what(loss))
        made.append(loss if again is None else replace(loss, id=again))
        number += again is None
        known.note(made[-1])
    if made:
        case.save(replace(case.settings, losses=(*case.settings.losses, *made)))
    return made


_ID = re.compile(r'(?:^|\{ )id = "(L\d+)"', re.MULTILINE)
"""The id of a loss in the text of settings, on a line of its own or in a table of one line."""


def _ever(case: Case, held: Collection[str]) -> tuple[int, dict[_What, str]]:
    """The number that no loss of the case has had yet; and by what they were, the ids of losses taken back."""
    texts = [e.body["text"] for e in case.entries if e.kind in ("opened", "settings")]
    ids = {name for text in texts for name in _ID.findall(text)} | {*held}
    number = 1 + max((int(name[1:]) for name in ids if name[1:].isdigit()), default=0)
    gone = ids - {*held}
    if not gone:
        return number, {}
    said = (parse(text) for text in texts if gone & {*_ID.findall(text)})
    return number, {_what(loss): loss.id for then in said for loss in then.losses if loss.id in gone}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the exhibits show, read once however many losses are declared, and what is declared."""

    chains: frozenset[str]
    owners: Owners
    legs: Mapping[str, Sequence[Sequence[Leg]]]
    declared: dict[_What, dict[str, str]]
    """By what was lost, the id of each declared loss by its label."""

    def note(self, loss: Loss) -> None:
        self.declared.setdefault(_what(loss), {}).setdefault(loss.label, loss.id)

    @classmethod
    def of(cls, case: Case, plugins: Plugins, texts: Sequence[str]) -> _Known:
        chains = here(case)
        named = {recognise(plugins, text, chains)[1].text for text in dict.fromkeys(texts)}
        found = cls(
            chains=chains,
            owners=owners(case),
            legs=legs(case, named) if named else {},
            declared={},
        )
        for loss in case.settings.losses:
            found.note(loss)
        return found


def legs(case: Case, transactions: Collection[str]) -> dict[str, list[list[Leg]]]:
    """Transaction -> its legs in each exhibit that shows it.

    Read from what each exhibit decodes to: a loss can be declared before the ledger is joined. Views of one
    exhibit are joined as the ledger joins them: a movement that the histories of both its sides list is one.
    """
    wanted = pa.array(sorted(transactions), pa.string())
    found: dict[str, list[list[Leg]]] = {}
    for file in derived.decoded(case, "legs"):
        part = derived.load(case, file, "decode", [*_LEG])
        part = part.filter(pc.is_in(part.column("tx"), value_set=wanted))
        mine: dict[str, dict[str, list[_Row]]] = {}
        for row in zip(*(part.column(name).to_pylist() for name in _LEG), strict=True):
            mine.setdefault(row[0], {}).setdefault(row[1] or "", []).append(row)
        for tx, views in mine.items():
            found.setdefault(tx, []).append(_once(views.values()))
    return found


_LEG = ("tx", "view", "kind", "index", "asset", "amount", "wide", "address", "pair", "spends_tx", "spends_index")
_Row: TypeAlias = tuple[Any, ...]
"""A leg as `_LEG` has it."""


def _once(views: Iterable[Sequence[_Row]]) -> list[Leg]:
    """The legs of one transaction in one exhibit: equal ones as many as the view with the most lists."""
    most: dict[_Row, list[Leg]] = {}
    for rows in views:
        sides: dict[int, list[str]] = {}
        for *_, address, pair, _, _ in rows:
            if pair is not None:
                sides.setdefault(pair, []).append(address or "")
        mine: dict[_Row, list[Leg]] = {}
        for _, _, kind, index, asset, low, wide, address, pair, *spent in rows:
            amount = None if low is None and wide is None else amounts.join(low, wide)
            key = kind, asset, amount, address, tuple(sorted(sides.get(pair, ()))), *spent
            mine.setdefault(key, []).append((kind, index, address, asset, amount))
        for key, listed in mine.items():
            most[key] = max(most.get(key, []), listed, key=len)
    return [leg for listed in most.values() for leg in listed]


_What: TypeAlias = tuple[object, ...]
"""What was lost, without the name of the loss: two that are equal so are the same loss."""

_what = attrgetter(*(one.name for one in fields(Loss) if one.name not in ("id", "label")))


def _memo(plugins: Plugins, chain: str, text: str) -> str | None:
    """The memo that a spelling of an address holds; a chain whose spellings hold none has no such method."""
    asked = getattr(plugins.chains[chain], "memo", None)
    if asked is None:
        return None
    bare = written(plugins.chains.values(), text).removeprefix(f"{chain}:")
    found: str | None = asked(bare)
    return found


def _made(
    case: Case, plugins: Plugins, known: _Known, name: str, address: str | None, tx: str | None, said: Said
) -> Loss:
    text = address or tx or ""
    text, output = outpoint(text) if tx else (text, None)
    chain, found = recognise(plugins, text, known.chains)
    if (address is not None) != isinstance(found, Address):
        kind = "an address" if isinstance(found, Address) else "a transaction id"
        raise Error(
            "loss-kind",
            f"{text} is {kind}.",
            "A loss is declared by --address or by --tx, and the two are different things.",
            f"Use {'--address' if isinstance(found, Address) else '--tx'}.",
        )
    wanted = tuple(asset_of(plugins, chain, asset) for asset in said.assets)
    memo = _memo(plugins, chain, text) if address is not None else None
    # Value is traced by owner: what arrives in a sub-account arrives at whoever has it.
    if isinstance(found, Address):
        found = owner(known.owners, found) or found
    # The texts are those that the chain's own `parse` gave, so that nothing later compares spellings.
    loss = Loss(
        id=name,
        chain=chain,
        address=found.text if isinstance(found, Address) else None,
        tx=found.text if isinstance(found, TxId) else None,
        amount=amount_of(said.amount, said.text, wanted),
        assets=tuple(asset.id for asset in wanted),
        since=said.since,
        until=said.until,
        label=said.label,
        output=output,
        memo=memo,
    )
    _check(loss, known.declared)
    _years(loss, case, begins(plugins.chains[chain].info.first))
    if output is not None and plugins.chains[chain].info.model != "utxo":
        raise Error(
            "loss-output",
            f"{tx} names an output, and transactions of {plugins.chains[chain].info.title} have none.",
            "Only transactions of coin chains have numbered outputs.",
            "Give the transaction id alone, and --amount with --asset for a part of it.",
        )
    # Which output is meant can be looked at only where an exhibit is here already; the trace looks again.
    if loss.tx and plugins.chains[chain].info.model == "utxo":
        native = asset_of(plugins, chain, plugins.chains[chain].info.native.id)
        doubt = choice.settle(loss, known.legs.get(loss.tx, ()), partial(sizes.said, asset=native))
        case.told += [doubt] * bool(doubt)
    if loss.tx and loss.amount:
        sizes.single(known.legs.get(loss.tx, ()), loss, wanted[0])
    return loss


def drop(case: Case, name: str) -> Loss:
    """Take one loss back; the journal keeps it. Raises Error when there is none, or an election names it."""
    found = next((loss for loss in case.settings.losses if loss.id == name), None)
    if found is None:
        raise Error(
            "no-loss",
            f"The case declares no loss {name!r}.",
            f"It has {', '.join(loss.id for loss in case.settings.losses) or 'none'}.",
            "`recover show CASE losses` lists them.",
        )
    if any(one.loss == name for one in case.settings.elections):
        raise Error(
            "loss-elected",
            f"An election names loss {name}.",
            "Without the loss the election would mean nothing.",
            "Take the election out of case.toml first.",
        )
    case.save(case.settings.without_loss(name))
    mending.withdraw(case, f"loss {name} was taken back")
    return found


def said_of(amount: int | None, assets: Sequence[object]) -> None:
    """Raises Error for an amount that is none, or is of no one asset of a transaction."""
    if amount is None:
        return
    if amount <= 0:
        raise _not_above_zero(amount)
    if len(assets) != 1:
        raise Error(
            "loss-amount",
            "An amount needs a transaction and one asset.",
            "It says how much of what the transaction moves is the loss.",
            "Name both beside one transaction: --amount N --asset SYMBOL.",
        )


def amount_of(amount: int | None, text: str | None, assets: Sequence[Asset]) -> int | None:
    """What an amount means in base units: of one asset where it was typed."""
    if text is None:
        return amount
    if text.startswith("-") or (text and not text.strip("0.")):
        raise _not_above_zero(text)
    # A whole number means units of the asset where its decimals are known, and base units where they are not.
    if text.isascii() and text.isdigit() and (len(assets) != 1 or assets[0].decimals is None):
        return int(text)
    if len(assets) == 1 and assets[0].decimals is None:
        raise Error(
            "amount-decimals",
            f"The amount {text} cannot be read: no register says how many decimals {assets[0].id} has.",
            "What an exhibit says of a token's decimals is a word of whoever made the token or the exhibit.",
            "Give --amount in base units, as a whole number. With six decimals 1000.0 is 1000000000.",
        )
    if len(assets) != 1 or assets[0].decimals is None:
        raise Error(
            "amount-without-asset",
            f"The amount {text} has no unit.",
            "A decimal amount needs one asset whose decimals are known.",
            "Name exactly one --asset, or give the amount in base units.",
        )
    decimals = assets[0].decimals
    assert decimals is not None, "refused above"
    return amounts.parse(text, decimals)


def _not_above_zero(amount: object) -> Error:
    return Error(
        "loss-amount",
        f"The amount {amount} is not above zero.",
        "A loss is what was taken: it must be above zero, and has no sign.",
        "Use --amount N --asset SYMBOL beside the transaction, with N above zero.",
    )


def undated(since: datetime | None, until: datetime | None, tx: str | None) -> None:
    """Raises Error for a loss by transaction that also names a period."""
    if tx is not None and (since is not None or until is not None):
        raise Error(
            "loss-period-tx",
            "A period goes with --address, and not with --tx.",
            f"The transaction {tx} has its own time; --from and --to would change nothing.",
            "Leave out --from and --to, or declare the address with its period on its own.",
        )


_BUDDHIST = 543
"""The Thai solar calendar counts so many years more than the Gregorian one."""


def _years(loss: Loss, case: Case, first: datetime) -> None:
    """Raises Error for a period that no chain can hold; a Buddhist year is offered in the Gregorian calendar."""
    now = case.now() if case.now else case.entries[-1].time
    for option, moment in (("--from", loss.since), ("--to", loss.until)):
        if moment is None or first.year <= moment.year <= now.year + 1:
            continue
        meant = moment.year - _BUDDHIST
        thai = first.year <= meant <= now.year + 1
        raise Error(
            "loss-year",
            f"{option} names the year {moment.year}, in which {loss.chain} has no block.",
            f"It begins in {first.year}, and now it is {now.year}.",
            f"In the Gregorian calendar the Buddhist year {moment.year} is {meant}: write {option} {meant}-"
            f"{moment:%m-%d}, if that is meant."
            if thai
            else f"Write a year from {first.year} on.",
        )


def _check(loss: Loss, declared: Mapping[_What, Mapping[str, str]]) -> None:
    undated(loss.since, loss.until, loss.tx)
    said_of(loss.amount, loss.assets if loss.tx else ())
    if loss.since and loss.until and loss.since > loss.until:
        raise Error(
            "loss-period",
            "The period ends before it begins.",
            f"From {loss.since.isoformat()} to {loss.until.isoformat()}.",
            "Exchange --from and --to.",
        )
    # Two losses that merely overlap may both stand, and the trace counts each unit once; the same one twice is a
    # slip, unless each bears a name of its own: two can have paid as much in one payment.
    same = declared.get(_what(loss), {})
    if same and (not loss.label or loss.label in same or "" in same):
        raise Error(
            "loss-twice",
            f"This loss is declared already, as {same.get(loss.label) or next(iter(same.values()))}.",
            "Declaring it again would count it twice.",
            "Nothing needs to be done; where another person lost as much in the same payment, give each loss a "
            "--label of its own.",
        )
