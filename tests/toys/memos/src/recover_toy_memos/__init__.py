"""One service has one deposit address for all: a memo says whose a deposit is."""

from recover.sdk import Chain, Source, plugin
from recover_toy_memos.chain import Memos
from recover_toy_memos.source import Ledger


@plugin
def recover_chains() -> list[Chain]:
    return [Memos()]


@plugin
def recover_sources() -> list[Source]:
    return [Ledger()]
