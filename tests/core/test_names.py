"""A text that no chain knows: few reasons, the likeliest first; and a chain in front is asked alone."""

from __future__ import annotations

import re

import pytest

from recover.plugins.registry import load
from recover.recognise import names
from recover.recognise.names import recognise
from recover.sdk import NotRecognised

PLUGINS = load()
TITLES = [chain.info.title for chain in PLUGINS.chains.values()]
NAME = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


def refusal(text: str) -> NotRecognised:
    with pytest.raises(NotRecognised) as caught:
        recognise(PLUGINS, text)
    assert caught.value.code == "not-recognised"
    return caught.value


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", "Ethereum and "),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T", "TRON: Its checksum"),
        (NAME[:-1] + "b", "Bitcoin and "),
        ("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n8", "Litecoin: "),
    ],
)
def test_the_likeliest_chain_is_told_first_and_few_beside_it(text: str, first: str) -> None:
    why = refusal(text).why
    assert why.startswith(first)
    assert sum(f"{title}: " in why or f"{title} and " in why for title in TITLES) == names.SHOWN
    assert len(why) < 300
    # Every network of Bitcoin's family refuses a wrong checksum for one reason, so that no chain is left to count.
    told = sum(int(more or 0) + 1 for more in re.findall(r"(?:^|\. )\w[^:.]*?(?: and (\d+) like it)?: ", why))
    assert why.endswith(" other chains refuse it.") or told == len(TITLES)


ID = "31fdf243b462817a25e6359ba5785f274210847f3bcfbaef5ae4c3a0257fbe8c"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{ID[:32]} {ID[32:]}", "It has spaces in it. Without them it has 64 digits"),
        (f"tron:{ID[:32]} {ID[32:]}", "It has spaces in it. Without them it has 64 digits"),
        (ID[:32], "It has 32 hexadecimal digits, and a transaction id has 64: some are missing"),
        (ID[32:], "write both together"),
        (ID + "ab", "It has 66 hexadecimal digits, and a transaction id has 64: there are too many"),
        ("TR7NHqjeKQxGT Ci8q8ZY4pL8otSzgjLj6t", "It has spaces in it, and no address or id has: take them out."),
    ],
)
def test_an_id_that_was_read_out_or_copied_in_part(text: str, why: str) -> None:
    said = refusal(text).why
    assert why in said
    assert not any(title in said for title in TITLES), "what each chain misses in it helps nobody"


def test_a_chain_in_front_is_asked_alone() -> None:
    why = refusal("eip155:1:0x5a").why
    assert why == "Ethereum: It has 2 hexadecimal digits; an address has 40, a transaction id 64."


@pytest.mark.parametrize(
    ("text", "prefix", "near"),
    [
        ("eip155:999:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "eip155:999", "eip155:1."),
        (f"bip122:000000000019d6689c085ae165831e94:{NAME}", "", "bip122:000000000019d6689c085ae165831e93."),
        ("eip155:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "eip155", "eip155:1."),
        ("tron:mainnet:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "tron:mainnet", "tron:0x2b6653dc."),
    ],
)
def test_an_unknown_chain_is_named_with_the_nearest(text: str, prefix: str, near: str) -> None:
    said = refusal(text)
    assert f"names the chain '{prefix or text.rpartition(':')[0]}'" in said.what
    assert said.why == f"The nearest is {near}"


def test_a_colon_that_names_no_chain_is_no_chain() -> None:
    assert "names the chain" not in refusal("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b").what
    assert names.foreign(NAME, PLUGINS.chains) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("toy:1:toy-ann", ("toy:1", "toy-ann")),
        ("toy-ann", (None, "toy-ann")),
        ("toy:10:toy-ann", (None, "toy:10:toy-ann")),
        ("toy:1", (None, "toy:1")),
    ],
)
def test_a_caip10_text_in_parts(text: str, parts: tuple[str | None, str]) -> None:
    assert names.split(text, ["toy:1", "toy:2"]) == parts
