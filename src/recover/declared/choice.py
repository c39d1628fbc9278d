"""Choice: which output of a coin payment is the loss. It decides every later figure, and is never guessed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from recover.declared.sizes import Leg
from recover.sdk.errors import Error
from recover.sdk.view import Loss

_ROUND = 1_000_000
"""An amount that this divides is round, and people pay round amounts (H. Kalodner et al., BlockSci, USENIX
Security 2020, with six decimal digits); payments priced in another currency are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output of a transaction; `address` is None where it pays nobody, `amount` where none is shown."""

    index: int
    address: str | None
    amount: int | None


def shown(listed: Sequence[Sequence[Leg]]) -> tuple[list[Output], frozenset[str]]:
    """The outputs that exhibits show of one transaction, in order, and the addresses that paid it."""
    found = {
        index: Output(index=index, address=address, amount=amount)
        for legs in listed
        for kind, index, address, _, amount in legs
        if kind == "output" and index is not None
    }
    own = {address for legs in listed for kind, _, address, _, _ in legs if kind == "input" and address}
    return [found[index] for index in sorted(found)], frozenset(own)


def meant(loss: Loss, outputs: Sequence[Output], own: Collection[str]) -> list[Output]:
    """The outputs that a loss can mean: one that it names or that alone has its amount, else all that do not go
    back to who paid. Change to a new address cannot be told from a payment here, so a person must choose.

    Raises Error where it names one that there is not.
    """
    if loss.output is not None:
        here = [one for one in outputs if one.index == loss.output]
        if not here:
            raise missing(loss.tx or "", loss.output, [one.index for one in outputs])
        return here
    here = [one for one in outputs if one.address is not None and one.address not in own]
    exact = [one for one in here if one.amount == loss.amount]
    return exact if loss.amount is not None and len(exact) == 1 else here


def settle(loss: Loss, listed: Sequence[Sequence[Leg]], unit: Callable[[int], str]) -> str:
    """Hold a loss that is to be declared against its transaction, where exhibits show it: why its output may be
    the payer's own change, and empty else. Raises Error where it can mean several."""
    outputs, own = shown(listed)
    if not outputs:
        return ""
    here = meant(loss, outputs, own)
    if len(here) != 1:
        raise which(loss, here, unit)
    return change(here[0], outputs, own, unit)


def which(loss: Loss, here: Sequence[Output], unit: Callable[[int], str], declared: str = "") -> Error:
    """Which of these outputs? `declared`: the folder of the case, where the loss stands there already."""
    named = "; ".join(f"{one.index}: {_worth(one, unit)} to {one.address}" for one in here) or "none"
    # The example is no change, as far as that can be seen: somebody will copy it.
    likely = sorted(here, key=lambda one: bool(one.amount is None or one.amount % _ROUND))
    tx, first = f"{loss.chain}:{loss.tx}", likely[0].index if here else 0
    back = f"Take it back: recover loss {declared} --drop {loss.id}. Then type" if declared else "Type"
    amount = f" (loss amount: {unit(loss.amount)})" if loss.amount is not None else ""
    who = f"Loss {loss.id}" if declared else "The loss"
    return Error(
        "loss-output",
        f"{who} does not say which output of {loss.tx} it means{amount}.",
        f"Outputs that do not go back to the payer: {named}. One of them may be the payer's change.",
        f"{back} it again with the output that the victim says he sent, by its number, as {tx}:{first} for "
        f"output {first}, or by its whole amount: --amount N --asset SYMBOL.",
    )


def change(chosen: Output, outputs: Sequence[Output], own: Collection[str], unit: Callable[[int], str]) -> str:
    """Why an output looks like what came back to the payer, in a sentence; empty where it does not."""
    said = f"Output {chosen.index} ({_worth(chosen, unit)} to {chosen.address}) looks like the payer's change: "
    others = [one for one in outputs if one.index != chosen.index and one.address not in {None, *own}]
    end = "If the victim says that he sent another one, what is traced here is his own money."
    if chosen.address in own:
        return f"{said}it goes back to an address that paid. {end}"
    rounded = [one for one in others if one.amount and not one.amount % _ROUND]
    if chosen.amount and chosen.amount % _ROUND and rounded:
        one = rounded[0]
        return f"{said}it is not a round amount, and output {one.index} ({_worth(one, unit)}) is. {end}"
    return ""


def _worth(one: Output, unit: Callable[[int], str]) -> str:
    return "an amount that is not shown" if one.amount is None else unit(one.amount)


def missing(tx: str, output: int, known: Sequence[int]) -> Error:
    """The transaction is here, and has no such output."""
    return Error(
        "loss-output-missing",
        f"Transaction {tx} has no output {output}.",
        f"Its outputs are {', '.join(str(n) for n in known) or 'none that can be spent'}.",
        "Name one of them; `recover loss CASE --drop ID` takes a wrong loss back.",
    )
