"""A list that is sent again, corrected or not: nothing of it counts twice, and who may be one person is said."""

from __future__ import annotations

import json

import pytest
from tests.core.test_statements import OTHER, USDT, Tool, export, tool, tx
from tests.core.test_victims import ANNA, SOMCHAI, Desk, row

__all__ = ["tool"]


@pytest.fixture
def desk(tool: Tool) -> Desk:
    tool.open(export([("victim", "own", 50), ("other", "own", 30)], ["own"]))
    return Desk(tool, tool.folder)


def state(desk: Desk) -> object:
    rows = {r["id"]: r for r in desk.show("list")}
    return {n: (r["claimed"], r["received"], r["banks"], len(r["payments"])) for n, r in rows.items()}


def test_a_list_that_is_sent_again_changes_nothing(desk: Desk) -> None:
    """One shown, one of a rival, one without a transaction; with what came back, and a bank."""
    text = row(ANNA) + row(SOMCHAI, rest="Bank,,5,,") + row(SOMCHAI, None, "30", rest=",,2,,")
    one, two = desk.take(text)["new"]
    before = state(desk)
    again = desk.take(text)
    assert (again["new"], again["payments"], len(again["told"])) == ([], [], 3)
    assert state(desk) == before
    assert desk.show("show", two)["received"] == {USDT: "7000000"}
    # A later figure of what came back takes the place of the earlier one of that row.
    desk.take(text.replace(",5,,", ",6,,"))
    assert desk.show("show", two)["received"] == {USDT: "8000000"}
    assert desk.show("show", one)["received"] == {}


def test_a_transaction_that_becomes_known_makes_no_further_payment(desk: Desk) -> None:
    (name,) = desk.take(row(SOMCHAI, None, "30"))["new"]
    learned = desk.take(row(SOMCHAI, 2, "30"))
    assert [(p["id"], p["tx"], p["state"]) for p in learned["payments"]] == [(f"{name}.1", tx(2), "shown")]
    desk.take(row(SOMCHAI, None, "30"))
    assert len(desk.show("show", name)["payments"]) == 1
    assert [loss["tx"] for loss in desk.tool.show("losses")] == [tx(2)]


def test_one_contact_under_two_names_is_said_and_merges_nobody(desk: Desk) -> None:
    latin = SOMCHAI.replace("สมชาย ตัวอย่าง", "Somchai Tuayang")
    taken = desk.take(row(SOMCHAI) + row(latin, 2, "30"))
    one, two = taken["new"]
    assert any(two in line and one in line and "one person?" in line for line in taken["told"])
    assert [r["alike"] for r in desk.show("list")] == [[two], [one]]
    assert f"one person with {two}?" in desk.show("show", one)["open"]


def test_an_asset_that_is_not_named_is_the_one_that_the_transaction_moved(desk: Desk) -> None:
    bare = row(ANNA).replace(f",{USDT},", ",,")
    assert [p["asset"] for p in desk.take(bare)["payments"]] == [USDT]
    lacking = row(SOMCHAI, None, "30").replace(f",{USDT},", ",,")
    code, out, _ = desk.bare(lacking + row(SOMCHAI, 9, "1").replace(f",{USDT},", ",,"))
    assert code == 2
    assert "line 2" in out
    assert "line 3" in out


def test_a_candidate_says_who_claims_it_already(desk: Desk) -> None:
    desk.tool("run", "--until", "decode")
    one, two = desk.take(row(ANNA) + row(SOMCHAI, None, "50"))["new"]
    (payment,) = desk.show("show", two)["payments"]
    assert [c["claimed_by"] for c in payment["candidates"]] == [[one]]
    assert f"claimed by {one}" in payment["gap"]["why"]


def test_a_symbol_of_no_register_means_the_one_asset_of_the_case_that_has_it(tool: Tool) -> None:
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.recognise.assets import named
    from recover.sdk import Error

    tool.open(export([("victim", "own", 50)], ["own"], OTHER).replace(",USDT,", ",MUSD,"))
    tool("run", "--until", "decode")
    case, plugins = open_for_reading(tool.case), registry.load()
    assert named(case, plugins, "musd").id == OTHER
    with pytest.raises(Error) as caught:
        named(case, plugins, "NUSD")
    assert caught.value.code == "no-asset"


def test_what_no_exhibit_shows_is_marked_where_it_is_shared_on(desk: Desk) -> None:
    one, two = desk.take(row(ANNA) + row(SOMCHAI, None, "30"))["new"]
    shared = ("allocate", "--asset", USDT, "--pool", "40.0", "--mode", "prorata_loss")
    code, out, _ = desk.tool(*shared, "--json")
    assert code == 0
    assert {c["claimant"]: c["unshown"] for c in json.loads(out)["claims"]} == {one: False, two: True}
    _, out, err = desk.tool(*shared)
    assert f"{two} *" in out
    assert f"{one} *" not in out
    assert "30.000000 of what is counted is shown by no exhibit" in err
