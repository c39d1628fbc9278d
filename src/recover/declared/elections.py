"""Elections: what a claimant says was bought with the claimant's value (Re Oatway [1903] 2 Ch 356).

An election is the claimant's, never the examiner's: it names a loss, a transaction and an asset, and says why. It
is written in `case.toml` and in the journal before the trace, and changes nothing but the movements that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from recover.case import Case
from recover.case.settings import Elected
from recover.plugins.registry import Plugins
from recover.recognise.names import asset_of, here, recognise
from recover.sdk.errors import Error
from recover.sdk.values import Address, TxId
from recover.sdk.view import Loss
from recover.tracing import Election, Rule


def declare(
    case: Case, plugins: Plugins, *, loss: str, tx: str, asset: str, to: str | None = None, reason: str
) -> Elected:
    """Write one election into the case. Raises Error when it names nothing that is there, or gives no reason."""
    named = next((one for one in case.settings.losses if one.id == loss), None)
    if named is None:
        raise Error(
            "election-loss",
            f"The case declares no loss {loss!r}.",
            f"It has {', '.join(one.id for one in case.settings.losses) or 'none'}.",
            "`recover show CASE losses` lists them; an election belongs to one.",
        )
    if not reason.strip():
        raise Error(
            "election-without-reason",
            "An election needs a reason.",
            "It has to be pleaded: the other side will ask who elected, and on what ground.",
            "Say it with --reason.",
        )
    near = here(case)
    chain, found = recognise(plugins, tx, near)
    place = None if to is None else recognise(plugins, to, near)[1]
    if not isinstance(found, TxId) or not isinstance(place, Address | None):
        wrong = tx if not isinstance(found, TxId) else to
        raise Error(
            "election-place",
            f"{wrong} is not what an election names there.",
            "--tx takes a transaction id, --to an address that the transaction paid.",
            "Exchange them.",
        )
    made = Elected(
        loss=loss,
        tx=found.text,
        asset=asset_of(plugins, chain, asset).id,
        to=None if place is None else place.text,
        reason=reason,
    )
    if plugins.chains[chain].info.model == "utxo":
        raise Error(
            "election-coins",
            f"On {chain} no movement can be elected.",
            "The rule oatway is one of balances: a transaction of coins says itself which coins it spends.",
            "Elect a movement of an account chain.",
        )
    _apart(made, case.settings.elections)
    # Noted apart from the settings, so that the journal shows when it was made, and whether a trace had run
    # before.
    case.note("elected", {name: getattr(made, name) for name in ("loss", "tx", "asset", "to", "reason")})
    case.save(replace(case.settings, elections=(*case.settings.elections, made)))
    return made


def _apart(made: Elected, others: Sequence[Elected]) -> None:
    """Raises Error where another election of the same loss names some of these movements already."""
    for other in others:
        if replace(made, to=None, reason="") != replace(other, to=None, reason=""):
            continue
        if made.to == other.to:
            raise Error(
                "election-twice",
                "This election is declared already.",
                "Declaring it again changes nothing.",
                "Nothing needs to be done.",
            )
        if None in (made.to, other.to):
            whole, part = ("this one", "another") if made.to is None else ("another", "this one")
            raise Error(
                "election-within",
                f"Two elections of {made.loss} would name one movement of transaction {made.tx}.",
                f"Of the two, {whole} is of all that it moved, and {part} of what went to "
                f"{made.to or other.to} alone: which is meant is not shown.",
                "Keep the one that is pleaded: take the other out of `[[election]]` in case.toml.",
            )


def shared(made: Elected, others: Sequence[Elected]) -> list[str]:
    """The other losses for which a movement of this election is elected too: none goes before another."""
    mine = [one for one in others if (one.tx, one.asset) == (made.tx, made.asset) and one.loss != made.loss]
    return sorted({one.loss for one in mine if None in (one.to, made.to) or one.to == made.to})


def rows(elected: Sequence[Elected], losses: Sequence[Loss], part: pa.Table, asset: str) -> list[Election]:
    """The elections of one asset as the engine takes them: row numbers in `part`, loss numbers as declared.

    Raises Error naming every election that no movement of `part` answers.
    """
    mine = [one for one in elected if one.asset == asset]
    if not mine:
        return []
    numbers = {loss.id: number for number, loss in enumerate(losses)}
    found: list[Election] = []
    missing: list[str] = []
    for one in mine:
        here = list(_rows(one, part))
        found += [Election(row, numbers[one.loss]) for row in here]
        if not here:
            missing.append(f"{one.tx}{f' to {one.to}' if one.to else ''} of {one.asset}")
    if missing:
        raise Error(
            "election-unfound",
            f"{len(missing)} elected movement{'s are' if len(missing) > 1 else ' is'} not in the ledger.",
            "; ".join(missing[:20]) + ".",
            "Import the exhibit that shows it, or correct `[[election]]` in case.toml.",
        )
    return found


def _rows(one: Elected, part: pa.Table) -> Iterator[int]:
    names = ("tx", "src", "dst")
    columns = zip(*(part.column(name).to_pylist() for name in names), strict=True)
    for row, (tx, src, dst) in enumerate(columns):
        # A movement without a sender has no pool to take from, and one to itself moves nothing.
        if tx == one.tx and src and src != dst and one.to in (None, dst):
            yield row


def unanswered(elected: Sequence[Elected], assets: Sequence[str]) -> None:
    """Raises Error naming the elections in assets that are not traced at all."""
    lost = [one for one in elected if one.asset not in assets]
    if lost:
        raise Error(
            "election-asset",
            f"{len(lost)} election{'s name assets' if len(lost) > 1 else ' names an asset'} that is not traced.",
            "; ".join(f"{one.tx} of {one.asset}" for one in lost[:20]) + ".",
            "An election names an asset that a loss concerns; correct `[[election]]` in case.toml.",
        )


def fitted(rule: Rule, elections: Sequence[Election]) -> Rule:
    """The rule for one asset: where nothing is elected in it, an elective rule applies its own default."""
    # An election in one asset must not change another.
    return replace(rule, elective=False) if rule.elective and not elections else rule


def demanded(rule: Rule, elected: Sequence[Elected]) -> None:
    """Raises Error when the declared rule needs an election and the case has none."""
    if rule.elective and not elected:
        raise Error(
            "election-missing",
            f"The declared rule {rule.id} needs an election, and the case has none.",
            "It follows lowest intermediate balance but for the debits that the claimant elects (Re Oatway).",
            "`recover elect CASE --loss L1 --tx ID --asset A --reason WHY`, or declare the rule libr.",
        )


def told(case: Case) -> str:
    """All elections as one text for a report, in the order declared, each with the journal entry that made it."""
    said = {
        (
            e.body.get("loss"),
            e.body.get("tx"),
            e.body.get("asset"),
            e.body.get("to"),
            e.body.get("reason"),
        ): e.number
        for e in case.entries
        if e.kind == "elected"
    }
    found = []
    for one in case.settings.elections:
        # One written into case.toml by hand has no entry of its own.
        entry = said.get((one.loss, one.tx, one.asset, one.to, one.reason))
        place = f" to {one.to}" if one.to else ""
        by = f"journal entry {entry}" if entry else "case.toml"
        found.append(f"{one.loss}: what transaction {one.tx} moved of {one.asset}{place} ({one.reason}; {by})")
    return "; ".join(found)
