"""The XRP Ledger, as a plugin."""

from recover.sdk import Chain, Source, plugin

__all__ = ["Xrpl", "XrplServer", "recover_chains", "recover_sources"]
from recover_chain_xrpl.chain import Xrpl
from recover_chain_xrpl.source import XrplServer


@plugin
def recover_chains() -> list[Chain]:
    return [Xrpl()]


@plugin
def recover_sources() -> list[Source]:
    return [XrplServer()]
