"""Made-up wallets on an account chain, by a script that says what each address is: the truth of the account cards.

Exchanges with hot wallets, labelled and not; deposit addresses that are swept often, once, in part or into a
wallet that nobody labels; and what looks like them: private wallets that pay an exchange once, always, or among
others, customers of a service that is itself a customer, and forwarders of instant swaps. How many there are of
each kind is made up, so a rate says how the rule behaves on these kinds and not how often each is met on a chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from recover.sdk import Assertion, Coverage
from recover.testing import Rows, Transfer, ledger

CHAIN = "test:1"
SERVICES = ("Alpha", "Beta", "Gamma", "Delta")
ABOUT = (
    "made-up wallets on an account chain: deposit addresses of four exchanges, private wallets that pay "
    "exchanges, customers of a nested service, swap forwarders; how many of each kind is made up"
)
SCRIPT = "the script that made the wallets"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`owners` is address -> the exchange that gave it to a customer, empty for every other address."""

    ledger: Rows
    owners: Mapping[str, str]
    kinds: Mapping[str, str]


@dataclass(slots=True)
class _Maker:
    random: Random
    moves: list[Transfer] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)

    def address(self, kind: str, owner: str = "") -> str:
        made = f"{kind}{len(self.kinds)}"
        self.owners[made], self.kinds[made] = owner, kind
        return made

    def pay(self, src: str, dst: str, amount: int) -> None:
        self.moves.append(Transfer(src=src, dst=dst, amount=amount))

    def filled(self, address: str, times: int) -> int:
        """Deposits from strangers, and their sum."""
        amounts = [self.random.randint(10, 10_000) for _ in range(times)]
        for n, amount in enumerate(amounts):
            self.pay(f"out{address}-{n}", address, amount)
        return sum(amounts)

    def split(self, whole: int, parts: int) -> list[int]:
        """A sum in so many parts, each at least one."""
        cuts = sorted(self.random.sample(range(1, whole), min(parts - 1, whole - 1)))
        return [b - a for a, b in zip([0, *cuts], [*cuts, whole], strict=True)]


def _hot(service: str, labelled: bool = True) -> str:
    return f"{service}-{'hot' if labelled else 'cold'}"


def _deposits(m: _Maker, service: str) -> None:
    """Addresses that an exchange gave to customers, and empties in its own ways."""
    for kind, count, ways in (
        ("swept", 30, (2, 12)),  # several sweeps of all that came
        ("once", 10, (1, 1)),
        ("partly", 10, (2, 4)),  # some is still there
        ("apart", 6, (2, 4)),  # into a wallet that nobody labels
    ):
        for _ in range(count):
            at = m.address(kind, service)
            whole = m.filled(at, m.random.randint(1, 6))
            sent = whole * 6 // 10 if kind == "partly" else whole
            for part in m.split(sent, m.random.randint(*ways)):
                m.pay(at, _hot(service, kind != "apart"), part)


def _private(m: _Maker, service: str) -> None:
    """Wallets of persons, who pay an exchange as a customer does."""
    for kind, count in (("payer", 15), ("faithful", 4), ("trader", 20), ("shopper", 15)):
        for _ in range(count):
            at = m.address(kind)
            whole = m.filled(at, m.random.randint(1, 5))
            parts = m.split(whole * 9 // 10, 4)
            if kind == "payer":  # once, beside other payments
                m.pay(at, _hot(service), parts[0])
                for n, part in enumerate(parts[1:]):
                    m.pay(at, f"shop{at}-{n}", part)
            elif kind == "faithful":  # nothing but one exchange, again and again
                for part in parts:
                    m.pay(at, _hot(service), part)
            elif kind == "trader":  # two exchanges
                other = m.random.choice([s for s in SERVICES if s != service])
                for n, part in enumerate(parts):
                    m.pay(at, _hot(service if n % 2 else other), part)
            else:
                for n, part in enumerate(parts):
                    m.pay(at, f"shop{at}-{n}", part)


def _forwarded(m: _Maker, service: str) -> None:
    """Addresses of others behind an exchange: a broker's customers, and fresh addresses of an instant swap."""
    broker = m.address("broker", service)  # a deposit address that the exchange gave to the broker
    for _ in range(8):
        at = m.address("nested")
        whole = m.filled(at, 3)
        for part in m.split(whole, 2):
            m.pay(at, broker, part)
            m.pay(broker, _hot(service), part)
    for _ in range(3):
        at = m.address("swap")
        m.pay(at, _hot(service), m.filled(at, 1))


def world(seed: int = 1) -> World:
    """The whole of it; the same seed gives the same."""
    m = _Maker(Random(seed))
    for service in SERVICES:
        for make in _MAKERS:
            make(m, service)
    return World(ledger=ledger(m.moves, labels=_labels(), coverage=_covered(m)), owners=m.owners, kinds=m.kinds)


CROWDS = (
    "made-up wallets on an account chain, none labelled: where exchanges collect, merchants with buyers of many "
    "places and with loyal ones, persons who gather what is their own; how many of each kind is made up"
)


def crowds(seed: int = 1) -> World:
    """Addresses that many pay; `owners` names those at which a service collects what customers sent."""
    m = _Maker(Random(seed))
    for kind, count, senders, whole in (
        ("collects", 30, (3, 8), True),  # empties its customers' addresses into it
        ("small", 10, (1, 2), True),  # the same, of too few customers
        ("merchant", 30, (5, 15), False),  # its buyers pay others too
        ("loyal", 10, (3, 6), True),  # its buyers pay nobody else
        ("gatherer", 10, (2, 6), True),  # one person's own wallets
    ):
        for _ in range(count):
            at = m.address(kind, "a service" if kind in ("collects", "small") else "")
            for n in range(m.random.randint(*senders)):
                sender = f"{at}-{n}"
                m.members.append(sender)
                had = m.filled(sender, m.random.randint(1, 4))
                m.pay(sender, at, had if whole else had // 3)
                if not whole:
                    m.pay(sender, f"shop{sender}", had - had // 3)
    # Whose history is here is followed itself: what a hub is, is asked where it is not.
    covered = [Coverage(chain=CHAIN, address=name) for name in m.members]
    return World(ledger=ledger(m.moves, labels=(), coverage=covered), owners=m.owners, kinds=m.kinds)


_MAKERS: tuple[Callable[[_Maker, str], None], ...] = (_deposits, _private, _forwarded)


def _labels() -> Iterator[Assertion]:
    for service in SERVICES:
        yield Assertion(
            kind="label",
            chain=CHAIN,
            address=_hot(service),
            service=service,
            label=f"{service} hot wallet",
            role="hot-wallet",
            category="exchange",
            grade="B",
            source="the script",
            method="script",
            version="1",
        )


def _covered(m: _Maker) -> Iterator[Coverage]:
    for address in m.kinds:
        yield Coverage(chain=CHAIN, address=address)
