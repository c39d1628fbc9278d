"""Addresses are m-NAME, transactions h-NUMBER."""

from __future__ import annotations

import re

from recover.sdk import Address, Asset, ChainInfo, NotRecognised, TxId

CHAIN = "toymemo:1"
COIN = Asset(id=f"{CHAIN}/slip44:1", symbol="TOYM", decimals=6)

_ADDRESS = re.compile(r"m-[a-z0-9]{1,20}")
_TX = re.compile(r"h-[0-9]{1,9}")


class Memos:
    """An account chain on which services tell deposits apart by memo."""

    info = ChainInfo(
        id=CHAIN,
        title="Toy of memos",
        model="account",
        native=COIN,
        assets=(COIN,),
        memos=True,
        examples=(("m-ann", "tests/toys"), ("h-7", "tests/toys")),
        bad=(("m-", "no name"), ("M-ANN", "capitals"), ("h-x", "no number")),
    )

    def parse(self, text: str) -> Address | TxId:
        if _ADDRESS.fullmatch(text):
            return Address(chain=CHAIN, text=text)
        if _TX.fullmatch(text):
            return TxId(chain=CHAIN, text=text)
        raise NotRecognised(
            "toy-memos-text",
            f"{text[:40]!r} is nothing on the toy of memos.",
            "An address is m-NAME, a transaction h-NUMBER.",
            "Compare it with m-ann and h-7.",
        )
