"""Two chains that do not fit the usual ones, as outside authors wrote them: a whole case each, live and offline.

Owners with sub-accounts, an index and an answer for each transaction; and one deposit address with memos.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import recover_toy_accounts
import recover_toy_memos

from recover.capture import own
from recover.case import derived, open_for_reading, open_for_writing
from recover.cli import listings
from recover.declared import losses
from recover.plugins import registry
from recover.recognise.owners import endpoint
from recover.stages import collect, open, run

PLUGINS = registry.load(extra=[recover_toy_accounts, recover_toy_memos])
Answers = Mapping[str, Mapping[str, Any]]


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture
def serve() -> Iterator[Any]:
    """A server on loopback that has an answer for each path; gives its URL and the list of what it was asked."""
    running: list[ThreadingHTTPServer] = []

    def started(answers: Answers) -> tuple[str, list[str]]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                said = answers.get(self.path)
                body = b"" if said is None else json.dumps(said).encode()
                self.send_response(404 if said is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        running.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}", asked

    yield started
    for server in running:
        server.shutdown()
        server.server_close()


def labels(chain: str, address: str, service: str = "Kraken") -> bytes:
    return (
        "#recover-labels 1\n#source: Its own statement\n#grade: B\n"
        f"chain,address,service,label,role,category\n{chain},{address},{service},{service},hot-wallet,exchange\n"
    ).encode()


def case(folder: Path, files: Mapping[str, bytes], lost: Sequence[Mapping[str, Any]], **live: str) -> Path:
    """A case with these files and losses; `live` names a source and its server."""
    path = folder / "case"
    open.create(path, title="T", examiner="N", agency="A", rule="fifo")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with open_for_writing(path, "test") as opened:
        if files:
            collect.files(opened, PLUGINS, [folder / name for name in files], [], quiet)
        for loss in lost:
            losses.declare(opened, PLUGINS, **loss)
        names = {name.replace("_", "-"): url for name, url in live.items()}
        opened.save(replace(opened.settings, sources=tuple(names)))
        own.keep(opened.id, opened.path, names)
        run.everything(opened, PLUGINS, quiet)
    return path


def shown(path: Path, what: str) -> list[dict[str, Any]]:
    read = {"offramps": listings.offramps, "flows": listings.flows, "gaps": listings.gaps}
    read["transfers"] = listings.transfers
    return list(read[what](open_for_reading(path), 0))


def letter(path: Path) -> tuple[str, list[dict[str, str]]]:
    """The one letter's text for a portal, and the rows of its identifier table."""
    import csv

    (plain,) = sorted((path / "out" / "letters").glob("*-v1.txt"))
    (sheet,) = sorted((path / "out" / "letters").glob("*.csv"))
    return plain.read_text("utf-8"), list(csv.DictReader(sheet.read_text("utf-8").splitlines()))


# Owners and sub-accounts.

OWN = "toyown:1"
TOLD: Answers = {
    "/list/own-thief": {"list": "own-thief", "from": 1, "to": 90, "ids": ["sig-1", "sig-2"]},
    "/tx/sig-1": {
        "id": "sig-1",
        "height": 7,
        "at": 0,
        "fee": ["own-victim", 5000],
        "rent": ["own-victim", 2000, "acc-thief1"],
        "changes": [["own-victim", "acc-victim1", -100], ["own-thief", "acc-thief1", 100]],
    },
    "/tx/sig-2": {
        "id": "sig-2",
        "height": 9,
        "at": 0,
        "fee": ["own-thief", 5000],
        "changes": [
            ["own-thief", "acc-thief1", -70],
            ["own-kraken", "acc-kraken1", 60],
            ["own-mule", "acc-mule1", 10],
        ],
    },
    "/list/own-mule": {"list": "own-mule", "from": 1, "to": 90, "ids": ["sig-2"]},
}
HOT = {"labels.csv": labels(OWN, "own-kraken")}
STOLEN = [{"tx": "toyown:1:sig-1", "assets": ["TUSD"]}]


def ends(path: Path) -> dict[tuple[str, str], int]:
    rows = derived.read(open_for_reading(path), "ends").to_pylist()
    mine = [row for row in rows if row["rule"] == "fifo" and row["ties"] == "as recorded"]
    return {(row["address"], row["reason"]): row["amount"] for row in mine}


WHOLE = {("own-kraken", "service"): 60, ("own-thief", "rest"): 30, ("own-mule", "rest"): 10}


def test_owners_live_and_offline_from_the_same_answers(tmp_path: Path, serve: Any) -> None:
    url, asked = serve(TOLD)
    live = tmp_path / "live"
    live.mkdir()
    path = case(live, HOT, STOLEN, toy_accounts_index=url)
    assert ends(path) == WHOLE
    assert asked == ["/tx/sig-1", "/list/own-thief", "/tx/sig-2", "/list/own-mule"], "nothing is asked twice"
    files = {f"{n}.json": json.dumps(said).encode() for n, said in enumerate(TOLD.values())}
    offline = tmp_path / "offline"
    offline.mkdir()
    again = case(offline, {**HOT, **files}, STOLEN)
    assert ends(again) == WHOLE
    kept = ("service", "address", "account", "amount", "chain", "hot_wallets")
    rows = [[{name: row[name] for name in kept} for row in shown(p, "offramps")] for p in (path, again)]
    assert rows[0] == rows[1]
    (row,) = rows[0]
    assert (row["service"], row["address"], row["amount"], row["hot_wallets"]) == (
        "Kraken",
        "own-thief",
        "60",
        ["own-kraken"],
    )


def test_a_sub_account_means_its_owner(tmp_path: Path) -> None:
    files = {f"{n}.json": json.dumps(said).encode() for n, said in enumerate(TOLD.values())}
    path = case(tmp_path, {**HOT, **files}, [{"address": "acc-thief1", "assets": ["TUSD"]}])
    opened = open_for_reading(path)
    assert opened.settings.losses[0].address == "own-thief"
    assert ends(path)["own-kraken", "service"] == 60
    assert endpoint(opened, PLUGINS, "acc-kraken1") == (f"{OWN}:own-kraken", "acc-kraken1")
    assert endpoint(opened, PLUGINS, "own-kraken") == (f"{OWN}:own-kraken", "")
    assert endpoint(opened, PLUGINS, "nobody") == ("nobody", "")


def test_untied_legs_fees_and_rent_are_nobodys_burn(tmp_path: Path) -> None:
    files = {f"{n}.json": json.dumps(said).encode() for n, said in enumerate(TOLD.values())}
    path = case(tmp_path, {**HOT, **files}, STOLEN)
    moved = {
        (row["tx"], row["kind"], row["src"], row["dst"], row["amount"], row["account"])
        for row in shown(path, "transfers")
    }
    assert moved == {
        ("sig-1", "transfer", "own-victim", "own-thief", 100, "acc-thief1"),
        ("sig-1", "transfer", "own-victim", "own-thief", 2000, "acc-thief1"),
        ("sig-1", "fee", "own-victim", None, 5000, None),
        ("sig-2", "transfer", "own-thief", "own-kraken", 60, "acc-kraken1"),
        ("sig-2", "transfer", "own-thief", "own-mule", 10, "acc-mule1"),
        ("sig-2", "fee", "own-thief", None, 5000, None),
    }
    assert {row["account"] for row in shown(path, "flows") if row["dst"] == "own-kraken"} == {"acc-kraken1"}


def test_what_the_index_lists_and_no_longer_keeps_is_a_gap_and_puts_nothing_at_rest(tmp_path: Path) -> None:
    gone = {**TOLD, "/tx/sig-2": {"id": "sig-2", "gone": True}}
    files = {f"{n}.json": json.dumps(said).encode() for n, said in enumerate(gone.values())}
    path = case(tmp_path, {**HOT, **files}, STOLEN)
    assert ends(path) == {("own-thief", "uncollected"): 100}
    (gap,) = [g for g in shown(path, "gaps") if g["code"] == "listed-not-shown" and "own-thief" in g["why"]]
    assert gap["fill"]["ask"] == "Details"
    assert not (path / "out" / "letters").exists() or not list((path / "out" / "letters").glob("*.txt"))


def test_a_claim_counts_in_its_range_only(tmp_path: Path) -> None:
    short = {**TOLD, "/list/own-thief": {"list": "own-thief", "from": 1, "to": 8, "ids": ["sig-1"]}}
    files = {f"{n}.json": json.dumps(said).encode() for n, said in enumerate(short.values())}
    path = case(tmp_path, {**HOT, **files}, STOLEN)
    assert ("own-thief", "rest") not in ends(path), "a movement at height 9 lies outside the claim to height 8"


# One deposit address, and memos.

MEMO = "toymemo:1"
PAID: Answers = {
    "/history/m-thief": {
        "history": "m-thief",
        "to": 90,
        "payments": [
            ["h-1", 7, "m-victim", "m-thief", 100, None],
            ["h-2", 8, "m-thief", "m-kraken", 40, "4711"],
            ["h-3", 9, "m-thief", "m-kraken", 25, "4711"],
            ["h-4", 10, "m-thief", "m-kraken", 20, "0815"],
            ["h-5", 11, "m-thief", "m-kraken", 5, None],
        ],
    }
}
TAKEN = [{"address": "toymemo:1:m-thief"}]


def test_a_deposit_is_its_address_and_memo_live_and_offline(tmp_path: Path, serve: Any) -> None:
    url, _ = serve(PAID)
    paths = []
    for name, files, live in (
        ("live", {}, {"toy_memos_ledger": url}),
        ("offline", {"one.json": json.dumps(PAID["/history/m-thief"]).encode()}, {}),
    ):
        folder = tmp_path / name
        folder.mkdir()
        paths.append(case(folder, {"labels.csv": labels(MEMO, "m-kraken"), **files}, TAKEN, **live))
    for path in paths:
        rows = {(r["address"], r["memo"]): (r["amount"], r["by_memo"]) for r in shown(path, "offramps")}
        assert rows == {
            ("m-kraken", "4711"): ("65", True),
            ("m-kraken", "0815"): ("20", True),
            ("m-kraken", ""): ("5", True),
        }, "the thief's own wallet is no deposit address of the service"
        assert {(r["chain"], r["memo"]) for r in shown(path, "flows") if r["dst"] == "m-kraken"} == {
            (MEMO, "4711"),
            (MEMO, "0815"),
            (MEMO, None),
        }
        said, table = letter(path)
        assert {(r["address"], r["memo"], r["raw_amount"]) for r in table if r["direction"] == "in"} == {
            ("m-kraken", "4711", "40"),
            ("m-kraken", "4711", "25"),
            ("m-kraken", "0815", "20"),
            ("m-kraken", "", "5"),
        }
        assert "m-thief" not in {r["address"] for r in table}
        assert "4711" in said
        (gap,) = [g for g in shown(path, "gaps") if g["code"] == "deposit-without-memo"]
        assert gap["subject"] == f"{MEMO}:h-5"
        assert gap["fill"] is None, "the transaction is shown whole: no answer can add a memo"
        kinds = {(r["kind"], r["address"]) for r in derived.read(open_for_reading(path), "assertions").to_pylist()}
        assert not kinds & {("deposit-address", "m-thief"), ("hub", "m-kraken")}


def test_a_service_that_says_it_uses_no_memos_is_taken_at_its_word(tmp_path: Path) -> None:
    """The register's entry counts before the chain's habit, in both directions."""
    import pyarrow as pa

    from recover.linking.memos import told
    from recover.linking.policy import TABLE
    from recover.registers.services import Register
    from recover.sdk import Service

    def entry(memos: bool | None) -> Register:
        made = Service(
            id="k",
            name="Kraken",
            category="exchange",
            aliases=(),
            uri="",
            jurisdictions=(),
            legal={},
            source="",
            as_of="",
            memos=memos,
        )
        return Register(services={"k": made}, names={"kraken": "k"})

    base: dict[str, Any] = {name: "" for name in TABLE.names if not pa.types.is_list(TABLE.field(name).type)}
    base |= {"transactions": [], "exhibit": 1, "place": 0, "height": None, "other": None, "asset": None}
    rows = [
        {**base, "kind": "label", "chain": chain, "address": "x", "service": "Kraken", "role": "hot-wallet"}
        for chain in (MEMO, OWN)
    ]
    resolved = pa.Table.from_pylist(rows, schema=TABLE)
    for memos, chains in ((None, {MEMO}), (True, {MEMO, OWN}), (False, set())):
        assert {chain for chain, _ in told(resolved, PLUGINS, entry(memos))} == chains


def test_a_listed_payment_that_is_not_shown_is_a_gap(tmp_path: Path) -> None:
    said = dict(PAID["/history/m-thief"])
    said["payments"] = [*said["payments"][:2], ["h-9", 12, "m-thief", "m-x", None, None]]
    files = {"labels.csv": labels(MEMO, "m-kraken"), "one.json": json.dumps(said).encode()}
    path = case(tmp_path, files, [{"tx": f"{MEMO}:h-1"}])
    assert "listed-not-shown" in {g["code"] for g in shown(path, "gaps")}
    assert ("m-thief", "rest") not in ends(path)
