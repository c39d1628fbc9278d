"""What a text means on the toy chain."""

from __future__ import annotations

import re

from recover.sdk import Address, Asset, ChainInfo, NotRecognised, TxId

CHAIN = "toy:1"
COIN = Asset(id=f"{CHAIN}/slip44:1", symbol="TOY", decimals=2)

_ADDRESS = re.compile(r"toy-[a-z]{1,16}")
_TX = re.compile(r"[1-9][0-9]{0,8}")


class Toy:
    """An account chain with one coin."""

    info = ChainInfo(
        id=CHAIN,
        title="Toy",
        model="account",
        native=COIN,
        assets=(COIN,),
        examples=(("toy-ann", "tests/toy"), ("7", "tests/toy")),
        bad=(("toy-", "no name"), ("toy-ANN", "capitals"), ("007", "leading zeros")),
    )

    def parse(self, text: str) -> Address | TxId:
        if _ADDRESS.fullmatch(text):
            return Address(chain=CHAIN, text=text)
        if _TX.fullmatch(text):
            return TxId(chain=CHAIN, text=text)
        raise NotRecognised(
            "toy-text",
            f"{text[:40]!r} is no toy address and no toy transaction.",
            "An address is toy- and a name in small letters; a transaction is a number.",
            "Compare it with toy-ann and 7.",
        )
