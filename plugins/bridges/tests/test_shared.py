"""Real receipts: what belongs together is joined, what looks alike is not, whatever else is in the ledger."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plugins.bridges.tests import recorded
from plugins.bridges.tests.recorded import Tx

from recover_bridges.cctp.message import burn, message
from recover_bridges.every import every

DATA = Path(__file__).parents[4] / "shared" / "data" / "bridge-pairs"
Case = tuple[str, Tx | None, Tx | None, dict[str, str]]
READ = ("1", "10", "56", "100", "137", "8453", "42161", "43114", "534352")
HEURISTICS = every()
TOPICS = recorded.topics(HEURISTICS)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/bridge-pairs"),
]


def rows(name: str) -> Iterator[tuple[str, Tx | None, Tx | None, dict[str, str]]]:
    """(id, source, destination, row) of each row of a list whose bytes are there."""
    for path in sorted(DATA.glob(f"*/{name}.csv")):
        with path.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                sides = [recorded.files(path.parent, row[f"{side}_files"]) for side in ("src", "dst")]
                known = [s if s and s[0].removeprefix("eip155:") in READ else None for s in sides]
                if any(known):
                    yield row.get("pair_id") or row["neg_id"], known[0], known[1], row


PAIRS = [each for each in rows("pairs") if each[1] and each[2]]
ALIKE = list(rows("negatives"))


def found(*given: Tx | None) -> list[dict[str, Any]]:
    return recorded.crossings(HEURISTICS, recorded.ledger([tx for tx in given if tx], TOPICS))


def both(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in given if len(row["transactions"]) == 2 and not row.get("refused")]


def test_there_are_pairs_and_look_alikes() -> None:
    assert (len(PAIRS), len(ALIKE) > 100) == (19, True)


@pytest.mark.parametrize("case", PAIRS, ids=[each[0] for each in PAIRS])
def test_a_pair_is_joined_by_its_key(case: tuple[str, Tx, Tx, dict[str, str]]) -> None:
    _, source, destination, row = case
    (one,) = both(found(source, destination))
    assert one["transactions"] == [row["src_tx"], row["dst_tx"]]
    assert (one["chain"], one["to_chain"], one["level"]) == (row["src_chain"], row["dst_chain"], "1")


@pytest.mark.parametrize("case", ALIKE, ids=[each[0] for each in ALIKE])
def test_what_looks_alike_is_joined_with_nothing(case: Case) -> None:
    _, source, destination, row = case
    true = {(p[3]["src_tx"], p[3]["dst_tx"]) for p in PAIRS}
    joined = {tuple(one["transactions"]) for one in both(found(source, destination))}
    assert joined <= true
    assert not (row["kind"].startswith("key altered") and joined)


@pytest.mark.slow
def test_in_one_ledger_of_everything_only_the_pairs_are_joined() -> None:
    """Every pairing at once, save that altered copies of one transaction cannot stand beside it."""
    stems: dict[tuple[str, str], str] = {}
    for path in sorted(DATA.glob("*/raw/eip155-*/*.receipt.json")):
        if path.parent.name.removeprefix("eip155-") in READ:
            stems.setdefault((path.parent.name.replace("-", ":"), path.name), str(path))
    given = [(chain, stem.removesuffix(".receipt.json")) for (chain, _), stem in stems.items()]
    joined = {tuple(one["transactions"]) for one in both(found(*given))}
    assert joined == {(p[3]["src_tx"], p[3]["dst_tx"]) for p in PAIRS}


AMOUNTS = {
    "across-d001": ("10000000000000000", "9804674568982550", "195325431017450"),
    "cctp-v1-d001": ("4253283606", "4253283606", "0"),
    "hop-d002": ("60786713495", "60786713495", None),
    "native-l2-d001": ("45000000", "45000000", "0"),
    "native-l2-d003": ("600000000000000000", "600000000000000000", "0"),
    "native-l2-d005": ("6000000000000000000000", "6000000000000000000000", None),
    "native-l2-d008": ("106317949168317256453804", "106317949168317256453804", "0"),
    "relay-d001": ("52085941055797375509", "34555752880651201", None),
}
"""What was sent and had, and the fee. Across pays the floor of its formula; Relay's sender gave another token,
which a router exchanged first."""


@pytest.mark.parametrize("case", [p for p in PAIRS if p[0] in AMOUNTS], ids=lambda each: each[0])
def test_the_amounts_are_those_of_the_movements(case: tuple[str, Tx, Tx, dict[str, str]]) -> None:
    name, source, destination, _ = case
    (one,) = both(found(source, destination))
    assert (one["sent"], one["received"], one.get("fee")) == AMOUNTS[name]


def test_a_relayer_is_no_party() -> None:
    for _, source, destination, _ in PAIRS:
        for one in both(found(source, destination)):
            assert "0x41ee28ee05341e7fdddc8d433ba66054cd302ca1" not in (one["address"], one["other"])
            assert one["address"].startswith("0x")
            assert one["other"]


def test_a_withdrawal_as_another_library_recorded_it_is_joined() -> None:
    path = DATA / "native-l2" / "raw" / "api" / "arbitrum-sdk-withdraw.json"
    given = recorded.of_answers(recorded.fixture(path), TOPICS)
    (one,) = both(recorded.crossings(HEURISTICS, given))
    said = json.loads(path.read_text("utf-8"))
    assert one["transactions"] == [said["expected"]["childTxHash"], said["source"]["parentExecTxHash"]]


def test_a_ticket_whose_message_is_not_shown_has_no_id() -> None:
    path = DATA / "native-l2" / "raw" / "api" / "arbitrum-sdk-retryable.json"
    assert recorded.crossings(HEURISTICS, recorded.of_answers(recorded.fixture(path), TOPICS)) == []


IRIS = sorted((DATA / "cctp-v2" / "raw" / "api").glob("iris-*.json"))


@pytest.mark.parametrize("path", IRIS, ids=lambda each: each.stem)
def test_recorded_messages_of_the_second_cctp_are_read_and_masked(path: Path) -> None:
    said = json.loads(path.read_text("utf-8"))
    read = message(bytes.fromhex(said["message"][2:]))
    body = burn(read.version, read.body)
    assert (read.version, read.source, read.destination) == (1, said["source_domain"], said["destination_domain"])
    assert f"0x{read.nonce.hex()}" == said["decoded"]["nonce"]
    assert (body.amount, body.fee) == (int(said["decoded"]["amount"]), int(said["decoded"]["feeExecuted"]))
    # What was sent has nought where who attested wrote the fee and the expiry.
    assert body.masked == read.body[:164] + bytes(64) + read.body[228:]
