"""Sums of the first page and of a portal: with its range, given up last; and the period of the records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.core.test_letter_portal import pasted, service
from tests.core.test_letter_rules import SENDER, letter

from recover.letters import front, measured, sight
from recover.report import figures
from recover.sdk import Finding


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("kind", ["preserve", "freeze", "notice"])
def test_a_field_gives_up_no_sum_and_names_what_it_gives_up(
    kind: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    m = service(20, language=language, kind=kind, sender=SENDER | {"address": "Long Road " * 30})
    t = m.texts
    ranged = "ranges " * 120  # longer than anything else
    monkeypatch.setattr(measured, "bounded", lambda m: [ranged])
    monkeypatch.setattr(front, "FIELD", 3_000)
    text = pasted(m)
    assert len(text) <= front.FIELD
    whole = t.say("glance.whole")
    assert f"\n{whole}: " in text
    if kind == "preserve":
        assert ranged.strip() in text
    if kind == "freeze":
        assert f"\n{t.say('glance.upto')}: " in text
    named = next(line for line in text.splitlines() if line.startswith(t.entries["glance.apart"].split("{")[0]))
    every = [name for name, _, _ in front._facts(m, 1)]
    gone = [name for name in every if f"\n{name}: " not in text]
    assert gone
    assert [name for name in gone if name not in named] == []


@pytest.mark.parametrize(("language", "word"), [("en", "up to"), ("th", "ไม่เกิน")])
def test_a_sum_that_rules_exceed_is_no_upper_bound(
    language: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    m = service(2, language=language)
    sums = measured.summed(m.ramps)
    asset, n = next(iter(sums.items()))
    total = m.total(m.key, asset)

    class Ranged:
        def __init__(self, most: int) -> None:
            self.asset, self.least, self.most = asset, ("fifo", 0), ("lifo", most)

    assert total.asset == asset
    for most, bound in ((n, True), (n + 1, False)):
        monkeypatch.setattr(measured, "moving", lambda m, most=most: [Ranged(most)])
        found = front.sums(m)
        assert (word in found[1]) is bound
        assert m.texts.entries["hold.range"].split("{")[0] in found[2]


@pytest.mark.parametrize("language", ["en", "th"])
def test_the_sum_that_an_issuer_is_asked_about_has_its_range(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = "eip155:1/slip44:60"
    places = [
        Finding(id=f"f{n}", kind="freezable", subject=f"0x{n}", slots={"asset": asset, "upto": 10, "amount": 10},
                exhibits=(), grade="B")
        for n in (1, 2)
    ]  # fmt: skip
    m = replace(letter(kind="freeze-issuer", name="Tether", language=language), holdings=tuple(places), ramps=())
    by_rule: dict[Any, dict[str, int]] = {
        ("0x1", asset): {"fifo": 10, "lifo": 0},
        ("0x2", asset): {"fifo": 10, "lifo": 5},
        ("0x3", asset): {"fifo": 0, "lifo": 99},
    }
    monkeypatch.setattr(measured, "ranged", lambda view, losses: by_rule)
    (said,) = measured.left_ranges(m)
    units = [m.texts.units(n, figures.asset(m.view, asset)) for n in (5, 20)]
    assert [one for one in units if one not in said] == [], "of both addresses together, and of no other"
    assert said in front.sums(m)
    by_rule[("0x1", asset)]["lifo"], by_rule[("0x2", asset)]["lifo"] = 10, 10
    assert measured.left_ranges(m) == []


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("kind", ["preserve", "disclose", "notice", "freeze"])
def test_the_first_page_says_from_when_records_are_asked_for(kind: str, language: str) -> None:
    m = service(2, language=language, kind=kind)
    since = replace(m, choice=replace(m.choice, since="2022-01-05T00:00:00+00:00"))
    since.__dict__["losses"] = m.losses
    found = {name: value for name, value, _ in sight.rows(since, ["ask", "table"])}
    name = m.texts.say("glance.records")
    assert (name in found) is (kind != "freeze")
    assert ("2022-01-05" in found.get(name, "")) is (kind != "freeze")
