"""The toy chain: addresses are toy-NAME, ids are numbers, and a file lists who paid whom."""

from recover.sdk import Chain, Source, plugin
from recover_chain_toy.chain import Toy
from recover_chain_toy.source import Payments


@plugin
def recover_chains() -> list[Chain]:
    return [Toy()]


@plugin
def recover_sources() -> list[Source]:
    return [Payments()]
