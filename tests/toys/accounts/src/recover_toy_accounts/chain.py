"""Owners are own-NAME, their sub-accounts acc-NAME, transactions sig-NUMBER."""

from __future__ import annotations

import re

from recover.sdk import Address, Asset, ChainInfo, NotRecognised, TxId

CHAIN = "toyown:1"
COIN = Asset(id=f"{CHAIN}/slip44:1", symbol="TOYA", decimals=9)
TOKEN = Asset(id=f"{CHAIN}/token:own-mint", symbol="TUSD", decimals=6)

_ADDRESS = re.compile(r"(?:own|acc)-[a-z0-9]{1,20}")
_TX = re.compile(r"sig-[0-9]{1,9}")


class Owners:
    """An account chain on which an address is an owner or one of its sub-accounts."""

    info = ChainInfo(
        id=CHAIN,
        title="Toy of owners",
        model="account",
        native=COIN,
        assets=(COIN, TOKEN),
        examples=(("own-ann", "tests/toys"), ("acc-ann1", "tests/toys"), ("sig-7", "tests/toys")),
        bad=(("own-", "no name"), ("OWN-ANN", "capitals"), ("sig-x", "no number")),
        plain_address=_ADDRESS.pattern,
        plain_tx=_TX.pattern,
    )

    def parse(self, text: str) -> Address | TxId:
        if _ADDRESS.fullmatch(text):
            return Address(chain=CHAIN, text=text)
        if _TX.fullmatch(text):
            return TxId(chain=CHAIN, text=text)
        raise NotRecognised(
            "toy-accounts-text",
            f"{text[:40]!r} is nothing on the toy of owners.",
            "An owner is own-NAME, a sub-account acc-NAME, a transaction sig-NUMBER.",
            "Compare it with own-ann, acc-ann1 and sig-7.",
        )
