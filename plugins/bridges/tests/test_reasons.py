"""Why a crossing is refused is told as it is: each reason is true of the logs that it is said of."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plugins.bridges.tests.common import BASE, GIVEN, GOT, OTHER, RELAYER, A, B, Records, V, erc20
from plugins.bridges.tests.made import pay, who
from plugins.bridges.tests.scenes import a35, burns, f35, mints
from plugins.bridges.tests.test_traps import ask, elsewhere, onto, told

from recover.sdk import Log
from recover_bridges.across import Across
from recover_bridges.cctp import Cctp
from recover_bridges.words import padded


@pytest.mark.parametrize("version", [0, 1])
def test_a_mint_to_another_than_the_message_names_is_told_as_that(version: int) -> None:
    """Contracts and chain are right: what is to be learnt is that somebody else had it."""
    _, minted, received = mints(version)
    assert isinstance(minted, Log)
    other = replace(minted, topics=(minted.topics[0], f"0x{padded(RELAYER).hex()}", *minted.topics[2:]))
    there: Records = [pay(BASE, B, None, RELAYER, erc20(BASE, OTHER), GIVEN), other, received]
    assert told(ask(Cctp(version), burns(version), there))[0] == (A, B, "recipient")
    (fake,) = elsewhere([other], who("d"))
    assert told(ask(Cctp(version), burns(version), [there[0], fake, received]))[0] == (A, B, "domain")


def test_what_a_departure_says_of_its_other_side_is_never_taken_from_an_arrival_that_is_refused() -> None:
    altered = f35(updated={"recipient": RELAYER, "amount": GOT}, recipient=RELAYER)
    rows = {(r["to_tx"], r["to_chain"], r["other"]) for r in ask(Across(), a35(), altered)}
    assert ("", BASE, V) in rows
    chains = {(r["to_tx"], r["to_chain"]) for r in ask(Cctp(0), burns(0), onto(mints(0), "eip155:10"))}
    assert ("", BASE) in chains


@pytest.mark.parametrize("version", [0, 1])
def test_a_burn_of_the_bridge_s_own_is_a_departure_where_its_message_is_not_shown(version: int) -> None:
    """Else what is to be had on the other chain would be told as destroyed."""
    paid, message, burnt = burns(version)
    assert isinstance(message, Log)
    broken = replace(message, data="0x" + "f" * 64)
    (fake,) = elsewhere([message], who("d"))
    for logs in ([burnt], [broken, burnt], [fake, burnt]):
        rows = [r for r in ask(Cctp(version), [paid, *logs]) if r["transactions"] == [A]]
        assert {(r["refused"], r["to_tx"], r["source_leg"]) for r in rows} == {("version", "", "0")}
    assert [r.get("refused", "") for r in ask(Cctp(version), [paid, message, burnt])] == [""]
