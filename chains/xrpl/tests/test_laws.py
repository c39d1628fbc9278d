"""What holds of every transaction, whatever it did: legs sum to zero, and to what each account gained."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from recover.sdk import amounts
from recover.testing import exhibit, rows
from recover_chain_xrpl import XrplServer
from recover_chain_xrpl.assets import value
from recover_chain_xrpl.testing.made import Done, account, line, root, rpc, second

COIN = "xrpl:0/slip44:144"
PEOPLE = tuple(account(f"person {n}") for n in range(5))
ISSUER = account("issuer")
USD = f"xrpl:0/token:USD.{ISSUER}"

drops = st.integers(0, 10**17)
# 16 digits and a power of ten, as the ledger keeps an issued amount.
held = st.builds(lambda m, e: f"{m}e{e}" if m else "0", st.integers(0, 10**16 - 1), st.integers(-20, 10))


@st.composite
def moved(draw: st.DrawFn) -> tuple[list[int], list[int], int, list[tuple[str, str]]]:
    """Drops before and after of each person, the fee that the first paid, and what each held of the token."""
    before = draw(st.lists(drops, min_size=5, max_size=5))
    fee = draw(st.integers(0, min(before[0], 10**6)))
    left = sum(before) - fee
    cuts = sorted(draw(st.lists(st.integers(0, left), min_size=4, max_size=4)))
    after = [b - a for a, b in zip([0, *cuts], [*cuts, left], strict=True)]
    return before, after, fee, draw(st.lists(st.tuples(held, held), min_size=5, max_size=5))


@given(moved())
@settings(deadline=None, max_examples=80)
def test_legs_sum_to_zero_and_to_what_each_gained(given: Any) -> None:
    before, after, fee, tokens = given
    nodes = [root(who, b, a) for who, b, a in zip(PEOPLE, before, after, strict=True)]
    nodes += [line(who, "USD", ISSUER, b, a) for who, (b, a) in zip(PEOPLE, tokens, strict=True)]
    done = Done(kind="OfferCreate", account=PEOPLE[0], fee=fee, nodes=nodes)
    found = rows(XrplServer().decode(exhibit("tx.json", rpc(second(done)))))
    assert found["transactions"][0]["whole"]
    assert found["gaps"] == []
    sums: dict[str, int] = {}
    nets: dict[tuple[str | None, str], int] = {}
    for leg in found["legs"]:
        amount = amounts.join(leg["amount"], leg["wide"])
        sums[leg["asset"]] = sums.get(leg["asset"], 0) + amount
        key = (leg["address"], leg["asset"])
        nets[key] = nets.get(key, 0) + amount
    assert not any(sums.values())
    for who, b, a, (had, has) in zip(PEOPLE, before, after, tokens, strict=True):
        assert nets.get((who, COIN), 0) == a - b
        assert nets.get((who, USD), 0) == value(has) - value(had)
    # An issuer holds none of its own: what comes back to it ends, and what it gives begins.
    assert nets.get((ISSUER, USD), 0) == 0
    assert nets.get((None, COIN), 0) == fee
