"""How people read where a loss is: the one spelling that commands, findings and documents share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recover.sdk import Loss


def place(loss: Loss) -> str:
    """The address, the transaction, or TXID:OUTPUT where one output is the loss: as `recover loss` reads it."""
    if loss.address:
        return loss.address
    return f"{loss.tx}:{loss.output}" if loss.output is not None else loss.tx or ""


def kind(loss: Loss) -> str:
    """What `place` names: address, tx or output."""
    return "address" if loss.address else "tx" if loss.output is None else "output"
