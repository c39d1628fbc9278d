"""Which chain an exhibit is of: what it shows, else what the examiner said, else Ethereum, with a gap."""

from __future__ import annotations

from recover.sdk import Error, Exhibit, Gap
from recover_chain_evm import networks
from recover_chain_evm.networks import Network


def network(exhibit: Exhibit, shown: int | None) -> tuple[Network, list[Gap]]:
    """The network of an exhibit that shows the chain id `shown`, and the gap that is left where it shows none.

    Raises Error for a chain that is not known here, and where the examiner named another than the exhibit shows.
    """
    said = networks.by_id(exhibit.chain)
    known = networks.known().get(networks.DEFAULT if shown is None else shown)
    if known is None:
        raise Error(
            "chain-unknown",
            f"{exhibit.name} is of chain {shown}.",
            f"Known are {', '.join(str(n) for n in networks.known())}.",
            "A further chain is a few lines in networks.toml.",
        )
    if exhibit.chain and (said is None or (shown is not None and said != known)):
        raise Error(
            "other-chain-said",
            f"{exhibit.name} is not of {exhibit.chain}.",
            f"It shows chain id {shown}." if shown is not None else "It is a file of an EVM chain.",
            "Import it without --chain, or with the chain that it is of.",
        )
    if said is not None:
        return said, []
    return known, [] if shown is not None else [gap(known, exhibit.name)]


def gap(network: Network, name: str) -> Gap:
    """That an exhibit was taken to be of a chain that it does not name."""
    return Gap(
        code="chain-assumed",
        subject=name,
        why=f"It does not say of which chain it is, and was taken to be of {network.title} ({network.id}).",
        effect="If it is of another chain, its coin and its tokens are other assets, at addresses that look the"
        " same; importing it again with --chain settles it.",
    )
