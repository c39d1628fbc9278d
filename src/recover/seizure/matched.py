"""A proposed transaction held against the plan: what it does in words, and what of it is as planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recover.case import Case
from recover.declared import losses
from recover.plugins.registry import Plugins
from recover.recognise.assets import coin, measured, named
from recover.recognise.names import outpoint
from recover.sdk import amounts
from recover.sdk.errors import Error, NotRecognised
from recover.sdk.proposed import Moved, Proposal
from recover.seizure import plans, resting
from recover.seizure.plans import Target

Units = Mapping[str, tuple[str, int | None]]
"""Asset id -> (symbol, decimals)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was held against the plan. `holds` is None where the bytes cannot show it."""

    what: str
    holds: bool | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A proposal in words, and how it stands to a target of the plan."""

    target: str
    proposal: Proposal
    words: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def matches(self) -> bool:
        """Only where everything that can be seen is as planned, and nothing is unread."""
        return all(one.holds is not False for one in self.findings)


def check(case: Case, plugins: Plugins, data: bytes, name: str, units: Units, amount: str = "") -> Verdict:
    """Hold the bytes of a file against the plan; without a name, against the target whose source it spends.

    `amount` is another amount than the plan's, as for a small test transfer, in the asset of the target that is
    held against. Raises NotRecognised for bytes that are no proposed transaction of a target's chain, Error for a
    key and where there is no plan.
    """
    plans.refuse_secret(data.decode("utf-8", "replace") if len(data) < 4096 else "")
    every = plans.every(case)
    if not every:
        plans.known(case, name or "S1")
    targets = [plans.known(case, name)] if name else list(every.values())
    read: dict[str, Proposal] = {}
    refused: list[Error] = []
    for chain in dict.fromkeys(one.source.rpartition(":")[0] for one in targets):
        try:
            read[chain] = _proposal(plugins, chain, data)
        except Error as error:
            refused.append(error)
    if not read:
        raise _unread(refused)
    # Bytes that name their chain are another chain's only where no target is on it.
    right = {chain for chain, proposal in read.items() if proposal.chain == chain} or set(read)
    here = [one for one in targets if one.source.rpartition(":")[0] in right]
    target = max(here, key=lambda one: (_touches(one, read[one.source.rpartition(":")[0]]), one.id == name))
    proposal = read[target.source.rpartition(":")[0]]
    expected = measured(amount, named(case, plugins, target.asset), "--amount") if amount else None
    findings = tuple(_findings(case, plugins, target, proposal, units, expected))
    return Verdict(target=target.id, proposal=proposal, words=tuple(words(proposal, units)), findings=findings)


def _unread(refused: Sequence[Error]) -> Error:
    """What each chain of the plan said of the bytes: the answer of one alone would be about another chain."""
    if len(refused) == 1:
        return refused[0]
    return NotRecognised(
        "proposal-form",
        "This is no proposed transaction of any chain of the plan.",
        " ".join(f"{one.what} {one.why}" for one in refused),
        refused[0].todo,
    )


def _proposal(plugins: Plugins, chain: str, data: bytes) -> Proposal:
    asked = getattr(plugins.chains[chain], "proposed", None)
    if asked is None:
        raise NotRecognised(
            "proposal-unread",
            f"Proposed transactions of {plugins.chains[chain].info.title} are not read.",
            "Its plugin has no reader of unsigned transactions.",
            "Have two persons decode it on two devices, and keep what they saw as an exhibit.",
        )
    found = asked(data)
    assert isinstance(found, Proposal)
    return found


def _touches(target: Target, proposal: Proposal) -> int:
    """How much of a proposal speaks of a target: its source, its asset, its destination."""
    moved = [*proposal.inputs, *proposal.moves]
    source, to = target.source.rpartition(":")[2], target.to.rpartition(":")[2]
    return (
        4 * any(one.src == source for one in moved)
        + 2 * any(one.asset == target.asset for one in proposal.moves)
        + any(to and one.dst == to for one in proposal.moves)
    )


def words(proposal: Proposal, units: Units) -> Iterator[str]:
    """What it does, sentence by sentence."""
    yield f"It is a proposed transaction ({proposal.form}); " + (
        "a signature is in it already." if proposal.signed else "nobody has signed it."
    )
    for one in proposal.inputs:
        beside = " (as the file says)" if one.shown == "beside" else ""
        yield f"It spends {said(one, units)} of {one.src or 'an address that cannot be named'}{beside}."
    for one in proposal.moves:
        src = f" from {one.src}" if one.src else ""
        yield f"It pays {said(one, units)}{src} to {one.dst or 'no address that can be named'}."
    for one in proposal.lets:
        what = f"any amount of {said_of(one.asset, units)}" if one.amount >= _ANY else f"up to {said(one, units)}"
        yield f"It lets {one.dst or 'an address that cannot be named'} take {what} later."
    if proposal.fee is not None:
        yield f"Its fee is {_fee(proposal, proposal.fee, units)}."
    if proposal.fee_most is not None:
        yield f"Its fee is at most {_fee(proposal, proposal.fee_most, units)}."
    yield from (*proposal.says, *proposal.warns, *proposal.unread)


_ANY = 1 << 255
"""From here on an approval is of all that there will ever be."""


def said(one: Moved, units: Units) -> str:
    """An amount with its symbol; the asset's id where there is none."""
    return (
        f"{amounts.decimal(one.amount, units.get(one.asset, ('', None))[1])} {said_of(one.asset, units)}".strip()
    )


def said_of(asset: str, units: Units) -> str:
    """The symbol of an asset; its id where there is none."""
    return units.get(asset, ("", None))[0] or asset


def _fee(proposal: Proposal, fee: int, units: Units) -> str:
    return said(Moved(asset=coin(proposal.chain, units), amount=fee), units)


def _findings(
    case: Case, plugins: Plugins, target: Target, p: Proposal, units: Units, expected: int | None
) -> Iterator[Finding]:
    source, to = target.source.rpartition(":")[2], target.to.rpartition(":")[2]
    yield _destination_known(target)
    chain = target.source.rpartition(":")[0]
    if p.chain != chain:
        why = f"It is for the chain {p.chain}; {target.id} of the plan is on {chain}."
        yield Finding(what="chain", holds=False, said=why)
    payers = {one.src for one in (*p.inputs, *p.moves) if one.src} or {one for one in (p.sender,) if one}
    if not payers:
        yield Finding(
            what="source", holds=None, said=f"The bytes do not say who sends; whoever signs must be {source}."
        )
    else:
        foreign = sorted(payers - {source})
        yield Finding(
            what="source",
            holds=not foreign and source in payers,
            said=f"It spends what {source} holds."
            if not foreign
            else f"It spends what {', '.join(foreign)} holds; the plan names {source}.",
        )
    yield from _worth(case, p, units)
    yield from _receivers(target, p, source, to, units, expected)
    yield _amount(case, plugins, target, p, source, to, units, expected)
    if target.fee_most is not None:
        fee = p.fee if p.fee is not None else p.fee_most
        yield Finding(
            what="fee",
            holds=None if fee is None else fee <= target.fee_most,
            said="The bytes do not say what it costs."
            if fee is None
            else f"It costs {_fee(p, fee, units)} at most; the plan allows {_fee(p, target.fee_most, units)}.",
        )
    for one in p.unread:
        yield Finding(what="unread", holds=False, said=one)
    for one in p.warns:
        yield Finding(what="warning", holds=None, said=one)
    if p.signed:
        yield Finding(
            what="signature", holds=None, said="It carries a signature already; nobody should have signed."
        )


def _destination_known(target: Target) -> Finding:
    if target.to:
        entered: dict[str, str] = {}
        for one in target.checks:
            if one.to == target.to:
                entered.setdefault(one.by.casefold(), one.by)
        who = " and ".join(entered.values())
        return Finding(
            what="plan", holds=True, said=f"{target.to.rpartition(':')[2]} was entered by {who}, apart."
        )
    why = (
        "Persons entered different destinations."
        if target.disagreed
        else "The destination is not yet entered by two persons on two devices."
    )
    return Finding(what="plan", holds=False, said=why)


def _worth(case: Case, p: Proposal, units: Units) -> Iterator[Finding]:
    """What each spent output is worth by the exhibits: a file that lies about it hides a fee."""
    spent = {n: outpoint(text) for n, text in enumerate(p.spends)}
    shown = losses.legs(case, {tx for tx, _ in spent.values()}) if spent else {}
    for one in p.inputs:
        tx, number = spent[one.index]
        seen = {
            amount
            for legs in shown.get(tx, ())
            for kind, index, _, asset, amount in legs
            if kind == "output" and index == number and asset == one.asset and amount is not None
        }
        if seen:
            right = seen == {one.amount}
            said_ = f"The exhibits show {', '.join(f'{n:,}' for n in sorted(seen))} base units in {tx}:{number}"
            yield Finding(
                what="input", holds=right, said=said_ + ("." if right else f"; the file says {one.amount:,}.")
            )


def _receivers(
    target: Target, p: Proposal, source: str, to: str, units: Units, expected: int | None
) -> Iterator[Finding]:
    # A test out of one coin cannot be without change: it goes back to where the rest is sent from afterwards.
    paid = sum(one.amount for one in p.moves if one.dst == to and one.asset == target.asset and to)
    test = expected is not None and paid == expected and bool(p.inputs)
    for one in p.moves:
        right = one.asset == target.asset
        if one.dst == to and to and right:
            yield Finding(what="destination", holds=True, said=f"{said(one, units)} to {to}, as planned.")
        elif one.dst == to and to:
            yield Finding(what="asset", holds=False, said=f"{said(one, units)} is not the asset that is planned.")
        elif one.dst == source:
            tail = ", as a test out of one coin must: send the rest from there next" if test else " (the source)"
            yield Finding(what="change", holds=test, said=f"{said(one, units)} goes back to {source}{tail}.")
        elif one.dst:
            kind = "change" if p.inputs and any(m.dst == to for m in p.moves) else "destination"
            tail = "an address that the plan does not know" if kind == "change" else "not where the plan says"
            yield Finding(what=kind, holds=False, said=f"{said(one, units)} to {one.dst}, {tail}.")
    if not p.moves:
        yield Finding(what="destination", holds=False, said="It pays nobody anything that can be read.")


def _amount(
    case: Case,
    plugins: Plugins,
    target: Target,
    p: Proposal,
    source: str,
    to: str,
    units: Units,
    expected: int | None,
) -> Finding:
    paid = sum(one.amount for one in p.moves if one.dst == to and one.asset == target.asset and to)
    wanted = target.units if expected is None else expected
    from_what = "the plan says" if expected is None else "you asked for"
    if wanted is None:
        held = resting.balances(case).get((p.chain, source, target.asset))
        wanted, from_what = (held.amount, f"the balance at block {held.height} says") if held else (None, "")
    told = said(Moved(asset=target.asset, amount=paid), units)
    if wanted is None:
        why = "the plan names no amount, and no exhibit says what is there"
        return Finding(what="amount", holds=False, said=f"{told} go to the destination; {why}.")
    native = plugins.chains[p.chain].info.native.id
    # On a coin chain the fee comes out of what is moved; elsewhere the chain's coin pays it beside.
    fee = (p.fee or 0) if target.asset == native and p.inputs else 0
    most = p.fee_most or 0 if target.asset == native and not p.inputs else 0
    holds = paid == wanted or paid + fee == wanted or wanted - most <= paid < wanted
    whole = said(Moved(asset=target.asset, amount=wanted), units)
    return Finding(what="amount", holds=holds, said=f"{told} go to the destination; {from_what} {whole}.")
