"""Bitcoin and its family: addresses, raw blocks and transactions, nodes, proofs."""

from recover.sdk import Chain, Source, plugin

__all__ = ["recover_chains", "recover_sources"]


@plugin
def recover_chains() -> list[Chain]:
    """Bitcoin, its test networks, Bitcoin Cash, Litecoin and Dogecoin."""
    from recover_chain_bitcoin.chain import every

    return list(every())


@plugin
def recover_sources() -> list[Source]:
    """Raw blocks and transactions, block files, saved JSON, blockchain-etl exports; nodes and servers, live."""
    from recover_chain_bitcoin.blkfile import BlkFile
    from recover_chain_bitcoin.blockfile import BlockFile
    from recover_chain_bitcoin.etl import EtlLines, EtlParquet
    from recover_chain_bitcoin.jsonfile import CoreFile, EsploraFile
    from recover_chain_bitcoin.live import sources

    return [BlockFile(), BlkFile(), EtlLines(), EtlParquet(), CoreFile(), EsploraFile(), *sources()]
