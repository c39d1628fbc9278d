"""Links of ownership and candidates: when each rule speaks, and everything that silences it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from recover.sdk import Assertion, Coverage, Event, Grade, Heuristic, Scope, State
from recover.testing import HeuristicKit, Rows, Transfer, ledger
from recover_heuristics_account import recover_heuristics
from recover_heuristics_account.airdrops import AirdropParticipation
from recover_heuristics_account.approvals import known, popular
from recover_heuristics_account.drains import Drain
from recover_heuristics_account.growth import HotWalletGrowth
from recover_heuristics_account.links import ContractCreator, FirstFunder
from recover_heuristics_account.selves import SelfAuthorisation

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"
TOKEN = f"{CHAIN}/erc20:0x{'a' * 40}"
Row = tuple[str | None, str | None, int]


def label(address: str, role: str = "other", service: str = "", grade: Grade = "B") -> Assertion:
    about = {"kind": "label", "chain": CHAIN, "method": "m", "version": "1"}
    return Assertion(address=address, role=role, service=service, grade=grade, **about)  # type: ignore[arg-type]


def pay(rows: Iterable[Row], asset: str = COIN, **more: Any) -> list[Transfer]:
    return [Transfer(src=s, dst=d, amount=a, asset=asset, chain=CHAIN, **more) for s, d, a in rows]


def covers(*names: str) -> list[Coverage]:
    return [Coverage(chain=CHAIN, address=name) for name in names]


def ask(heuristic: Heuristic, found: Rows, **parameters: int) -> list[dict[str, Any]]:
    batches = heuristic.assertions(found, Scope(parameters=parameters))
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


def ends(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(r["address"], r["other"], r["grade"]) for r in rows]


FUNDED: list[Row] = [("f", "a", 5), ("g", "a", 9), ("a", "x", 3)]


def test_the_first_to_pay_the_coin_is_linked() -> None:
    (row,) = ask(FirstFunder(), ledger(pay(FUNDED), coverage=covers("a")))
    assert ends([row]) == [("a", "f", "E")]
    assert (row["kind"], row["transactions"], row["params"]) == ("same-owner", ["T1"], '{"funded":1}')


@pytest.mark.parametrize(
    ("moves", "labels", "states", "covered"),
    [
        pytest.param(pay(FUNDED), [], [], "", id="its history is not here"),
        pytest.param(pay(FUNDED), [label("f", service="Exchange")], [], "a", id="a service paid"),
        pytest.param(pay(FUNDED), [label("f", "bridge")], [], "a", id="a bridge paid"),
        pytest.param(pay(FUNDED), [label("a", "hot-wallet", "X")], [], "a", id="a service was paid"),
        pytest.param(
            pay(FUNDED), [], [State(kind="code", chain=CHAIN, address="f", amount=2)], "a", id="a contract"
        ),
        pytest.param(pay(FUNDED, TOKEN), [], [], "a", id="a token is no coin"),
        pytest.param(pay([("a", "x", 1), *FUNDED]), [], [], "a", id="it paid before it was paid"),
        pytest.param([*pay([("a", None, 1)], kind="fee"), *pay(FUNDED)], [], [], "a", id="it paid a fee before"),
        pytest.param(pay([(None, "a", 1), *FUNDED]), [], [], "a", id="a coin newly made came first"),
    ],
)
def test_first_funder_is_silent(
    moves: list[Transfer], labels: list[Assertion], states: list[State], covered: str
) -> None:
    assert ask(FirstFunder(), ledger(moves, labels=labels, states=states, coverage=covers(*covered))) == []


def test_a_popular_funder_is_a_service() -> None:
    rows: list[Row] = [*FUNDED, *(("f", f"b{n}", 1) for n in range(100))]
    assert ask(FirstFunder(), ledger(pay(rows), coverage=covers("a"))) == []
    assert len(ask(FirstFunder(), ledger(pay(rows[:-1]), coverage=covers("a")))) == 1


def test_dust_left_out_is_nobodys_first_coin() -> None:
    """T4.3: a poisoning transfer makes no link."""
    dust = pay([("p", "a", 1)], excluded="address poisoning")
    assert ends(ask(FirstFunder(), ledger([*dust, *pay(FUNDED)], coverage=covers("a")))) == [("a", "f", "E")]


def create(maker: str, name: str, tx: str = "T1") -> Event:
    return Event(kind="create", chain=CHAIN, tx=tx, contract=maker, address=maker, other=name)


SENT = [replace(t, facts='{"from":"dev"}') for t in pay([("dev", None, 1)], kind="fee")]


def test_the_account_that_created_a_contract_is_linked() -> None:
    found = ask(ContractCreator(), ledger(SENT, events=[create("dev", "C")]))
    assert ends(found) == [("C", "dev", "D")]
    assert json.loads(found[0]["params"]) == {"created": 1, "factory": ""}


def test_behind_a_factory_stands_who_called_it() -> None:
    code = State(kind="code", chain=CHAIN, address="factory", amount=7)
    found = ask(ContractCreator(), ledger(SENT, events=[create("factory", "C")], states=[code]))
    assert ends(found) == [("C", "dev", "D")]
    assert json.loads(found[0]["params"])["factory"] == "factory"
    unknown = pay([("x", "y", 1)])
    assert ask(ContractCreator(), ledger(unknown, events=[create("factory", "C")], states=[code])) == []


def test_who_creates_for_many_is_linked_to_none() -> None:
    many = [create("dev", f"C{n}") for n in range(101)]
    assert ask(ContractCreator(), ledger(SENT, events=many)) == []
    assert len(ask(ContractCreator(), ledger(SENT, events=many[1:]))) == 100
    known_one = ledger(SENT, events=many[:1], labels=[label("dev", service="Exchange")])
    assert ask(ContractCreator(), known_one) == []


def test_a_factory_with_many_callers_is_anybodys() -> None:
    sent = [replace(SENT[0], src=f"u{n}", tx=f"T{n}", facts=json.dumps({"from": f"u{n}"})) for n in range(3)]
    events = [create("factory", f"C{n}", f"T{n}") for n in range(3)]
    code = [State(kind="code", chain=CHAIN, address="factory", amount=7)]
    assert ask(ContractCreator(), ledger(sent, events=events, states=code), callers=2) == []
    assert len(ask(ContractCreator(), ledger(sent, events=events, states=code), callers=3)) == 3


def approve(owner: str, spender: str, tx: str = "T2") -> Event:
    return Event(
        kind="approve", chain=CHAIN, tx=tx, contract="t", address=owner, other=spender, asset=TOKEN, amount=9
    )


def spend(owner: str, taker: str, sender: str, tx: str = "T3") -> Transfer:
    facts = json.dumps({"from": sender, "to": "token"})
    return Transfer(src=owner, dst=taker, amount=9, asset=TOKEN, chain=CHAIN, tx=tx, facts=facts)


def own(*more: Transfer, events: Sequence[Event] = (approve("a", "b"),), **rest: Any) -> Rows:
    """T1: `a` pays `c`, an address of its own. T2: `a` approves `b`. Then `more`."""
    fee = Transfer(src="a", dst=None, amount=1, asset=COIN, chain=CHAIN, tx="T2", kind="fee", facts='{"from":"a"}')
    return ledger([*pay([("a", "c", 5)], tx="T1"), fee, *more], events=events, **rest)


def test_spending_to_addresses_that_the_owner_knew_is_of_one_owner() -> None:
    assert ends(ask(SelfAuthorisation(), own(spend("a", "c", "b")))) == [("a", "b", "D")]


def test_a_drain_clusters_nobody() -> None:
    """T4.2: the victim approves the thief; that is a drain, and no sign of one owner."""
    made = own(spend("a", "stranger", "b"))
    assert ask(SelfAuthorisation(), made) == []
    assert [(r["kind"], r["address"]) for r in ask(Drain(), made)] == [("drain", "a")]
    assert ask(Drain(), own(spend("a", "c", "b"))) == [], "and what is of one owner is no drain"


CODE = State(kind="code", chain=CHAIN, address="b", amount=1)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(own(spend("a", "c", "b"), spend("a", "stranger", "b", "T4")), id="once to a stranger"),
        pytest.param(own(spend("a", "b", "b")), id="to itself"),
        pytest.param(own(spend("a", "c", "relayer")), id="sent by another"),
        pytest.param(own(spend("a", "c", "b"), labels=[label("b", "contract")]), id="a labelled router"),
        pytest.param(own(spend("a", "c", "b"), labels=[label("c", "deposit", "X")]), id="to a service"),
        pytest.param(own(spend("a", "c", "b"), labels=[label("b", "sanctioned")]), id="a sanctioned spender"),
        pytest.param(own(spend("a", "c", "b"), states=[CODE]), id="a contract"),
        pytest.param(own(spend("a", "c", "b"), events=[]), id="no approval"),
    ],
)
def test_self_authorisation_is_silent(made: Rows) -> None:
    assert ask(SelfAuthorisation(), made) == []


def test_a_spender_of_many_owners_is_a_service() -> None:
    rows = [*pay([(o, "c", 5) for o in "aefg"], tx="T1"), *(spend(o, "c", "b", "T3") for o in "aefg")]
    events = [approve(o, "b") for o in "aefg"]
    assert ask(SelfAuthorisation(), own(*rows, events=events)) == []
    assert len(ask(SelfAuthorisation(), own(*rows, events=events), owners=4)) == 4


def gift(recipients: int = 1000, amount: int = 7, at: int = 1) -> list[Transfer]:
    return pay([("drop", f"r{n:04}", amount) for n in range(recipients)], TOKEN, height=at, tx="D")


def passed(*numbers: int, to: str = "x", heights: Sequence[int] = (), amount: int = 7) -> list[Transfer]:
    at = heights or range(10, 10 + len(numbers))
    return [
        Transfer(src=f"r{n:04}", dst=to, amount=amount, asset=TOKEN, chain=CHAIN, height=h, tx=f"P{n}")
        for n, h in zip(numbers, at, strict=True)
    ]


def test_a_gift_taken_many_times_links_the_takers() -> None:
    found = ask(AirdropParticipation(), ledger([*gift(), *passed(3, 1, 2)]))
    assert ends(found) == [("r0002", "r0001", "E"), ("r0003", "r0001", "E")]
    assert found[0]["transactions"] == ["P1", "P2"]
    assert json.loads(found[0]["params"]) == {"collector": "x", "recipients": 3}


@pytest.mark.parametrize(
    ("rows", "labels"),
    [
        pytest.param([*gift(999), *passed(1, 2)], [], id="999 recipients are no distribution"),
        pytest.param([*gift(), *passed(1)], [], id="one"),
        pytest.param([*gift(), *passed(1, 2, heights=(10, 13))], [], id="three blocks apart"),
        pytest.param([*gift(), *passed(1, 2, amount=6)], [], id="another amount"),
        pytest.param([*passed(1, 2), *gift()], [], id="before the gift"),
        pytest.param([*gift(), *passed(1, 2, to="drop")], [], id="back to the giver"),
        pytest.param([*gift(), *passed(1, 2)], [label("x", "hot-wallet", "Exchange")], id="to an exchange"),
        pytest.param([*gift(), *passed(*range(101), heights=[9] * 101)], [], id="to who collects from many"),
    ],
)
def test_airdrop_is_silent(rows: list[Transfer], labels: list[Assertion]) -> None:
    assert ask(AirdropParticipation(), ledger(rows, labels=labels)) == []


def test_gifts_beyond_64_bits_are_compared_exactly() -> None:
    big = 2**200
    assert len(ask(AirdropParticipation(), ledger([*gift(1000, big), *passed(1, 2, amount=big)]))) == 1
    assert ask(AirdropParticipation(), ledger([*gift(1000, big), *passed(1, 2, amount=big + 1)])) == []


def farm(deposits: int, to: str = "K") -> tuple[list[Row], list[str]]:
    """So many deposit addresses of one exchange, each of which also pays `to` a little."""
    names = [f"D{n:02}" for n in range(deposits)]
    return [row for n in names for row in ((n, "H", 50), (n, "H", 48), (n, to, 2))], names


EXCHANGE = label("H", "hot-wallet", "Exchange")


def test_what_twenty_deposit_addresses_pay_is_a_candidate() -> None:
    rows, names = farm(20)
    (row,) = ask(HotWalletGrowth(), ledger(pay(rows), labels=[EXCHANGE], coverage=covers(*names)))
    assert (row["kind"], row["address"], row["service"], row["grade"]) == ("hub", "K", "", "E")
    params = json.loads(row["params"])
    assert (params["candidate"], params["deposits"], params["depth"], params["withdrawals"]) == (
        "Exchange",
        20,
        1,
        0,
    )
    assert params["first"] == "2026-01-01 00:02:00+00:00"
    assert params["last"] == "2026-01-01 00:59:00+00:00"


@pytest.mark.parametrize(
    ("deposits", "labels", "states"),
    [
        pytest.param(19, [], [], id="nineteen"),
        pytest.param(20, [label("K")], [], id="it has a label"),
        pytest.param(20, [], [State(kind="code", chain=CHAIN, address="K", amount=3)], id="a contract"),
    ],
)
def test_no_candidate(deposits: int, labels: list[Assertion], states: list[State]) -> None:
    rows, names = farm(deposits)
    made = ledger(pay(rows), labels=[EXCHANGE, *labels], states=states, coverage=covers(*names))
    assert ask(HotWalletGrowth(), made) == []


def trips(count: int, paid: int, wallet: str = "H") -> list[Row]:
    there: list[Row] = [("K", wallet, 100), (wallet, "K", 100)]
    return [*there * count, *(("K", f"u{n}", 1) for n in range(paid))]


def test_round_trips_with_a_seed_and_many_withdrawals_make_a_candidate() -> None:
    (row,) = ask(HotWalletGrowth(), ledger(pay(trips(10, 100)), labels=[EXCHANGE]))
    assert (row["address"], json.loads(row["params"])["withdrawals"]) == ("K", 100)
    assert ask(HotWalletGrowth(), ledger(pay(trips(9, 100)), labels=[EXCHANGE])) == []
    assert ask(HotWalletGrowth(), ledger(pay(trips(10, 99)), labels=[EXCHANGE])) == []


def test_what_deals_with_two_services_is_a_market_maker() -> None:
    rows = [*trips(10, 100), *trips(10, 0, "J")]
    known_ones = [EXCHANGE, label("J", "hot-wallet", "Other")]
    assert ask(HotWalletGrowth(), ledger(pay(rows), labels=known_ones)) == []


def test_a_candidate_is_no_seed() -> None:
    """K is a candidate; what deals so with K alone is none."""
    rows = [*trips(10, 100), *([("K", "M", 100), ("M", "K", 100)] * 20), *(("M", f"w{n}", 1) for n in range(200))]
    found = ask(HotWalletGrowth(), ledger(pay(rows), labels=[EXCHANGE]))
    assert [r["address"] for r in found] == ["K"]


def test_the_list_of_spenders_is_dated_and_found_in_any_letters() -> None:
    permit2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
    assert known("eip155:1", permit2.lower())
    assert known("eip155:8453", permit2)
    assert not known("eip155:10", "0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D"), "a router of one chain only"
    assert len(popular()) == 17


def test_every_heuristic_says_that_it_was_not_measured_or_shows_its_card() -> None:
    for heuristic in recover_heuristics():
        info = heuristic.info
        assert info.card is not None or "not measured" in info.citation, info.id


class TestFirstFunderConformance(HeuristicKit):
    heuristic = FirstFunder()
    evidence = ledger(pay([*FUNDED, ("q", "b", 1)]), coverage=covers("a", "b"))


class TestCreatorConformance(HeuristicKit):
    heuristic = ContractCreator()
    evidence = ledger(SENT, events=[create("dev", "C"), create("dev", "E")])


class TestSelfConformance(HeuristicKit):
    heuristic = SelfAuthorisation()
    evidence = own(spend("a", "c", "b"))


class TestAirdropConformance(HeuristicKit):
    heuristic = AirdropParticipation()
    evidence = ledger([*gift(), *passed(3, 1, 2)])


class TestGrowthConformance(HeuristicKit):
    heuristic = HotWalletGrowth()
    evidence = ledger(pay([*farm(20)[0], *trips(10, 100)]), labels=[EXCHANGE], coverage=covers(*farm(20)[1]))
