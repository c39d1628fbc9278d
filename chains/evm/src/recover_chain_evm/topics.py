"""The events that are read: first topic, signature, and what the words of each mean.

Each topic is the Keccak-256 of its signature; a test computes them all again. Issuers write the same event in two
ways, with its addresses in topics or in the data, so a log is read by how many topics it has (`Form.counts`).
"""

from __future__ import annotations

from dataclasses import dataclass

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
APPROVAL = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
DEPOSIT = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
WITHDRAWAL = "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
ISSUE = "0xcb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a"
REDEEM = "0x702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44"
PERMIT2_APPROVAL = "0xda9fa7c1b00402c17d0161b249b1ab8bbec047c5a52207b9c112deffd817036b"
PERMIT2_PERMIT = "0xc6a377bfc4eb120024a8ac08eef205be16b817020812c73223e81d1bdb9708ec"
SWAP_V2 = "0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822"
SWAP_V3 = "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67"
SWAP_V4 = "0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f"

SIGNATURES = {
    TRANSFER: "Transfer(address,address,uint256)",
    APPROVAL: "Approval(address,address,uint256)",
    DEPOSIT: "Deposit(address,uint256)",
    WITHDRAWAL: "Withdrawal(address,uint256)",
    ISSUE: "Issue(uint256)",
    REDEEM: "Redeem(uint256)",
    PERMIT2_APPROVAL: "Approval(address,address,address,uint160,uint48)",
    PERMIT2_PERMIT: "Permit(address,address,address,uint160,uint48,uint48)",
    SWAP_V2: "Swap(address,uint256,uint256,uint256,uint256,address)",
    SWAP_V3: "Swap(address,address,int256,int256,uint160,uint128,int24)",
    SWAP_V4: "Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How one event of an issuer or of a token is read. Words are counted over topics after the first, then data.

    `kind` as in `recover.sdk.Event`. `counts` are the numbers of topics with which it is read, `size` is how many
    words topics and data hold together. `array`: the address is every member of one list in the data.
    """

    kind: str
    topic: str
    signature: str
    counts: tuple[int, ...]
    size: int
    address: int = 0
    other: int | None = None
    amount: int | None = None
    array: bool = False


_ACCOUNTS = (
    # Tether's first contract on Ethereum has the address in the data, its copies and TRON in a topic.
    ("freeze", "AddedBlackList(address)", "0x42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc"),
    (
        "unfreeze",
        "RemovedBlackList(address)",
        "0xd7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c",
    ),
    ("freeze", "BlockPlaced(address)", "0x406bbf2d8d145125adf1198d2cf8a67c66cc4bb0ab01c37dccd4f7c0aae1e7c7"),
    ("unfreeze", "BlockReleased(address)", "0x665918c9e02eb2fd85acca3969cb054fc84c138e60ec4af22ab6ef2fd4c93c27"),
    ("freeze", "Blacklisted(address)", "0xffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855"),
    ("unfreeze", "UnBlacklisted(address)", "0x117e3210bb9aa7d9baff172026820255c6f6c30ba8999d1c2fd88e2848137c4e"),
    ("freeze", "AddressFrozen(address)", "0x90811a8edd3b3c17eeaefffc17f639cc69145d41a359c9843994dc2538203690"),
    ("unfreeze", "AddressUnfrozen(address)", "0xc3776b472ebf54114339eec9e4dc924e7ce307a97f5c1ee72b6d474e6e5e8b7c"),
    ("freeze", "FreezeAddress(address)", "0x1aa660498c83ea285bc55e4cfc00afcaa7120798db87b74f3c0d7c6e001bc392"),
    ("unfreeze", "UnfreezeAddress(address)", "0x150465b020dfc06a59269da94ed66db9b65a516cf4fdd5f583b0f12752339bbe"),
    (
        "destroy",
        "FrozenAddressWiped(address)",
        "0xfc5960f1c5a5d2b60f031bf534af053b1bf7d9881989afaeb8b1d164db23aede",
    ),
    ("freeze", "Banned(address)", "0x30d1df1214d91553408ca5384ce29e10e5866af8423c628be22860e41fb81005"),
)
_AMOUNTS = (
    ("DestroyedBlackFunds(address,uint256)", "0x61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6"),
    (
        "DestroyedBlockedFunds(address,uint256)",
        "0x6a2859ae7902313752498feb80a014e6e7275fe964c79aa965db815db1c7f1e9",
    ),
)
_CALLERS = (
    # The caller comes first, the account second.
    ("freeze", "Freeze(address,address)", "0x51d18786e9cb144f87d46e7b796309ea84c7c687d91e09c97f051eacf59bc528"),
    (
        "unfreeze",
        "Unfreeze(address,address)",
        "0x4f3ab9ff0cc4f039268532098e01239544b0420171876e36889d01c62c784c79",
    ),
)
_LISTS = (
    ("freeze", "AddedToDenyList(address[])", "0x02dd2f2ab1d45714c6f178e8ff8c5594023ec5d134bb99bbb230adabdb718c05"),
    (
        "unfreeze",
        "RemovedFromDenyList(address[])",
        "0xfe849628f690f8527fe506998b4ddf44a5b11ecb3ec64257db0951b62d9a4f38",
    ),
)

FORMS = (
    Form(kind="approve", topic=APPROVAL, signature=SIGNATURES[APPROVAL], counts=(1, 3), size=3, other=1, amount=2),
    *(Form(kind=k, topic=t, signature=s, counts=(1, 2), size=1) for k, s, t in _ACCOUNTS),
    *(Form(kind="destroy", topic=t, signature=s, counts=(1, 2), size=2, amount=1) for s, t in _AMOUNTS),
    *(Form(kind=k, topic=t, signature=s, counts=(1, 3), size=2, address=1, other=0) for k, s, t in _CALLERS),
    *(Form(kind=k, topic=t, signature=s, counts=(1,), size=0, array=True) for k, s, t in _LISTS),
)
"""Source: the issuers' published contracts (Tether, Circle, Paxos, freeze-style and deny lists)."""
