"""Real servers on loopback, for tests and benchmarks only: nothing of the product imports this package.

    with node.start(folder) as bitcoind, electrum.start(bitcoind, folder) as index:
        ...

`node` runs a real bitcoind on regtest, `electrum` a real ElectrumX beside it, `esplora` a double that answers the
Esplora HTTP API from the two, `proxy` spoils answers on the way, `tape` records exchanges, `graph` fills blocks,
and `farm` plays wallets whose owners are known. All keys are regtest keys made from a stated seed.
"""
