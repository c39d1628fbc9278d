"""What the message of a bridge does on the other side: pay whom, how much, of what."""

from __future__ import annotations

from dataclasses import dataclass

from recover_bridges import chains
from recover_bridges.words import arguments, selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """`recipient` gets `amount`. `here` is the token that left, `there` the one that comes; both as contracts."""

    recipient: str
    amount: int
    here: str
    there: str


_NEWER = selector("finalizeBridgeERC20(address,address,address,address,uint256,bytes)")
_TOKENS = {
    selector(f"{name}(address,address,address,address,uint256,bytes)")
    for name in ("finalizeDeposit", "finalizeERC20Withdrawal", "finalizeDepositERC20", "finalizeWithdrawERC20")
}
_COINS = {
    selector(f"{name}(address,address,uint256,bytes)")
    for name in ("finalizeBridgeETH", "finalizeETHWithdrawal", "finalizeDepositETH", "finalizeWithdrawETH")
}
_GATEWAY = selector("finalizeInboundTransfer(address,address,address,uint256,bytes)")


def payment(data: bytes, *, up: bool) -> Payment | None:
    """The payment that a message makes, None where it makes none that is known. `up`: towards Ethereum."""
    head, rest = data[:4], data[4:]
    try:
        if head in _COINS:
            said = arguments("address from,address to,uint256 amount,bytes data", rest)
            return Payment(recipient=said["to"], amount=said["amount"], here=chains.ZERO, there=chains.ZERO)
        if head in _TOKENS or head == _NEWER:
            types = "address one,address two,address from,address to,uint256 amount,bytes data"
            said = arguments(types, rest)
            # The older calls name Ethereum's token first, the newer one that of the side that pays.
            there, here = said["one"], said["two"]
            if head in _TOKENS and not up:
                there, here = here, there
            return Payment(recipient=said["to"], amount=said["amount"], here=here, there=there)
        if head == _GATEWAY:
            said = arguments("address token,address from,address to,uint256 amount,bytes data", rest)
            # Only Ethereum's token is named.
            names = ("", said["token"]) if up else (said["token"], "")
            return Payment(recipient=said["to"], amount=said["amount"], here=names[0], there=names[1])
    except ValueError:
        return None
    return None
