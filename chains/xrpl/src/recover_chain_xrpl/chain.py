"""What a text means on the XRP Ledger."""

from __future__ import annotations

import re
from datetime import date

from recover.sdk import Address, ChainInfo, NotRecognised, TxId
from recover_chain_xrpl import addresses
from recover_chain_xrpl.assets import CHAIN, RLUSD, XRP

_TX = re.compile(r"[0-9A-Fa-f]{64}")
_DOCS = "xrpl.org, Addresses"


class Xrpl:
    """The main network: `xrpl:0` in CASA's namespace `xrpl`, after the number that its servers give."""

    info = ChainInfo(
        id=CHAIN,
        title="XRP Ledger",
        model="account",
        native=XRP,
        first=date(2012, 6, 2),
        assets=(XRP, RLUSD),
        examples=(
            ("rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B", "CASA namespaces, xrpl/caip19.md"),
            ("rrrrrrrrrrrrrrrrrrrrrhoLvTp", f"{_DOCS}: ACCOUNT_ZERO"),
            (
                "XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc",
                "XLS-5d: an account with the tag 0",
            ),
            (
                "escrow.rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B." + "0A" * 32,
                "made here: an entry that holds value, by its owner and its id in the ledger",
            ),
            ("9BAFE443078D105AB49C2BF92D0DD04BF73DCC0ADF6CA67CE728CE762059E6B7", "a transaction of the ledger"),
        ),
        bad=(
            ("rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59b", "its checksum does not hold"),
            ("xvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B", "it does not begin with r"),
            ("rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B:12", "a tag is no part of an address"),
            ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "it is an address of Bitcoin"),
            ("T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ", "an X-address of a test network"),
            ("9BAFE443078D105AB49C2BF92D0DD04BF73DCC0ADF6CA67CE728CE762059E6B", "a digit too few"),
            ("", "nothing"),
        ),
        memos=True,
        plain_tx="[0-9A-F]{64}",
        short=("xrpl", "xrp"),
        links=(
            "xrpscan.com/tx/{}",
            "xrpscan.com/account/{}",
            "livenet.xrpl.org/transactions/{}",
            "livenet.xrpl.org/accounts/{}",
            "bithomp.com/explorer/{}",
            "bithomp.com/en/transaction/{}",
            "bithomp.com/en/account/{}",
            "blockchair.com/xrp-ledger/transaction/{}",
            "blockchair.com/xrp-ledger/account/{}",
        ),
    )

    def memo(self, text: str) -> str | None:
        """The destination tag that an X-address holds: where a customer of a service is told to pay to."""
        try:
            tag = addresses.read(text)[1]
        except addresses.Unreadable:
            return None
        return None if tag is None else str(tag)

    def parse(self, text: str) -> Address | TxId:
        """An account, an entry that holds value, or a transaction. An X-address's tag is no part of the name."""
        if _TX.fullmatch(text):
            return TxId(chain=CHAIN, text=text.upper())
        try:
            if found := addresses.parts(text):
                kind, owner, index = found
                return Address(chain=CHAIN, text=f"{kind}.{owner}.{index}")
            return Address(chain=CHAIN, text=addresses.read(text)[0])
        except addresses.Unreadable as error:
            raise NotRecognised(
                "not-xrpl",
                f"{text[:80]!r} is no address or transaction of the XRP Ledger.",
                str(error),
                "Copy it again from where it stands: a classic address, an X-address, or 64 hexadecimal digits.",
            ) from None
