"""What each kind of transaction moves: read from the balances that it changed, and never from what was ordered."""

from dataclasses import replace
from typing import Any

import pytest

from recover.sdk import amounts
from recover.testing import exhibit, rows
from recover_chain_xrpl import XrplServer
from recover_chain_xrpl.addresses import raw
from recover_chain_xrpl.assets import SCALE
from recover_chain_xrpl.testing import scene
from recover_chain_xrpl.testing.made import Done, account, line, money, node, number, root, rpc, second
from recover_chain_xrpl.testing.scene import ESCROW, EXCHANGE, FRIEND, ISSUER, THIEF, VICTIM, XRP

COIN = "xrpl:0/slip44:144"
USD = f"xrpl:0/token:USD.{ISSUER}"
MAKER, POOL = account("maker"), account("pool")
Rows = dict[str, list[dict[str, Any]]]


def read(done: Done) -> Rows:
    found = rows(XrplServer().decode(exhibit("tx.json", rpc(second(done)))))
    whole = found["transactions"][0]["whole"]
    sums: dict[str, int] = {}
    for leg in found["legs"]:
        sums[leg["asset"]] = sums.get(leg["asset"], 0) + amounts.join(leg["amount"], leg["wide"])
    assert whole == (not any(sums.values())), sums
    return found


def legs(found: Rows) -> list[tuple[str, str | None, str, int, str | None]]:
    """(kind, who, asset, base units, tag) in the order of the legs."""
    listed = sorted(found["legs"], key=lambda leg: (leg["index"], not leg["out"], leg["address"] or ""))
    return [
        (leg["kind"], leg["address"], leg["asset"], amounts.join(leg["amount"], leg["wide"]), leg["memo"])
        for leg in listed
    ]


def units(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(SCALE, "0"))


def fee(who: str, drops: int = 10) -> list[tuple[str, str | None, str, int, str | None]]:
    return [("fee", who, COIN, -drops, None), ("fee", None, COIN, drops, None)]


def test_a_payment_of_coins_has_its_tag_where_it_arrives() -> None:
    assert legs(read(scene.DEPOSIT)) == [
        ("transfer", THIEF, COIN, -600 * XRP, None),
        ("transfer", EXCHANGE, COIN, 600 * XRP, "7001"),
        *fee(THIEF),
    ]


def test_the_tag_nought_is_a_tag() -> None:
    done = replace(scene.DEPOSIT, fields={**scene.DEPOSIT.fields, "DestinationTag": 0})
    assert legs(read(done))[1][4] == "0"


def test_a_destination_written_as_x_address_has_its_tag_within() -> None:
    to = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"
    done = Done(
        kind="Payment",
        account=THIEF,
        fields={"Destination": "XVLhHMPHU98es4dbozjVtdWzVrDjtV8xvjGQTYPiAx6gwDC", "Amount": "5"},
        nodes=[root(THIEF, 100, 85), root(to, 100, 105)],
    )
    assert legs(read(done))[1] == ("transfer", to, COIN, 5, "1")


def test_only_what_a_partial_payment_delivered_counts() -> None:
    found = read(scene.PARTIAL)
    delivered = units("147.413155")
    assert legs(found) == [
        ("transfer", FRIEND, USD, -delivered, None),
        ("transfer", THIEF, USD, delivered, None),
        *fee(FRIEND),
    ]
    assert amounts.decimal(delivered, SCALE) == "147.413155"
    # The ten million that it names stands among the facts, beside what was delivered, and in no leg.
    assert '"value":"10000000"' in found["transactions"][0]["facts"]


def test_a_failed_transaction_costs_its_fee_and_moves_nothing_else() -> None:
    found = read(scene.FAILED)
    assert legs(found) == fee(THIEF)
    assert found["transactions"][0]["failed"] is True


def test_an_escrow_holds_what_was_put_in_and_gives_it_to_the_tag_that_it_names() -> None:
    held = f"escrow.{THIEF}.{ESCROW}"
    assert legs(read(scene.LOCKED))[:2] == [
        ("transfer", THIEF, COIN, -50 * XRP, None),
        ("transfer", held, COIN, 50 * XRP, None),
    ]
    assert legs(read(scene.RELEASED)) == [
        ("transfer", held, COIN, -50 * XRP, None),
        ("transfer", EXCHANGE, COIN, 50 * XRP, "7001"),
        *fee(FRIEND),
    ]


def test_a_channel_pays_out_and_gives_back_what_is_left() -> None:
    index = number("channel")
    said = {"Account": THIEF, "Destination": FRIEND, "Amount": "1000", "Balance": "400"}
    done = Done(
        kind="PaymentChannelClaim",
        account=FRIEND,
        fields={"Channel": index},
        nodes=[
            root(FRIEND, 5000, 5190),
            root(THIEF, 7000, 7400),
            node(
                "Deleted",
                "PayChannel",
                index,
                FinalFields={**said, "Balance": "600"},
                PreviousFields={"Balance": "400"},
            ),
        ],
    )
    # 600 were in it: 200 for the payee, who also paid the fee, and 400 back to the owner.
    held = f"channel.{THIEF}.{index}"
    assert sorted(legs(read(done))[:3], key=lambda leg: leg[3]) == [
        ("transfer", held, COIN, -600, None),
        ("transfer", FRIEND, COIN, 200, None),
        ("transfer", THIEF, COIN, 400, None),
    ]


def test_a_check_moves_nothing_until_it_is_cashed() -> None:
    index = number("check")
    check = {"Account": THIEF, "Destination": EXCHANGE, "SendMax": "900", "DestinationTag": 5}
    written = read(
        Done(
            kind="CheckCreate",
            account=THIEF,
            fields={"Destination": EXCHANGE, "SendMax": "900", "DestinationTag": 5},
            nodes=[root(THIEF, 2000, 1990), node("Created", "Check", index, NewFields=check)],
        )
    )
    assert legs(written) == fee(THIEF)
    (event,) = written["events"]
    assert (event["kind"], event["address"], event["other"]) == ("approve", THIEF, EXCHANGE)
    assert (event["amount"], event["asset"]) == (900, COIN)
    cashed = read(
        Done(
            kind="CheckCash",
            account=EXCHANGE,
            fields={"CheckID": index, "Amount": "900"},
            nodes=[
                root(EXCHANGE, 100, 990),
                root(THIEF, 1990, 1090),
                node("Deleted", "Check", index, FinalFields=check),
            ],
        )
    )
    assert legs(cashed) == [
        ("transfer", THIEF, COIN, -900, None),
        ("transfer", EXCHANGE, COIN, 900, "5"),
        *fee(EXCHANGE),
    ]
    assert [event["kind"] for event in cashed["events"]] == ["spend"]


def test_a_deleted_account_sends_all_it_has() -> None:
    done = Done(
        kind="AccountDelete",
        account=THIEF,
        fee=2 * XRP,
        fields={"Destination": EXCHANGE, "DestinationTag": 9},
        nodes=[root(THIEF, 30 * XRP, None), root(EXCHANGE, 0, 28 * XRP)],
    )
    assert legs(read(done)) == [
        ("transfer", THIEF, COIN, -28 * XRP, None),
        ("transfer", EXCHANGE, COIN, 28 * XRP, "9"),
        *fee(THIEF, 2 * XRP),
    ]


def test_what_comes_back_to_its_issuer_arrives_there_with_its_tag_and_is_no_more() -> None:
    done = Done(
        kind="Payment",
        account=THIEF,
        fields={"Destination": ISSUER, "DestinationTag": 31, "Amount": money("USD", ISSUER, "10.5")},
        delivered=money("USD", ISSUER, "10.5"),
        nodes=[root(THIEF, 100, 90), line(THIEF, "USD", ISSUER, "20", "9.5")],
    )
    assert legs(read(done)) == [
        ("transfer", THIEF, USD, -units("10.5"), None),
        ("transfer", ISSUER, USD, units("10.5"), "31"),
        ("burn", ISSUER, USD, -units("10.5"), None),
        ("burn", None, USD, units("10.5"), None),
        *fee(THIEF),
    ]


def test_a_transfer_fee_goes_to_the_issuer() -> None:
    done = Done(
        kind="Payment",
        account=THIEF,
        fields={"Destination": FRIEND, "Amount": money("USD", ISSUER, "10")},
        nodes=[
            root(THIEF, 100, 90),
            line(THIEF, "USD", ISSUER, "20", "9.98"),
            line(FRIEND, "USD", ISSUER, "0", "10"),
        ],
    )
    found = [leg for leg in legs(read(done)) if leg[2] == USD]
    assert ("transfer", ISSUER, USD, units("0.02"), None) in found
    assert found[-2:] == [("burn", ISSUER, USD, -units("0.02"), None), ("burn", None, USD, units("0.02"), None)]


def test_one_line_can_turn_round() -> None:
    """Each account can hold what the other issued: one number says both, by its sign."""
    done = Done(
        kind="Payment",
        account=THIEF,
        fields={"Destination": FRIEND, "Amount": money("EUR", FRIEND, "8")},
        nodes=[root(THIEF, 100, 90), line(THIEF, "EUR", FRIEND, "5", "-3")],
    )
    found = {leg[:4] for leg in legs(read(done))}
    assert (
        "transfer",
        FRIEND,
        f"xrpl:0/token:EUR.{FRIEND}",
        units("5"),
    ) in found
    assert ("transfer", FRIEND, f"xrpl:0/token:EUR.{THIEF}", units("3")) in found


OFFER = Done(
    kind="OfferCreate",
    account=THIEF,
    name="offer",
    fields={"TakerPays": money("USD", ISSUER, "30"), "TakerGets": "60000000"},
    nodes=[
        root(THIEF, 100 * XRP, 40 * XRP - 10),
        root(MAKER, 10 * XRP, 50 * XRP),
        root(POOL, 500 * XRP, 520 * XRP, AMMID=number("amm")),
        line(THIEF, "USD", ISSUER, "0", "30"),
        line(MAKER, "USD", ISSUER, "100", "80"),
        line(POOL, "USD", ISSUER, "250", "240"),
    ],
)


def test_an_offer_changes_balances_on_both_sides() -> None:
    found = read(OFFER)
    assert {leg[1:4] for leg in legs(found) if leg[0] == "transfer"} == {
        (THIEF, COIN, -60 * XRP),
        (MAKER, COIN, 40 * XRP),
        (POOL, COIN, 20 * XRP),
        (THIEF, USD, units("30")),
        (MAKER, USD, -units("20")),
        (POOL, USD, -units("10")),
    }
    assert f'"from":"{THIEF}"' in found["transactions"][0]["facts"]


def test_a_payment_across_currencies_has_its_tag_where_it_arrives() -> None:
    done = Done(
        kind="Payment",
        account=THIEF,
        fields={"Destination": EXCHANGE, "DestinationTag": 4, "Amount": money("USD", ISSUER, "20")},
        delivered=money("USD", ISSUER, "20"),
        nodes=[
            root(THIEF, 100 * XRP, 60 * XRP - 10),
            root(MAKER, 10 * XRP, 50 * XRP),
            line(EXCHANGE, "USD", ISSUER, "0", "20"),
            line(MAKER, "USD", ISSUER, "100", "80"),
        ],
    )
    found = read(done)
    assert ("transfer", EXCHANGE, USD, units("20"), "4") in legs(found)


def test_a_delegate_pays_the_fee() -> None:
    nodes = [root(THIEF, 100 * XRP, 40 * XRP), root(FRIEND, 1000, 990), *OFFER.nodes[1:]]
    done = replace(OFFER, fields={**OFFER.fields, "Delegate": FRIEND}, nodes=nodes)
    assert legs(read(done))[-2:] == fee(FRIEND)


def test_a_freeze_is_an_event() -> None:
    done = Done(
        kind="TrustSet",
        account=ISSUER,
        fields={"LimitAmount": money("USD", THIEF, "0"), "Flags": 0x00100000},
        nodes=[root(ISSUER, 100, 90)],
    )
    (event,) = read(done)["events"]
    assert (event["kind"], event["address"], event["asset"], event["contract"]) == ("freeze", THIEF, USD, ISSUER)


def test_an_nft_moves_as_one() -> None:
    one, two = number("nft one"), number("nft two")

    def held(*ids: str) -> dict[str, Any]:
        return {"NFTokens": [{"NFToken": {"NFTokenID": each}} for each in ids]}

    page = "ab" * 12
    done = Done(
        kind="NFTokenAcceptOffer",
        account=FRIEND,
        nodes=[
            root(FRIEND, 500, 390),
            root(THIEF, 100, 200),
            node(
                "Modified",
                "NFTokenPage",
                page_of(THIEF) + page,
                FinalFields=held(one),
                PreviousFields=held(one, two),
            ),
            node("Created", "NFTokenPage", page_of(FRIEND) + page, NewFields=held(two)),
        ],
    )
    nft = f"xrpl:0/xls20:{two}"
    assert [leg for leg in legs(read(done)) if leg[2] == nft] == [
        ("transfer", THIEF, nft, -1, None),
        ("transfer", FRIEND, nft, 1, None),
    ]


def test_balances_that_do_not_sum_are_said_and_not_called_whole() -> None:
    done = replace(scene.THEFT, nodes=[root(VICTIM, 1000, 500), root(THIEF, 0, 400)])
    found = read(done)
    assert found["transactions"][0]["whole"] is False
    assert [gap["code"] for gap in found["gaps"]] == ["xrpl-not-whole"]


def test_what_is_finer_than_the_unit_is_left_out_and_said() -> None:
    done = Done(
        kind="Payment",
        account=THIEF,
        fields={"Destination": FRIEND, "Amount": money("USD", ISSUER, "1e-81")},
        nodes=[root(THIEF, 100, 90), line(FRIEND, "USD", ISSUER, "0", "1e-81")],
    )
    found = rows(XrplServer().decode(exhibit("tx.json", rpc(second(done)))))
    assert [leg["asset"] for leg in found["legs"]] == [COIN, COIN]
    assert found["transactions"][0]["whole"] is False
    assert "finer" in found["gaps"][0]["why"]


@pytest.mark.parametrize("before", ["absent", "empty"])
def test_a_multi_purpose_token_that_was_not_held_before_was_none(before: str) -> None:
    """A field that was at nought is in no metadata: what else changed says whether it changed."""
    issuance, asset = node_of_issuance("10000", "9000")
    receiver = {"Account": FRIEND, "MPTokenIssuanceID": asset, "MPTAmount": "1000"}
    changed: dict[str, Any] = (
        {"PreviousFields": {}} if before == "empty" else {"PreviousFields": {"LockedAmount": "1"}}
    )
    done = Done(
        kind="Payment",
        account=ISSUER,
        fields={"Destination": FRIEND},
        nodes=[
            root(ISSUER, 100, 90),
            issuance,
            node("Modified", "MPToken", number("mpt"), FinalFields=receiver, **changed),
        ],
    )
    found = [leg[:4] for leg in legs(read(done)) if leg[2].startswith("xrpl:0/xls33:")]
    assert ("transfer", FRIEND, f"xrpl:0/xls33:{asset}", 1000) in found
    assert found[0][0] == "mint"


def node_of_issuance(after: str, before: str) -> tuple[dict[str, Any], str]:
    said = {"Issuer": ISSUER, "Sequence": 7, "OutstandingAmount": after, "AssetScale": 2}
    made = node(
        "Modified",
        "MPTokenIssuance",
        number("issuance"),
        FinalFields=said,
        PreviousFields={"OutstandingAmount": before},
    )
    return made, "00000007" + raw(ISSUER).hex().upper()


def page_of(who: str) -> str:
    return raw(who).hex()
