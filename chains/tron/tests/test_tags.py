from __future__ import annotations

import pytest

from recover.sdk import Error
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected
from recover.testing.sources import SourceKit
from recover_chain_tron import address
from recover_chain_tron.tags import Tags, reading


def account(number: int) -> str:
    return address.encode(bytes([address.PREFIX]) + number.to_bytes(20, "big"))


A, B, C = account(1), account(2), account(3)


def export(*tagged: tuple[str, str, str, str]) -> bytes:
    lines = ["from_address,from_tag,to_address,to_tag", *(",".join(row) for row in tagged)]
    return ("\n".join(lines) + "\n").encode()


class TestConformance(SourceKit):
    source = Tags()
    examples = (exhibit("tags.csv", export((A, "Kucoin 4", B, ""), (B, "", C, "Gate"))),)
    expected = (
        Expected(
            example=examples[0],
            taken="The tags that stand beside the addresses.",
            rows={
                "assertions": (
                    {"kind": "label", "address": A, "label": "Kucoin 4"},
                    {"kind": "label", "address": C, "label": "Gate"},
                )
            },
        ),
    )


def test_one_label_for_each_address_and_tag_at_its_first_line() -> None:
    data = export((A, "", B, "Okex 1"), (B, "Okex 1", A, ""), (B, "Okex 2", A, ""), (C, "Gate", A, ""))
    found = rows(Tags().decode(exhibit("tags.csv", data)))["assertions"]
    assert sorted((a["address"], a["label"], a["place"]) for a in found) == sorted(
        [(B, "Okex 1", 2), (B, "Okex 2", 4), (C, "Gate", 5)]
    )
    assert {(a["kind"], a["grade"], a["category"], a["origin"], a["asserted"]) for a in found} == {
        ("label", "D", "", "tronscan tags", "")
    }


@pytest.mark.parametrize(
    ("tag", "service", "role"),
    [
        ("Binance-Hot 1", "Binance", "hot-wallet"),
        ("Binance 2", "Binance", "hot-wallet"),
        ("Okex 1", "Okex", "hot-wallet"),
        ("Gate", "Gate", "hot-wallet"),
        ("Gate Cold Wallet", "Gate", "hot-wallet"),
        ("LATOKEN", "LATOKEN", "hot-wallet"),
        ("AscendEX (Bitmax)", "AscendEX (Bitmax)", "hot-wallet"),
        ("Bybit: Deposit 12", "Bybit", "deposit"),
        ("SunSwap V2 Router", "", "other"),
        ("Fake_Phishing 17", "", "other"),
        ("Token Contract", "", "other"),
        ("the wallet of somebody I met", "", "other"),
        ("=HYPERLINK(1)", "", "other"),
        ("\u202eecnaniB", "", "other"),
        ("", "", "other"),
    ],
)
def test_a_tag_names_a_service_only_where_it_plainly_does(tag: str, service: str, role: str) -> None:
    assert reading(tag) == (service, role)


def test_long_tags_are_bounded() -> None:
    found = rows(Tags().decode(exhibit("tags.csv", export((A, "x" * 1000, B, "")))))
    assert [a["label"] for a in found["assertions"]] == ["x" * 256]


def test_a_bad_address_is_named_by_its_line() -> None:
    with pytest.raises(Error) as caught:
        list(Tags().decode(exhibit("tags.csv", export((A, "", B, ""), ("T1", "Gate", B, "")))))
    assert "line 3: from_address 'T1': it has 2 characters" in caught.value.why
