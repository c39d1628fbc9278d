"""Ethereum and the EVM chains: value from logs, calls and blocks, proofs, nodes and exported files.

What is pure and may be used by every source of this member (all take a `networks.Network`):

    networks.known() / by_id(caip2)      the chains as data; issuers.FAMILIES: who can freeze, and how to ask
    answers.read(exhibit)                a JSON-RPC exhibit as (answers, refusals), single or batch
    rpc.batch(network, answers, refusals, name)   all of them as one Batch: blocks, receipts, logs, calls, states
    rpc.shown_chain(answers, name)       the chain id that the answers show
    logs.Logs.of(frame), logs.moved / transactions / gaps, events.said     logs in columns
    calls.of_tracer / of_parity / of_otterscan / of_explorer               calls as one flat list
    traces.Traced, traces.moved / transactions / events                    the coin inside transactions
    sent.Sent.of(frame), sent.moved / transactions / events / gaps         transactions: value and fee
    blocks.block / credits                                                  headers, withdrawals, rewards
    proofs.has_receipts / has_transactions / signed / account_proof         what the bytes prove
    columns.batch(chain, moved=..., transactions=..., ...)                  tables into one Batch
"""

from recover.sdk import Chain, Source, plugin

__all__ = ["recover_chains", "recover_sources"]


@plugin
def recover_chains() -> list[Chain]:
    """Every chain of `networks.toml`."""
    from recover_chain_evm.chain import Evm
    from recover_chain_evm.networks import known

    return [Evm(network) for network in known().values()]


@plugin
def recover_sources() -> list[Source]:
    """Exported tables, saved answers of nodes and explorers; live: a node's JSON-RPC, and explorers."""
    from recover_chain_evm.exports import Exports
    from recover_chain_evm.files import ParquetTables, ethereum_etl, graphsense
    from recover_chain_evm.live.explorer import Explorer
    from recover_chain_evm.live.source import NodeRpc
    from recover_chain_evm.nodefile import NodeFile
    from recover_chain_evm.saved import Saved

    files: list[Source] = [ethereum_etl(), ParquetTables(), graphsense(), NodeFile(), Saved(), Exports()]
    return [*files, NodeRpc(), Explorer()]
