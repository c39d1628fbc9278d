"""What is said where an exhibit does not name its chain: addresses of all EVM chains look the same."""

from __future__ import annotations

from recover.sdk import Gap
from recover_chain_evm.networks import Network


def gap(network: Network, name: str) -> Gap:
    """That an exhibit was taken to be of a chain that it does not name."""
    return Gap(
        code="chain-assumed",
        subject=name,
        why=f"It does not say of which chain it is, and was taken to be of {network.title} ({network.id}).",
        effect="If it is of another chain, its coin and its tokens are other assets, at addresses that look the"
        " same; importing it with --chain settles it.",
    )
