"""The staged case: two thefts by approval, a split, swaps, deposits, sweeps, a freeze, a destruction, and poison.

faucet -> everybody's first coin           issuer -> tokens, by issue and by mint
ann --approve--> drainer, which takes USDT to `first`; ben --permit--> thief, who takes USDC to `second`
first  -> mule1 -> account1 (60,000 USDT), and sells the rest for the coin, to mule4
          mule4 -> wraps, passes it on to mule5, who unwraps -> account2; the rest -> forwarder1
       -> mule2 -> sells for USDC -> forwarder2
       -> mule3 -> iced (frozen), burned (frozen and destroyed)
second -> forwarder1; the rest stays
"""

from __future__ import annotations

from dataclasses import dataclass, field

from recover_chain_evm.testing.anvil import START, Anvil
from recover_chain_evm.testing.stage import ETHER, FEE, GAS_PRICE, Stage
from recover_chain_evm.testing.truth import Held, Landing, Poison, PoisonKind, Staged, Swapped, Theft

USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"

MILLION = 10**12  # of a token with 6 decimals
TAKEN_USDT, TAKEN_USDC = 187_654_321_001, 80_000_000_007
SPLIT = (100_000_000_000, 50_000_500_000, 37_653_821_001)
BEFORE, BANKED, ICED = 1_234_000_000, 60_000_000_000, 20_000_000_000
BANKED_USDC, STRAY = 30_000_000_007, 500_000_000
WRAPPED, FORWARDED = ETHER, 9 * ETHER + 123_456_789
UNLIMITED = 2**256 - 1
LATER = START + 10**6

CAST = (
    *("faucet", "issuer", "provider", "ann", "ben", "thief", "first", "second"),
    *("mule1", "mule2", "mule3", "mule4", "mule5", "stranger", "iced", "burned"),
    *("hot", "clerk", "account1", "account2", "account3", "shop", "poisoner"),
)
PAID_BY_FAUCET = ("issuer", "ann", "ben", "thief", "hot", "clerk", "shop", "poisoner")
PAID_BY_THIEF = ("first", "second", "mule1", "mule2", "mule3", "iced")
POISONS: tuple[PoisonKind, ...] = ("zero-value", "dust", "counterfeit")


def play(node: Anvil) -> Staged:
    """Stage the case on a fresh node and say what happened. The same node version gives the same blocks."""
    return _Play(stage=Stage(node=node)).run()


@dataclass(slots=True)
class _Play:
    """`moves` holds the transactions that the truth names, by what they are."""

    stage: Stage
    moves: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, int] = field(default_factory=dict)

    def run(self) -> Staged:
        self._prepare()
        self._trade_before()
        self._steal()
        self._split()
        self._first_mule()
        self._second_mule()
        self._poison()
        self._sweep()
        self._freeze()
        return self._truth()

    def _prepare(self) -> None:
        s = self.stage
        s.actor(*CAST)
        s.place("usdt", "LegacyDollar", USDT, owner="issuer")
        s.place("usdc", "FiatDollar", USDC, owner="issuer")
        s.place("weth", "WrappedCoin", WETH)
        s.names["double"] = look_alike(s.names["account1"])
        s.allow("usdt", "double", "poisoner", 5)
        s.pay("faucet", "provider", 3_000 * ETHER)
        for name in PAID_BY_FAUCET:
            s.pay("faucet", name, 20 * ETHER)
        for name in PAID_BY_THIEF:
            s.pay("thief", name, ETHER)
        s.send("issuer", "usdt", "issue", 10 * MILLION)
        for name, amount in (("ann", MILLION // 4), ("provider", 5 * MILLION), ("shop", MILLION), ("poisoner", 9)):
            s.send("issuer", "usdt", "transfer", name, amount)
        s.send("issuer", "usdt", "redeem", MILLION)
        s.send("issuer", "usdc", "mint", "ben", 90_000_000_000)
        s.send("issuer", "usdc", "mint", "provider", 3 * MILLION)
        s.send("provider", "usdc", "transfer", "issuer", MILLION)
        s.send("issuer", "usdc", "burn", MILLION)
        s.deploy("provider", "router", "Router", WETH)
        self._pool("coins", "usdt", 2 * MILLION, "weth", 800 * ETHER)
        self._pool("dollars", "usdt", 2 * MILLION, "usdc", 2 * MILLION)

    def _pool(self, name: str, one: str, amount: int, two: str, other: int) -> None:
        s = self.stage
        s.deploy("provider", name, "Pool", s.names[one], s.names[two])
        if two == "weth":
            s.send("provider", "weth", "deposit", value=other)
        s.send("provider", one, "transfer", name, amount)
        s.send("provider", two, "transfer", name, other)
        s.send("provider", name, "sync")

    def _trade_before(self) -> None:
        """The exchange's ordinary business, so that deposit addresses have a history; odd tokens; a bulk payer."""
        s = self.stage
        s.deploy("clerk", "desk", "Desk", s.names["hot"])
        for number in (1, 2):
            s.send("clerk", "desk", "open", number)
            s.names[f"forwarder{number}"] = f"0x{s.ask('desk', 'forwarders', number - 1):040x}"
        s.send("shop", "usdt", "transfer", "account1", BEFORE)
        s.pay("hot", "account1", ETHER // 50)
        self.moves["sweep of account1, before"] = s.send("account1", "usdt", "transfer", "hot", BEFORE)
        s.pay("shop", "account2", ETHER // 2)
        self._empty("account2", "sweep of account2, before")
        for amount in (700_000_000, 800_000_000):
            s.send("shop", "usdt", "transfer", "account3", amount)
            s.pay("hot", "account3", ETHER // 100)
            s.send("account3", "usdt", "transfer", "hot", amount)
        s.send("shop", "usdt", "transfer", "forwarder2", 55_000_000)
        s.send("clerk", "desk", "flush", [s.names["forwarder2"]], "usdt")
        s.deploy("shop", "disperser", "Disperser")
        payees = [s.names[name] for name in ("hot", "usdt", "account3")]  # the token refuses the coin
        parts = [ETHER // 4, ETHER // 8, ETHER // 16]
        self.moves["undone"] = s.send("shop", "disperser", "pay", payees, parts, value=ETHER // 2)
        s.deploy("shop", "taxed", "Taxed", 1_000 * ETHER)
        self.moves["taxed"] = s.send("shop", "taxed", "transfer", "provider", ETHER)
        self.amounts["taxed"] = s.held("provider", "taxed")
        s.deploy("shop", "bare", "Bare", 1_000)
        s.send("shop", "bare", "transfer", "provider", 10)
        s.deploy("shop", "misfit", "Misfit")

    def _steal(self) -> None:
        s, moves = self.stage, self.moves
        s.deploy("thief", "drainer", "Drainer")
        moves["approve"] = s.send("ann", "usdt", "approve", "drainer", UNLIMITED)
        moves["drain"] = s.send("thief", "drainer", "take", "usdt", "ann", "first", TAKEN_USDT)
        signed = s.permit("usdc", "ben", "thief", TAKEN_USDC, LATER)
        moves["permit"] = s.send("thief", "usdc", "permit", "ben", "thief", TAKEN_USDC, LATER, *signed)
        moves["take"] = s.send("thief", "usdc", "transferFrom", "ben", "second", TAKEN_USDC)

    def _split(self) -> None:
        """Three payments in one block, with a stranger's payment beside them."""
        s = self.stage
        parts = zip(("mule1", "mule2", "mule3"), SPLIT, strict=True)
        sent = [("first", "usdt", "transfer", (who, amount)) for who, amount in parts]
        s.together(*sent, ("shop", "usdt", "transfer", ("provider", 77)))
        s.send("mule3", "usdt", "transfer", "iced", ICED)
        s.send("mule3", "usdt", "transfer", "burned", SPLIT[2] - ICED)
        self.moves["second to forwarder1"] = s.send("second", "usdc", "transfer", "forwarder1", BANKED_USDC)

    def _first_mule(self) -> None:
        """To an exchange, and through the market to the chain's own coin, wrapped and unwrapped on the way."""
        s, moves = self.stage, self.moves
        moves["mule1 to account1"] = s.send("mule1", "usdt", "transfer", "account1", BANKED)
        sold = SPLIT[0] - BANKED
        s.send("mule1", "usdt", "approve", "router", sold)
        moves["sale 1"] = s.send("mule1", "router", "sellForCoin", "coins", "usdt", sold, "mule1")
        bought = self.amounts["sale 1"] = int(s.receipt(moves["sale 1"])["logs"][-1]["data"], 16)
        # What is left of the money for fees goes back, to the unit: first in, first out, the rest is the sale's.
        s.pay("mule1", "thief", s.held("mule1") - bought - FEE, gas=hex(21_000), gasPrice=hex(GAS_PRICE))
        s.empty("mule1", "mule4")
        moves["wrap"] = s.send("mule4", "weth", "deposit", value=WRAPPED)
        s.send("mule4", "weth", "transfer", "mule5", WRAPPED)
        s.pay("mule4", "mule5", ETHER // 100)
        moves["unwrap"] = s.send("mule5", "weth", "withdraw", WRAPPED)
        moves["mule5 to account2"] = s.pay("mule5", "account2", WRAPPED)
        moves["mule4 to forwarder1"] = s.pay("mule4", "forwarder1", FORWARDED)

    def _second_mule(self) -> None:
        s, moves = self.stage, self.moves
        s.send("mule2", "usdt", "approve", "router", SPLIT[1])
        moves["sale 3"] = s.send("mule2", "router", "sellForCoin", "coins", "usdt", STRAY, "stranger")
        self.amounts["sale 3"] = s.held("stranger")
        moves["sale 2"] = s.send("mule2", "router", "sell", "dollars", "usdt", SPLIT[1] - STRAY, "mule2")
        bought = self.amounts["sale 2"] = s.held("mule2", "usdc")
        moves["mule2 to forwarder2"] = s.send("mule2", "usdc", "transfer", "forwarder2", bought)

    def _poison(self) -> None:
        """Three ways to put an address that looks like account1 into the list that mule1 will copy from."""
        s, moves = self.stage, self.moves
        moves["zero-value"] = s.send("poisoner", "usdt", "transferFrom", "mule1", "double", 0)
        s.send("poisoner", "usdt", "transfer", "double", 5)
        moves["dust"] = s.send("poisoner", "usdt", "transferFrom", "double", "mule1", 1)
        s.deploy("poisoner", "fake", "Counterfeit", "Tether USD", "USDT")
        parties = ([s.names["mule1"]], [s.names["double"]], [BANKED])
        moves["counterfeit"] = s.send("poisoner", "fake", "pretend", *parties)

    def _sweep(self) -> None:
        s, moves = self.stage, self.moves
        s.pay("hot", "account1", ETHER // 50)
        moves["sweep of account1"] = s.send("account1", "usdt", "transfer", "hot", BANKED)
        self._empty("account2", "sweep of account2")
        both = [s.names["forwarder1"], s.names["forwarder2"]]
        moves["flush of dollars"] = s.send("clerk", "desk", "flush", both, "usdc")
        moves["flush of coins"] = s.send("clerk", "desk", "flushCoin", both[:1])

    def _freeze(self) -> None:
        s, moves = self.stage, self.moves
        moves["freeze"] = s.send("issuer", "usdt", "addBlackList", "iced")
        s.send("issuer", "usdt", "addBlackList", "burned")
        s.send("issuer", "usdt", "addBlackList", "shop")
        s.send("issuer", "usdt", "removeBlackList", "shop")
        moves["destroy"] = s.send("issuer", "usdt", "destroyBlackFunds", "burned")
        moves["failed"] = s.send("iced", "usdt", "transfer", "mule3", 1, fails=True)

    def _empty(self, who: str, what: str) -> None:
        self.moves[what], self.amounts[what] = self.stage.empty(who, "hot")

    def _truth(self) -> Staged:
        names, moves, amounts = self.stage.names, self.moves, self.amounts
        return Staged(
            chain=int(self.stage.node.call("eth_chainId"), 16),
            tip=int(self.stage.node.call("eth_blockNumber"), 16),
            names=dict(names),
            thefts=(
                self._theft("ann", "drainer", "first", "usdt", TAKEN_USDT, ("approve", "drain")),
                self._theft("ben", "thief", "second", "usdc", TAKEN_USDC, ("permit", "take")),
            ),
            landings=self._landings(),
            swaps=(
                self._swap("mule1", "mule1", SPLIT[0] - BANKED, "", "sale 1"),
                self._swap("mule2", "mule2", SPLIT[1] - STRAY, "usdc", "sale 2"),
            ),
            to_another=self._swap("mule2", "stranger", STRAY, "", "sale 3"),
            frozen=(self._held("iced", "usdt", ICED, "freeze"),),
            destroyed=(self._held("burned", "usdt", SPLIT[2] - ICED, "destroy"),),
            resting=self._held("second", "usdc", TAKEN_USDC - BANKED_USDC, "second to forwarder1"),
            poisoned=tuple(self._poison_of(kind) for kind in POISONS),
            wraps=(moves["wrap"], moves["unwrap"]),
            failed=(moves["failed"],),
            undone=moves["undone"],
            taxed=(moves["taxed"], ETHER, amounts["taxed"]),
        )

    def _landings(self) -> tuple[Landing, ...]:
        moves, amounts, bought = self.moves, self.amounts, self.amounts["sale 2"]
        coin = amounts["sweep of account2, before"] + amounts["sweep of account2"]
        before = (moves["sweep of account1, before"], moves["sweep of account2, before"])
        rows = (
            (
                "account1",
                "usdt",
                BANKED,
                BANKED + BEFORE,
                BANKED + BEFORE,
                "mule1 to account1",
                "sweep of account1",
            ),
            ("account2", "", WRAPPED, WRAPPED + ETHER // 2, coin, "mule5 to account2", "sweep of account2"),
            ("forwarder1", "usdc", *(BANKED_USDC,) * 3, "second to forwarder1", "flush of dollars"),
            ("forwarder1", "", *(FORWARDED,) * 3, "mule4 to forwarder1", "flush of coins"),
            ("forwarder2", "usdc", *(bought,) * 3, "mule2 to forwarder2", "flush of dollars"),
        )
        earlier = {"account1": before[:1], "account2": before[1:]}
        return tuple(
            Landing(
                address=self.stage.names[who],
                form="account" if who in earlier else "forwarder",
                asset=self.stage.names.get(asset, ""),
                arrived=arrived,
                whole=whole,
                swept=swept,
                transactions=(moves[came],),
                sweeps=(*earlier.get(who, ()), moves[left]),
            )
            for who, asset, arrived, whole, swept, came, left in rows
        )

    def _theft(
        self, victim: str, spender: str, taker: str, asset: str, amount: int, how: tuple[str, str]
    ) -> Theft:
        names = self.stage.names
        return Theft(
            victim=names[victim],
            spender=names[spender],
            taker=names[taker],
            asset=names[asset],
            amount=amount,
            approval=self.moves[how[0]],
            transaction=self.moves[how[1]],
        )

    def _swap(self, who: str, to: str, sold: int, into: str, what: str) -> Swapped:
        names = self.stage.names
        return Swapped(
            who=names[who],
            to=names[to],
            asset=names["usdt"],
            sold=sold,
            into=names.get(into, ""),
            bought=self.amounts[what],
            transaction=self.moves[what],
        )

    def _held(self, who: str, asset: str, amount: int, what: str) -> Held:
        names = self.stage.names
        return Held(address=names[who], asset=names[asset], amount=amount, transaction=self.moves[what])

    def _poison_of(self, kind: PoisonKind) -> Poison:
        names = self.stage.names
        return Poison(
            kind=kind,
            transaction=self.moves[kind],
            look_alike=names["double"],
            imitates=names["account1"],
            aimed_at=names["mule1"],
            asset=names["fake" if kind == "counterfeit" else "usdt"],
        )


def look_alike(address: str) -> str:
    """An address with the same first four and last four characters, and nobody's key."""
    middle = "".join(f"{15 - int(digit, 16):x}" for digit in address[6:-4])
    return address[:6] + middle + address[-4:]
