"""A scene with invented accounts: a theft, a partial payment, an exchange with tags, a failure, an escrow."""

from __future__ import annotations

from recover_chain_xrpl.addresses import classic
from recover_chain_xrpl.testing.made import Done, account, line, money, node, number, root

VICTIM, THIEF, FRIEND, EXCHANGE, ISSUER = (account(n) for n in ("victim", "thief", "friend", "exchange", "issuer"))
ESCROW = number("escrow")
XRP = 1_000_000  # drops

THEFT = Done(
    kind="Payment",
    account=VICTIM,
    name="theft",
    fields={"Destination": THIEF, "Amount": str(900 * XRP)},
    delivered=str(900 * XRP),
    nodes=[root(VICTIM, 1000 * XRP, 100 * XRP - 10), root(THIEF, 20 * XRP, 920 * XRP)],
    height=90_000_000,
    minute=0,
)
DEPOSIT = Done(
    kind="Payment",
    account=THIEF,
    name="deposit",
    fields={"Destination": EXCHANGE, "DestinationTag": 7001, "Amount": str(600 * XRP)},
    delivered=str(600 * XRP),
    nodes=[root(THIEF, 920 * XRP, 320 * XRP - 10), root(EXCHANGE, 5000 * XRP, 5600 * XRP)],
    height=90_000_010,
    minute=1,
)
OTHER_DEPOSIT = Done(
    kind="Payment",
    account=THIEF,
    name="other deposit",
    fields={"Destination": EXCHANGE, "DestinationTag": 7002, "Amount": str(100 * XRP)},
    delivered=str(100 * XRP),
    nodes=[root(THIEF, 320 * XRP - 10, 220 * XRP - 20), root(EXCHANGE, 5600 * XRP, 5700 * XRP)],
    height=90_000_010,
    index=7,
    minute=1,
)
FAILED = Done(
    kind="Payment",
    account=THIEF,
    name="failed",
    fields={"Destination": FRIEND, "Amount": str(999 * XRP)},
    outcome="tecUNFUNDED_PAYMENT",
    nodes=[root(THIEF, 220 * XRP - 20, 220 * XRP - 30)],
    height=90_000_020,
    minute=2,
)
# The sender names ten million, and 147.413155 is delivered: tfPartialPayment.
PARTIAL = Done(
    kind="Payment",
    account=FRIEND,
    name="partial",
    fields={"Destination": THIEF, "Amount": money("USD", ISSUER, "10000000"), "Flags": 0x00020000},
    delivered=money("USD", ISSUER, "147.413155"),
    nodes=[
        root(FRIEND, 50 * XRP, 50 * XRP - 10),
        line(FRIEND, "USD", ISSUER, "200", "52.586845"),
        line(THIEF, "USD", ISSUER, None, "147.413155"),
    ],
    height=90_000_030,
    minute=3,
)
LOCKED = Done(
    kind="EscrowCreate",
    account=THIEF,
    name="locked",
    fields={"Destination": EXCHANGE, "DestinationTag": 7001, "Amount": str(50 * XRP), "FinishAfter": 900_000_000},
    nodes=[
        root(THIEF, 220 * XRP - 30, 170 * XRP - 40),
        node(
            "Created",
            "Escrow",
            ESCROW,
            NewFields={
                "Account": THIEF,
                "Destination": EXCHANGE,
                "DestinationTag": 7001,
                "Amount": str(50 * XRP),
            },
        ),
    ],
    height=90_000_040,
    minute=4,
)
RELEASED = Done(
    kind="EscrowFinish",
    account=FRIEND,
    name="released",
    fields={"Owner": THIEF, "OfferSequence": 1},
    nodes=[
        root(FRIEND, 50 * XRP - 10, 50 * XRP - 20),
        root(EXCHANGE, 5700 * XRP, 5750 * XRP),
        root(THIEF, 170 * XRP - 40, 170 * XRP - 40),
        node(
            "Deleted",
            "Escrow",
            ESCROW,
            FinalFields={
                "Account": THIEF,
                "Destination": EXCHANGE,
                "DestinationTag": 7001,
                "Amount": str(50 * XRP),
            },
        ),
    ],
    height=90_000_050,
    minute=5,
)

SCENE = (THEFT, DEPOSIT, OTHER_DEPOSIT, FAILED, PARTIAL, LOCKED, RELEASED)
NOBODY = classic(bytes(20))
