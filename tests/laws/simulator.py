"""Tracing with one token for each unit: slow, obvious, and written without the engine, to check it.

Every address has a wallet, a plain list of tokens in the order of arrival. A token is [origin, label]: the move
(or the address whose opening balance) it came from, and the loss it carries, None for clean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

Token = list[object]
Wallet = list[Token]


@dataclass
class Ledger:
    """Moves are (src, dst, amount, fee?); -1 is nobody. Claims as in the engine; `elections` are (move, loss)."""

    moves: list[tuple[int, int, int, bool]]
    stop: list[int]
    known: list[bool]
    by_move: list[tuple[int, int, int]] = field(default_factory=list)
    by_address: list[tuple[int, int, int, int]] = field(default_factory=list)
    elections: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Found:
    starts: Counter[int] = field(default_factory=Counter)
    carried: Counter[tuple[int, int]] = field(default_factory=Counter)
    ends: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    origins: dict[int, Counter[object]] = field(default_factory=dict)
    openings: dict[int, int] = field(default_factory=dict)
    credited: Counter[tuple[int, int]] = field(default_factory=Counter)
    passed: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    paid: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    fees: Counter[tuple[int, int]] = field(default_factory=Counter)


def followed(ledger: Ledger, address: int) -> bool:
    declared = any(place[0] == address for place in ledger.by_address)
    return address != -1 and not ledger.stop[address] and (ledger.known[address] or declared)


def openings(ledger: Ledger) -> dict[int, int]:
    """The least opening balance with which no address is ever overdrawn, found by trying."""
    found = {}
    for address in range(len(ledger.stop)):
        opening = balance = 0
        for src, dst, amount, _ in ledger.moves:
            if src == dst:
                continue
            if src == address:
                balance -= amount
                while balance < 0:
                    opening += 1
                    balance += 1
            if dst == address:
                balance += amount
        found[address] = opening
    return found


def take(wallet: Wallet, amount: int, rule: str, elected: set[int] | None = None) -> Wallet:
    """Removes `amount` tokens by the rule."""
    taken: Wallet = []
    if elected:
        theirs = [t for t in wallet if t[1] in elected]
        taken += _shared(wallet, min(amount, len(theirs)), lambda t: t[1] in elected)
        amount -= len(taken)
    if rule in ("libr", "libr-fifo", "oatway"):
        own = [t for t in wallet if t[1] is None][:amount]
        taken += _remove(wallet, own)
        amount -= len(own)
    if rule in ("libr", "oatway", "prorata"):
        return taken + _shared(wallet, amount, lambda t: True)
    if rule == "lifo":
        return taken + _remove(wallet, wallet[::-1][:amount])
    if rule in ("tainted_first", "highest_out"):
        traced = [t for t in wallet if t[1] is not None] + [t for t in wallet if t[1] is None]
        return taken + _remove(wallet, traced[:amount])
    return taken + _remove(wallet, wallet[:amount])


def _remove(wallet: Wallet, tokens: Wallet) -> Wallet:
    gone = {id(t) for t in tokens}
    wallet[:] = [t for t in wallet if id(t) not in gone]
    return tokens


def _shared(wallet: Wallet, amount: int, among: Callable[[Token], bool]) -> Wallet:
    """Pro rata by label over the tokens `among`; whole quotas first, then the largest fractions, then the
    oldest."""
    labels = list(dict.fromkeys(t[1] for t in wallet if among(t)))
    count = Counter(t[1] for t in wallet if among(t))
    if not amount:
        return []
    quota = {label: Fraction(amount * count[label], sum(count.values())) for label in labels}
    part = {label: int(quota[label]) for label in labels}
    rest = sorted(labels, key=lambda label: (part[label] - quota[label], labels.index(label)))
    for label in rest[: amount - sum(part.values())]:
        part[label] += 1
    taken: Wallet = []
    for label in labels:  # the newest go, so that the oldest token keeps the label's place
        taken += [t for t in wallet if t[1] == label][::-1][: part[label]]
    return _remove(wallet, taken)


def simulate(ledger: Ledger, rule: str) -> Found:
    """Runs the ledger token by token."""
    found = Found(openings=openings(ledger))
    wallets: dict[int, Wallet] = {
        address: [[("opening", address), None] for _ in range(opening)]
        for address, opening in found.openings.items()
    }
    for number, (src, dst, amount, fee) in enumerate(ledger.moves):
        if src == dst != -1:
            continue
        if followed(ledger, src):
            elected = {loss for move, loss in ledger.elections if move == number}
            tokens = take(wallets[src], amount, rule, elected)
        else:
            tokens = [[number, None] for _ in range(amount)]
        found.origins[number] = Counter(t[0] for t in tokens)
        held = [t[1] for t in tokens]
        _begin(ledger, number, dst, tokens, found)
        for before, t in zip(held, tokens, strict=True):
            if t[1] is not None:
                found.carried[number, t[1]] += 1  # type: ignore[index]
                found.credited[dst, t[1]] += 1  # type: ignore[index]
                found.passed[src if before is not None else dst, dst, t[1]] += 1  # type: ignore[index]
        if followed(ledger, dst):
            wallets[dst] += tokens
            continue
        reason = "fee" if fee else "burn"
        if dst != -1:
            reason = str(ledger.stop[dst]) if ledger.stop[dst] else "uncollected"
        _end(found, tokens, src if dst == -1 else dst, reason)
    for address, wallet in wallets.items():
        if followed(ledger, address):
            _end(found, wallet, address, "rest")
    return found


def _begin(ledger: Ledger, number: int, dst: int, tokens: Wallet, found: Found) -> None:
    wanted = [(loss, k, amount) for k, (move, loss, amount) in enumerate(ledger.by_move) if move == number]
    wanted += [
        (loss, 10**6 + k, len(tokens))
        for k, (address, loss, first, last) in enumerate(ledger.by_address)
        if address == dst and first <= number <= last
    ]
    for loss, _, amount in sorted(wanted):
        for t in [t for t in tokens if t[1] is None][:amount]:
            t[1] = loss
            found.starts[loss] += 1


def _end(found: Found, tokens: Wallet, address: int, reason: str) -> None:
    for t in tokens:
        if t[1] is not None:
            found.ends[address, t[1], reason] += 1  # type: ignore[index]


def exact(ledger: Ledger) -> tuple[dict[tuple[int, int], Fraction], dict[int, int]]:
    """Rolling pro rata in fractions: what each (move, loss) carries, and how many debits came before each move.

    Only for claims of whole moves by one loss each: a claim of a part depends on what the rounded lots leave
    clean.
    """
    held: dict[int, dict[int, Fraction]] = {
        address: {-1: Fraction(opening)} for address, opening in openings(ledger).items()
    }
    carried: dict[tuple[int, int], Fraction] = {}
    debits: dict[int, int] = {}
    count = 0
    begins = {move: loss for move, loss, _ in ledger.by_move}
    for number, (src, dst, amount, _) in enumerate(ledger.moves):
        if src == dst != -1:
            continue
        lots = {-1: Fraction(amount)}
        if followed(ledger, src):
            whole = sum(held[src].values())
            lots = {label: size * amount / whole for label, size in held[src].items()} if whole else {}
            for label, size in lots.items():
                held[src][label] -= size
            count += 1
        if number in begins:
            lots[begins[number]] = lots.get(begins[number], Fraction(0)) + lots.pop(-1, Fraction(0))
        debits[number] = count
        carried |= {(number, label): size for label, size in lots.items() if label != -1}
        if followed(ledger, dst):
            for label, size in lots.items():
                held[dst][label] = held[dst].get(label, Fraction(0)) + size
    return carried, debits


@dataclass
class Chain:
    """Transactions are (inputs, outputs, coinbase?, mix): inputs are coin numbers, or ("new", amount); outputs are
    (address, amount). `blocks` says which block each is in."""

    transactions: list[tuple[list[int | tuple[str, int]], list[tuple[int, int]], bool, int]]
    blocks: list[int]
    stop: list[int]
    known: list[bool]
    by_coin: list[tuple[int, int, int]] = field(default_factory=list)
    by_address: list[tuple[int, int, int, int]] = field(default_factory=list)


def spend(chain: Chain, rule: str, follow: str) -> Found:
    """Runs the transactions token by token. In `Found` a move is a coin, and fees end at (-1, loss, "fee")."""
    found = Found()
    coins: dict[int, Wallet] = {}
    owner = [address for _, outputs, _, _ in chain.transactions for address, _ in outputs]
    firsts = [sum(len(t[1]) for t in chain.transactions[:i]) for i in range(len(chain.transactions) + 1)]
    fees: dict[int, Wallet] = {}
    order = range(len(chain.transactions))
    if follow != "stop":
        order = sorted(order, key=lambda i: (chain.blocks[i], chain.transactions[i][2], i))  # type: ignore[assignment]
    minted = {chain.blocks[i] for i in order if chain.transactions[i][2]}
    for i in order:
        inputs, outputs, coinbase, mix = chain.transactions[i]
        pool: Wallet = []
        payers = set()
        for place, spent in enumerate(inputs):
            if isinstance(spent, int):
                payers.add(owner[spent])
                pool += coins.pop(spent)
            else:
                pool += [[(i, place), None] for _ in range(spent[1])]
        if mix:
            for t in pool:
                if t[1] is not None:
                    found.ends[t[2], t[1], str(mix)] += 1  # type: ignore[index]
            pool = [[None, None] for _ in pool]
        if coinbase and follow != "stop":
            paid = [t for j in sorted(fees) for t in fees.pop(j)]
            pool = paid + pool if follow == "taintchain" else pool + paid
        elif coinbase:
            pool += [[("fees", i), None] for _ in range(max(0, sum(a for _, a in outputs) - len(pool)))]
        filled: dict[int, Wallet] = {}
        brought = [(t[1], t[2]) for t in pool if t[1] is not None]
        places = (
            sorted(range(len(outputs)), key=lambda k: -outputs[k][1])
            if rule == "highest_out"
            else range(len(outputs))
        )
        for k in places:
            filled[k] = take(pool, outputs[k][1], rule)
        if follow == "stop" and not mix:
            _owned(found, brought, [(firsts[i] + k, filled[k]) for k in places], pool, rule)
        for k, (address, _) in enumerate(outputs):
            coin, tokens = firsts[i] + k, filled[k]
            for t in tokens:
                t[0] = ("coin", coin) if mix or coinbase else t[0]
            found.origins[coin] = Counter(t[0] for t in tokens)
            _claim(chain, coin, -2 if address in payers else address, tokens, found)
            for t in tokens:
                t[2:] = [address]
                if t[1] is not None:
                    found.carried[coin, t[1]] += 1  # type: ignore[index]
            reason = "burn" if address == -1 else str(chain.stop[address]) if chain.stop[address] else ""
            if reason:
                _end(found, tokens, address, reason)
                tokens = [[("coin", coin), None, address] for _ in tokens]
            coins[coin] = tokens
        if coinbase and follow != "stop":
            _end(found, pool, -1, "burn")
        elif follow != "stop" and chain.blocks[i] in minted:
            fees[i] = take(pool, len(pool), rule)
        else:
            _end(found, pool, -1, "fee")
    declared = {place[0] for place in chain.by_address}
    for coin, tokens in coins.items():
        address = owner[coin]
        if address != -1:
            _end(found, tokens, address, "rest" if chain.known[address] or address in declared else "uncollected")
    return found


def _owned(
    found: Found, brought: list[tuple[object, object]], filled: list[tuple[int, Wallet]], fee: Wallet, rule: str
) -> None:
    """Whose tokens of a loss an output took, and the fee: a rule that goes by order takes these tokens, and one
    that goes by shares parts those of one loss among their owners as it parts tokens among losses."""
    wallets: dict[object, Wallet] = {}
    for loss, owner in brought:
        wallets.setdefault(loss, []).append([None, owner, loss])
    for coin, tokens in [*filled, (-1, fee)]:
        mine = [[None, t[2], t[1]] for t in tokens if t[1] is not None]
        if rule in ("prorata", "libr", "oatway"):
            count = Counter(t[2] for t in mine)
            mine = [t for loss, n in count.items() for t in take(wallets[loss], n, "prorata")]
        for _, owner, loss in mine:
            if coin < 0:
                found.fees[owner, loss] += 1  # type: ignore[index]
            else:
                found.paid[owner, coin, loss] += 1  # type: ignore[index]


def _claim(chain: Chain, coin: int, address: int, tokens: Wallet, found: Found) -> None:
    moves = Ledger(moves=[], stop=[], known=[], by_move=chain.by_coin, by_address=chain.by_address)
    _begin(moves, coin, address, tokens, found)
