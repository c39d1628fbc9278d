"""Movements, claims and settings of a bundle that are not what the rest of it says: each is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.attack.forging import LEGS, Bundle

from recover.sealing import recover_verify as outside
from recover.trails import legs


def spend(rows: list[Any], tx: str) -> list[Any]:
    found: list[Any] = next(row["spend"] for row in rows if "spend" in row and row["spend"][0].startswith(tx))
    return found


def times(rows: list[Any]) -> None:
    for row in rows:
        for out in row["spend"][3] if "spend" in row else ():
            out[3] = "2019-01-01T00:00:00.000000Z"


def again(rows: list[Any]) -> None:
    """The whole of a transaction a second time."""
    at = max(n for n, row in enumerate(rows) if "spend" in row)
    tx, _, _, outs = spend(rows, "f4184")
    twice = [[9000 + n, *out[1:]] for n, out in enumerate(outs)]
    rows.insert(at + 1, {"spend": [tx, "", [[None, None, "5000000000"]], twice]})


BYTES: dict[str, Callable[[Any], Any]] = {
    "an input left out": lambda rows: spend(rows, "828ef").__setitem__(2, [[None, None, "2800000000"]]),
    "an input's owner alone": lambda rows: spend(rows, "828ef").__setitem__(2, [[None, 29, "2800000000"]]),
    "an input more": lambda rows: spend(rows, "828ef")[2].append([None, None, "500000000"]),
    "an output left out": lambda rows: spend(rows, "f4184")[3].pop(0),
    "an output twice": lambda rows: (
        spend(rows, "f4184")[3].append([9999, *spend(rows, "f4184")[3][0][1:]])
        or spend(rows, "f4184")[2].append([None, None, "1000000000"])
    ),
    "nobody as receiver": lambda rows: spend(rows, "f4184")[3][0].__setitem__(1, None),
    "another receiver": lambda rows: spend(rows, "f4184")[3][0].__setitem__(1, 2),
    "another amount": lambda rows: spend(rows, "f4184")[3][0].__setitem__(2, "999999999"),
    "outputs in another order": lambda rows: spend(rows, "f4184")[3].reverse(),
    "times": times,
    "the transaction again": again,
}


@pytest.mark.parametrize("what", BYTES)
def test_a_transaction_that_is_not_what_its_bytes_say_is_named(what: str, coins: Bundle) -> None:
    coins.legs(BYTES[what])
    assert "proof" in coins.fitted().named(), coins.found()


def test_an_output_is_spent_after_it_is_made_and_for_what_it_is(coins: Bundle) -> None:
    rows = [json.loads(line) for line in coins.files[LEGS].splitlines()]
    at = [n for n, row in enumerate(rows) if "spend" in row]
    turned = [*rows[: at[0]], *rows[at[0] : at[-1] + 1][::-1], *rows[at[-1] + 1 :]]
    with pytest.raises(outside.Broken, match="above its own"):
        outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in turned))
    spend(rows, "828ef")[2][0][2] = "2900000000"
    with pytest.raises(outside.Broken, match="another amount or owner"):
        outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def turned(rows: list[Any]) -> None:
    """All movements in the reverse order, with their true times beside them."""
    at = [n for n, row in enumerate(rows) if "move" in row]
    moves = [rows[n]["move"] for n in at]
    seqs = {move[0]: seq for move, seq in zip(moves[::-1], [move[0] for move in moves], strict=True)}
    for n, move in zip(at, [[seqs[m[0]], *m[1:]] for m in moves[::-1]], strict=True):
        rows[n] = {"move": move}
    for row in rows:
        if "claim" in row:
            row["claim"][1] = seqs[row["claim"][1]]


def test_movements_against_their_times_could_not_be_checked(account: Bundle) -> None:
    account.legs(turned)
    assert "order" in account.fitted().named(outside.UNKNOWN)
    with pytest.raises(outside.Broken, match="no moment"):
        account.legs(lambda rows: next(r for r in rows if "move" in r)["move"].__setitem__(6, "1999-13-45"))


@pytest.mark.parametrize("amount", ["1", "119999999999", None])
def test_a_loss_claims_what_was_declared(amount: str | None, account: Bundle) -> None:
    def change(rows: list[Any]) -> None:
        if amount is None:
            rows[0]["losses"][0]["amount"] = None
        claim = next(row["claim"] for row in rows if "claim" in row)
        claim[2] = amount or "1"

    account.legs(change)
    assert "claims" in account.fitted().named()


def apart(moves: list[list[Any]], losses: list[tuple[str, int | None]], claims: list[list[Any]]) -> list[Any]:
    """What is said of the claims of losses on one transaction; `moves`: (payer, receiver, amount)."""
    asset, blank = "bank:1/token:gold", dict.fromkeys(("address", "output", "since", "until", "memo"))
    said: list[Any] = [
        {**blank, "id": i, "chain": "bank:1", "tx": "t", "amount": n and str(n), "assets": []} for i, n in losses
    ]
    head = {"record": "recover-legs", "version": legs.VERSION, "rule": "fifo", "losses": said}
    rows: list[Any] = [head, {"asset": asset, "model": "account"}]
    rows += [{"address": [n, f"a{n}", "", n != 9, False, False]} for n in (*range(5), 9)]
    rows += [
        {"move": [seq, src, dst, str(n), "transfer", "t", "2024-01-01T00:00:00.000000Z", None]}
        for seq, (src, dst, n) in enumerate(moves)
    ]
    rows += [{"claim": claim} for claim in claims]
    found: outside.Found = []
    outside.check_claims(outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in rows)), found)
    return [(answer, told) for _, answer, told in found]


def test_a_loss_of_a_stated_amount_takes_the_first_part_that_is_left_for_it() -> None:
    two = [[0, 1, 60], [0, 2, 60]]
    first, later = ("L1", 70), ("L2", 30)
    good = [["L1", 0, "60"], ["L1", 1, "10"]]
    assert apart(two, [first], good) == []
    ((answer, told),) = apart(two, [first], [["L1", 0, "10"], ["L1", 1, "60"]])
    assert (answer, told[:53]) == (outside.FAILS, "L1 claims 10 of movement 0, and takes 60 of it, as th")
    assert apart(two, [first, later], [*good, ["L2", 1, "30"]]) == []
    (((answer, told)),) = apart(two, [first, later], [*good, ["L2", 0, "30"]])
    # What an earlier loss took is checked as that loss's own: a later one is named, and not called false.
    assert (answer, told[:26]) == (outside.UNKNOWN, "L2 claims 30 of movement 0")
    # Where all is claimed already, a loss takes from the beginning again, and is told as an overlap.
    assert apart(two, [("L1", 120), later], [["L1", 0, "60"], ["L1", 1, "60"], ["L2", 0, "30"]]) == []


def test_what_goes_on_to_where_value_is_not_followed_could_not_be_checked() -> None:
    on = [[0, 9, 60], [0, 2, 60]]
    ((answer, told),) = apart(on, [("L1", 60)], [["L1", 1, "60"]])
    assert (answer, "was not computed" in told) == (outside.UNKNOWN, True)
    assert apart(on, [("L1", 60)], [["L1", 0, "60"]]) == []


@pytest.mark.parametrize("owner", [0, None])
def test_a_loss_of_coins_is_the_output_that_has_its_amount(owner: int | None) -> None:
    moment = "2024-01-01T00:00:00.000000Z"
    loss = {**dict.fromkeys(("address", "output", "since", "until", "memo")), "id": "L1", "chain": "coin:1"}
    head: dict[str, Any] = {"record": "recover-legs", "version": legs.VERSION, "rule": "fifo"}

    def said(amount: int, *claims: list[Any], **more: Any) -> list[str]:
        head["losses"] = [{**loss, "tx": "t", "amount": str(amount), "assets": [], **more}]
        rows: list[Any] = [head, {"asset": "coin:1/slip44:1", "model": "utxo"}]
        rows += [{"address": [n, f"a{n}", "", True, False, False]} for n in range(4)]
        outs = [[0, 1, "60", moment, 0], [1, 2, "30", moment, 1], [2, 0, "60", moment, 2]]
        rows += [{"spend": ["t", "", [[None, owner, "150"]], outs]}, *({"claim": claim} for claim in claims)]
        found: outside.Found = []
        outside.check_claims(outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in rows)), found)
        return [answer for _, answer, _ in found]

    assert said(30, ["L1", 1, "30"]) == []
    assert said(30, ["L1", 0, "30"]) == [outside.FAILS if owner == 0 else outside.UNKNOWN]
    # What goes back to who paid is not meant, though it has the amount too, unless it is named.
    assert said(60, ["L1", 2, "60"]) == [outside.FAILS if owner == 0 else outside.UNKNOWN]
    assert said(60, ["L1", 2, "60"], output=2) == []
    assert outside.FAILS in said(60, ["L1", 0, "60"], output=2)


def by_address(rows: list[Any], address: str, *claims: list[Any]) -> outside.Found:
    """What is said of the claims of a loss at an address."""
    rows[0]["losses"][0] |= {"address": address, "tx": None, "amount": None, "output": None}
    at = min(n for n, row in enumerate(rows) if "claim" in row)
    rows[:] = [row for row in rows if not set(row) & {"claim", "end", "arrival", "flow"}]
    rows[at:at] = [{"claim": claim} for claim in claims]
    found: outside.Found = []
    outside.check_claims(outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in rows)), found)
    return found


def test_a_loss_by_address_claims_whole_payments_to_it_and_no_other(account: Bundle, coins: Bundle) -> None:
    key = "pk(0411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3)"  # noqa: E501
    mine = [["L1", 19, None]]

    def of(bundle: Bundle, address: str, *claims: list[Any]) -> set[str]:
        rows = [json.loads(line) for line in bundle.files[LEGS].splitlines()]
        return {answer for _, answer, _ in by_address(rows, address, *claims)}

    assert of(coins, key, *mine) == set()
    assert of(coins, "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S", *mine) == set(), "the same key, as an address"
    assert of(coins, "1BitcoinEaterAddressDontSendf59kuE", *mine) == {outside.FAILS}
    assert of(coins, key, *mine, ["L1", 343, None]) == {outside.FAILS}
    assert of(coins, key, *mine, ["L1", 343, "1000000000"]) == {outside.FAILS}
    assert of(coins, key) == {outside.FAILS}, "a payment to it is left out"
    victim = "TWpxp8gWfioKvKXGrqPQGHXW7xnAW7YCGe"
    paid = [["L1", seq, None] for seq in (0, 5, 6)]
    assert of(account, victim, *paid) == set()
    assert of(account, victim, *paid[1:], ["L1", 0, "1000000"]) == {outside.FAILS}


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ('rule = "fifo"', 'note2 = """\nrule = "fifo"\n"""\nrule = "lifo"', outside.UNKNOWN),
        ("[parameters]", '[["loss"]]\nid = "L2"\nchain = "tron:0x2b6653dc"\naddress = "TW"\n', outside.FAILS),
        ('rule = "fifo"', "rule = 'lifo'", outside.FAILS),
        ('rule = "fifo"', 'rule = "fi\\u0066o" # as before', outside.HOLDS),
        ("[[loss]]", "[[ loss ]]", outside.HOLDS),
    ],
    ids=["several lines", "quoted", "literal", "escaped", "spaced"],
)
def test_settings_are_read_as_toml_has_them(old: str, new: str, answer: str, account: Bundle) -> None:
    def change(entries: list[Any]) -> None:
        last = [entry for entry in entries if entry["kind"] == "settings"][-1]
        assert old in last["body"]["text"]
        last["body"]["text"] = last["body"]["text"].replace(old, new)

    account.entries(change)
    told = account.fitted().found()
    order = (outside.HOLDS, outside.UNKNOWN, outside.FAILS)
    assert max((a for name, a, _ in told if name.startswith("declared")), key=order.index) == answer, told


@pytest.mark.parametrize("case", ["account", "coins"])
def test_settings_are_read_as_python_reads_them(case: str, sealed: Path) -> None:
    import tomllib

    text = (sealed / f"{case}-case/case.toml").read_text()
    due = tomllib.loads(text)
    mine = outside.Toml(text).whole
    assert outside.moment(mine.pop("opened")) == due.pop("opened")
    assert mine == due
