from collections.abc import Iterator

import pyarrow as pa
from recover_chain_toy.chain import CHAIN, COIN, Toy
from recover_chain_toy.source import Payments, _lines

from recover.sdk import Batch, Exhibit, table
from recover.testing import ChainKit, Expected, SourceKit, Stated, exhibit, rows

FILE = b"# toy payments\n1 toy-ann toy-bob 250\n2 toy-bob toy-eve 115792089237316195423570985008687907853269\n"
EXAMPLES = (exhibit("payments.txt", FILE),)
EXPECTED = Expected(
    example=EXAMPLES[0],
    taken="Read off the lines of the file.",
    transactions=(
        Stated(id="1", nets={("toy-ann", COIN.id): -250, ("toy-bob", COIN.id): 250}, failed=False),
        Stated(
            id="2",
            nets={
                ("toy-bob", COIN.id): -115792089237316195423570985008687907853269,
                ("toy-eve", COIN.id): 115792089237316195423570985008687907853269,
            },
        ),
    ),
)


class Columns(Payments):
    """The same source as a bulk one: it fills columns instead of making objects."""

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        found = _lines(exhibit)
        if not found:
            return
        ids, count = [match["id"] for match in found], len(found)
        places = list(range(2, count + 2))
        transactions = {"chain": [CHAIN] * count, "id": ids, "place": places, "whole": [True] * count}
        values = [int(match["n"]) for match in found]
        signed = [-n for n in values] + values
        fits = [-(2**63) <= n < 2**63 for n in signed]
        legs = {
            "chain": [CHAIN] * 2 * count,
            "tx": ids * 2,
            "kind": ["transfer"] * 2 * count,
            "address": [match["src"] for match in found] + [match["dst"] for match in found],
            "asset": [COIN.id] * 2 * count,
            "amount": [n if fit else None for n, fit in zip(signed, fits, strict=True)],
            "wide": pa.array(
                [
                    None if fit else bytes([n > 0]) + abs(n).to_bytes(32, "big")
                    for n, fit in zip(signed, fits, strict=True)
                ],
                pa.binary(33),
            ),
            "pair": [0] * 2 * count,
            "place": places * 2,
        }
        yield Batch(
            transactions=table("transactions", {**transactions, "failed": [False] * count}),
            legs=table("legs", legs),
        )


class TestToy(ChainKit):
    chain = Toy()


class TestPayments(SourceKit):
    source = Payments()
    examples = EXAMPLES
    expected = (EXPECTED,)
    chains = (Toy(),)


class TestColumns(SourceKit):
    source = Columns()
    examples = EXAMPLES
    expected = (EXPECTED,)
    chains = (Toy(),)


def test_objects_and_columns_say_the_same() -> None:
    assert rows(Payments().decode(EXAMPLES[0])) == rows(Columns().decode(EXAMPLES[0]))


def test_amounts_past_64_bits_arrive_whole() -> None:
    legs = rows(Payments().decode(EXAMPLES[0]))["legs"]
    assert {leg["amount"] for leg in legs} == {-250, 250, None}
    assert {int.from_bytes(leg["wide"][1:], "big") for leg in legs if leg["wide"]} == {
        115792089237316195423570985008687907853269
    }
