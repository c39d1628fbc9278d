"""Owners hold each asset in a sub-account; an index lists ids, and each transaction is asked for by itself."""

from recover.sdk import Chain, Source, plugin
from recover_toy_accounts.chain import Owners
from recover_toy_accounts.source import Index


@plugin
def recover_chains() -> list[Chain]:
    return [Owners()]


@plugin
def recover_sources() -> list[Source]:
    return [Index()]
