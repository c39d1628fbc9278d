"""Asking a server: page after page, refusals that come with the status 200, and what each page may claim."""

import http.client
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from recover.sdk import Absent, Address, Arrival, Ask, Details, Error, Exhibit, History, Request, Status, TxId
from recover.testing import exhibit, rows
from recover_chain_xrpl import XrplServer
from recover_chain_xrpl.testing import scene
from recover_chain_xrpl.testing.made import page, rpc
from recover_chain_xrpl.testing.scene import ESCROW, EXCHANGE, ISSUER, THIEF, XRP
from recover_chain_xrpl.testing.server import Double, serving

PLACE = Address(chain="xrpl:0", text=THIEF)


class Tape:
    """A recorder that asks a server on loopback and keeps what came."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.kept: list[Exhibit] = []

    def capture(self, request: Request) -> Exhibit:
        where = urlsplit(request.url)
        line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
        line.request(request.method, where.path, request.body, dict(request.headers))
        answer = line.getresponse().read()
        line.close()
        self.kept.append(exhibit(request.url, answer, media="application/json", asked=request))
        return self.kept[-1]

    def stored(self, request: Request) -> Exhibit | None:
        return next((each for each in self.kept if each.asked == request), None)


def ask(double: Double, what: Ask) -> list[dict[str, list[dict[str, Any]]]]:
    """What each exhibit decodes to, in order."""
    with serving(double) as where:
        return [rows(XrplServer().decode(each)) for each in XrplServer().collect(what, Tape(where))]


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
@pytest.mark.parametrize("since", [None, datetime(2025, 1, 1, tzinfo=UTC)])
def test_pages_of_any_size_show_all_and_the_last_claims_all(limit: int, since: datetime | None) -> None:
    got = ask(Double(given=scene.SCENE, limit=limit), History(address=PLACE, since=since))
    assert len(got) == -(-len(scene.SCENE) // limit)
    assert {row["id"] for each in got for row in each["transactions"]} == {done.id for done in scene.SCENE}
    assert claim(got[-1]) == (None, 90_000_900)


def claim(found: dict[str, list[dict[str, Any]]]) -> tuple[int | None, int]:
    (row,) = (row for row in found["coverage"] if row["address"] == THIEF)
    return row["since_height"], row["until_height"]


@pytest.mark.parametrize("forward", [True, False])
def test_no_page_claims_a_ledger_whose_rest_stands_on_the_next_page(forward: bool) -> None:
    """Both deposits stand in ledger 90,000,010; a page of one or of two transactions ends between them."""
    since = None if forward else datetime(2025, 1, 1, tzinfo=UTC)
    for limit in (1, 2, 3):
        seen: set[str] = set()
        for each in ask(Double(given=scene.SCENE, limit=limit), History(address=PLACE, since=since)):
            seen |= {row["id"] for row in each["transactions"]}
            if each["coverage"]:
                low, high = claim(each)
                inside = {done.id for done in scene.SCENE if (low or 0) <= done.height <= high}
                assert inside <= seen, "a claim counts a transaction that no page so far shows"


def test_the_tip_does_not_move_between_two_pages() -> None:
    class Growing(Double):
        def answer(self, request: Any) -> dict[str, Any]:
            self.tip += 1
            return super().answer(request)

    got = ask(Growing(given=scene.SCENE, limit=3), History(address=PLACE, since=datetime(2025, 1, 1, tzinfo=UTC)))
    assert {claim(each)[1] for each in got} == {90_000_901}


def test_pages_past_the_time_asked_are_not_asked_for() -> None:
    double = Double(given=scene.SCENE, limit=1)
    ask(double, History(address=PLACE, until=datetime(2026, 1, 1, 0, 1, tzinfo=UTC)))
    assert len(double.asked) == 4  # the first page beyond the time ends it
    double = Double(given=scene.SCENE, limit=1)
    ask(double, History(address=PLACE, since=datetime(2026, 1, 1, 0, 5, tzinfo=UTC)))
    assert [each["forward"] for each in double.asked] == [False, False]


def test_a_long_history_begins_in_the_ledger_of_arrival_and_both_parts_are_the_whole() -> None:
    heights = sorted({done.height for done in scene.SCENE})
    arrived = Arrival(height=heights[-2])
    double = Double(given=scene.SCENE, limit=1)
    got = ask(double, History(address=PLACE, arrived=arrived))
    bounds = [(each["ledger_index_min"], each["ledger_index_max"], "marker" in each) for each in double.asked]
    assert bounds[:2] == [(-1, -1, False), (heights[-2], -1, False)]
    first = next(n for n, (low, high, _) in enumerate(bounds) if (low, high) == (-1, heights[-2] - 1))
    assert all(low >= heights[-2] for low, *_ in bounds[1:first])
    assert {row["id"] for each in got for row in each["transactions"]} == {done.id for done in scene.SCENE}
    claims = {claim(each) for each in got if each["coverage"]}
    assert {(heights[-2], double.tip), (None, heights[-2] - 1)} <= claims
    # A short one is one page, whatever arrived when.
    short = Double(given=scene.SCENE)
    ask(short, History(address=PLACE, arrived=arrived))
    assert len(short.asked) == 1


def test_a_history_goes_on_where_it_stopped_and_on_to_the_new_tip() -> None:
    double = Double(given=scene.SCENE, limit=1, tip=max(done.height for done in scene.SCENE) - 1)
    with serving(double) as where:
        tape = Tape(where)
        list(XrplServer().collect(History(address=PLACE), tape))
        known, sent = len(double.asked), [each.asked for each in tape.kept]
        double.tip += 50
        more = [rows(XrplServer().decode(each)) for each in XrplServer().collect(History(address=PLACE), tape)]
    assert len(double.asked) < 2 * known
    again = [each.asked for each in tape.kept[known:] if each.asked in sent]
    assert again == [], "no page that is final is asked for again"
    shown = {row["id"] for each in tape.kept for row in rows(XrplServer().decode(each))["transactions"]}
    assert shown == {done.id for done in scene.SCENE}
    assert max(claim(each)[1] for each in more) == double.tip


def test_a_server_that_gives_the_same_page_again_is_left() -> None:
    class Stuck(Double):
        def answer(self, request: object) -> dict[str, Any]:
            return page(THIEF, scene.SCENE[:1], marker={"ledger": 90_000_000, "seq": 0})

    with serving(Stuck()) as where, pytest.raises(Error) as caught:
        list(XrplServer().collect(History(address=PLACE), Tape(where)))
    assert caught.value.code == "xrpl-pages-repeat"


def test_a_refusal_is_an_error_and_not_an_empty_history() -> None:
    with serving(Double(busy=1)) as where, pytest.raises(Error) as caught:
        list(XrplServer().collect(History(address=PLACE), Tape(where)))
    assert "tooBusy" in caught.value.why
    with serving(Double()) as where, pytest.raises(Error) as caught:
        list(XrplServer().collect(Details(tx=TxId(chain="xrpl:0", text="AB" * 32)), Tape(where)))
    assert "txnNotFound" in caught.value.why


def test_a_payment_in_no_validated_ledger_stays_open() -> None:
    class Open(Tape):
        def capture(self, request: Request) -> Exhibit:
            said = {"result": {"hash": "AB" * 32, "status": "success", "validated": False}}
            return exhibit(request.url, json.dumps(said).encode(), asked=request)

    with pytest.raises(Absent) as caught:
        list(XrplServer().collect(Details(tx=TxId(chain="xrpl:0", text="AB" * 32)), Open("http://127.0.0.1:9/")))
    assert caught.value.code == "unconfirmed"


@pytest.mark.parametrize(
    "body", [b"<html>Bad gateway</html>", b"{}", b'{"result":', b'{"result":{"status":"success"}}', b""]
)
def test_a_web_page_is_no_answer(body: bytes) -> None:
    class Page(Tape):
        def capture(self, request: Request) -> Exhibit:
            return exhibit(request.url, body, asked=request)

    with pytest.raises(Error) as caught:
        list(XrplServer().collect(History(address=PLACE), Page("http://127.0.0.1:9/")))
    assert "recover.toml" in caught.value.todo


def test_balances() -> None:
    lines: list[dict[str, Any]] = [
        {"account": ISSUER, "balance": "147.413155", "currency": "USD", "freeze_peer": True, "limit_peer": "0"},
        {"account": EXCHANGE, "balance": "-3", "currency": "IOU", "limit_peer": "9"},
    ]
    node: dict[str, Any] = {
        "LedgerEntryType": "Escrow",
        "Account": THIEF,
        "Amount": str(50 * XRP),
        "Destination": EXCHANGE,
    }
    node |= {"PreviousTxnID": scene.LOCKED.id, "PreviousTxnLgrSeq": scene.LOCKED.height}
    double = Double(coins={THIEF: 5}, lines={THIEF: lines}, nodes={ESCROW: node})
    (found,) = ask(double, Status(address=PLACE))
    assert [(row["kind"], row["address"], row["amount"], row["height"]) for row in found["states"]] == [
        ("balance", THIEF, 5, 90_000_900)
    ]
    (found,) = ask(double, Status(address=PLACE, asset=f"xrpl:0/token:USD.{ISSUER}"))
    assert {(row["kind"], row["amount"] or row["wide"].hex()[-34:]) for row in found["states"]} == {
        ("balance", f"{147413155 * 10**34:034x}"[-34:]),
        ("frozen", 1),
    }
    held = Address(chain="xrpl:0", text=f"escrow.{THIEF}.{ESCROW}")
    for what in (Status(address=held), History(address=held)):
        (found,) = ask(double, what)
        assert [(row["address"], row["amount"]) for row in found["states"]] == [(held.text, 50 * XRP)]
        assert [row["tx"] for row in found["listed"]] == [scene.LOCKED.id]
        (said,) = found["coverage"]
        assert (said["since_height"], said["until_height"]) == (scene.LOCKED.height, 90_000_900)


def test_what_is_no_more_is_no_balance_of_nought() -> None:
    (found,) = ask(Double(), Status(address=PLACE))
    assert found["states"] == []
    assert "actNotFound" in str(found["nothing"][0]["why"])


def test_the_history_of_a_finished_escrow_is_its_owners() -> None:
    held = Address(chain="xrpl:0", text=f"escrow.{THIEF}.{ESCROW}")
    got = ask(Double(given=scene.SCENE), History(address=held))
    moved = {leg["amount"] for each in got for leg in each["legs"] if leg["address"] == held.text}
    assert moved == {-50 * XRP, 50 * XRP}
    assert {row["address"] for each in got for row in each["coverage"]} == {THIEF, held.text}


@pytest.mark.parametrize(
    ("marker", "order", "sure"),
    [
        # Oldest first to the end of the range: sure from behind the first ledger shown to the end.
        (None, 1, (90_000_001, 90_000_900)),
        # Newest first: sure from the beginning to before the newest ledger shown.
        (None, -1, (None, 90_000_049)),
        # More follows: sure between its ends only.
        ({"ledger": 90_000_060, "seq": 0}, 1, (90_000_001, 90_000_049)),
    ],
)
def test_a_file_that_does_not_show_what_was_asked_claims_what_is_sure(
    marker: dict[str, int] | None, order: int, sure: tuple[int | None, int]
) -> None:
    more: dict[str, Any] = {} if marker is None else {"marker": marker}
    data = rpc(page(THIEF, scene.SCENE[::order], **more))
    found = rows(XrplServer().decode(exhibit("saved.json", data)))
    got = [(row["since_height"], row["until_height"]) for row in found["coverage"] if row["address"] == THIEF]
    assert got == [sure]
