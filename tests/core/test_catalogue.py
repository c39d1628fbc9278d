"""Every sentence of the catalogue stands exactly where its condition holds, and was seen both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from tests.core.catalogued import altered, cases, name_of, nameless
from tests.core.catalogued_paid import paid
from tests.core.test_statements import Tool

from recover.findings import declaration
from recover.letters import changed, conditions, drafts, gates, identified, paper, screened, served
from recover.letters.life import Act, Choice, Letter
from recover.letters.matter import Matter, Ways
from recover.plugins import registry
from recover.report import (
    answer,
    brief,
    catalogue,
    declared,
    drawing,
    figures,
    operators,
    sentences,
    simultaneous,
    variants,
    wording,
)
from recover.report.elements import Para
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.ends import recorded

_MADE: list[View] = []

SENTENCES = pytest.mark.xdist_group("sentences")
"""Tests that read the views of all cases run in one process, which works them once."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[View]:
    """The views of all cases, worked once for every file that asks."""

    class Silent:
        def readouterr(self) -> tuple[str, str]:
            return "", ""

    tool = Tool(tmp_path_factory.mktemp("cases"), Silent())  # type: ignore[arg-type]
    if not _MADE:
        _MADE.extend((*cases(tool), *paid(tool)))
    return _MADE


@SENTENCES
def test_every_sentence_of_the_report_stands_where_its_condition_holds(found: list[View]) -> None:
    folder = registry.load().templates["report"].folder
    stood: dict[str, set[bool]] = {}
    wrong: list[str] = []
    for view in [*found, *altered(found)]:
        texts = Texts.load(folder, "en")
        brief.report(view, texts)
        for sentence in catalogue.report(view):
            holds = sentence.holds(view)
            if (sentence.key in texts.used) != holds:
                wrong.append(f"{sentence.key} ({sentence.when}): true {holds}, {sorted(name_of(view))}")
            stood.setdefault(sentence.key, set()).add(holds)
        said = {key for key in texts.used if key.startswith("findings.") and key.endswith(".text")}
        assert said <= {sentence.key for sentence in catalogue.report(view)}
    assert not wrong, "\n".join(wrong)
    one_way = sorted(key for key, ways in stood.items() if len(ways) < 2 and not key.startswith("findings."))
    assert not one_way, f"never tried both ways: {', '.join(one_way)}"


def matters(view: View, desk: drafts.Desk, more: bool) -> Iterator[Matter]:
    """A letter of every kind to each service that can have one, and to one of which the case knows nothing."""
    ways = Ways(view)
    reached = [key for key, _ in served.services(view)]
    for kind in desk.kinds.values():
        mine = [*reached, *(operators.opened(view) if "crossed" in kind.parts else ())]
        for key in mine if kind.about == "service" else ["" if kind.id != "freeze-issuer" else "Tether"]:
            plain = Choice(
                id=f"x-{kind.id}",
                kind=kind.id,
                service=key if kind.about == "service" else "",
                name=key or "Somebody",
                basis=gates.VOLUNTARY,
                addressee=kind.addressees[0],
            )
            named = [replace(plain, about=(identified.EXAMPLES[kind.names],))] if kind.names else []
            for choice in (plain, *named, *told_by_hand(plain), *(of_one(plain) if more else ())):
                for issued in (None, ISSUED):
                    m = drafts.matter_of(view, desk, ways, choice, Letter(choice.id), "en", issued)
                    yield replace(m, version=2, replaced=1) if issued else m
                    for left in (1, 0) if m.pooled else ():  # of others' some stands where it came in, and none
                        m.texts.used.clear()
                        yield replace(m, pooled={asset: (sum(both), left) for asset, both in m.pooled.items()})
            if more:
                yield from superseding(view, desk, ways, plain)
            if more and kind.id == "isp":
                yield at_home(view, desk, ways, plain)


def at_home(view: View, desk: drafts.Desk, ways: Ways, plain: Choice) -> Matter:
    """A letter on one state's own law to an addressee whom the register places there."""
    sender = {"name": "An office", "state": "US"}
    choice = replace(plain, basis="us.2703f", role="competent_authority", sender=sender)
    m = drafts.matter_of(view, desk, ways, choice, Letter(choice.id), "en", None)
    return replace(m, service=replace(m.service, jurisdictions=("US",)))


ISSUED = datetime(2026, 1, 2, tzinfo=UTC)


def superseding(view: View, desk: drafts.Desk, ways: Ways, plain: Choice) -> Iterator[Matter]:
    """The version after one that went out: the same words, others, and after one of a part that none has here."""
    (first,) = drafts.matters(view, desk, ways, plain, Letter(plain.id))
    digests = changed.parts([first], ISSUED)
    for choice, parts in (
        (plain, digests),
        (replace(plain, role="victim"), digests),
        (plain, {**digests, "x": "0"}),
    ):
        said = {"at": ISSUED.isoformat(), "parts": parts}
        went = [Act(act=act, number=1, time=ISSUED, version=1, said=said) for act in ("issue", "sent")]
        for m in drafts.matters(view, desk, ways, choice, Letter(plain.id, acts=went)):
            m.texts.used.clear()  # to know what differs it was drawn as that version was: as issued
            yield m


def parted(views: Sequence[View]) -> Iterator[View]:
    """A view in which a sequence was assumed, with a second loss: a party's letter leaves that one out."""
    view = next(v for v in views if any(r.asset in simultaneous.tried(v) for r in v.offramps))
    other = replace(view.case.losses[0], id="L99")
    yield replace(view, case=replace(view.case, losses=(*view.case.losses, other)))


def mixed(views: Sequence[View]) -> Iterator[View]:
    """A part went through addresses, a part arrived where the trace stops; and a label that a person passed."""
    view = next(v for v in views if any(r.service and r.amount for r in v.offramps))
    ramp = next(r for r in view.offramps if r.service and r.amount)
    through = replace(ramp, address=f"{ramp.through}0", through=f"{ramp.through}0", hot_wallets=())
    rows = (replace(ramp, hot_wallets=(ramp.through,)), through)
    slots = {"by": "N", "source": "a list", "category": "mixer"}
    passed = replace(view.findings[0], id="F99", kind="no-letter", subject=ramp.service or "", slots=slots)
    yield replace(view, offramps=rows, findings=(*view.findings, passed))
    yield replace(view, offramps=tuple(replace(r, service=None) for r in rows))
    back = pa.table({"chain": [through.chain], "address": [through.through]})  # for screening
    both = replace(view, offramps=(ramp, through), tables={**view.tables, screened.TABLE: lambda: back})
    yield screened.shown(both)


def of_one(plain: Choice) -> Iterator[Choice]:
    """What hangs on the law, the sender or the identifiers alone: tried in one case, as it is the same in all."""
    yield replace(plain, role="competent_authority", basis="th.ed2566", report="R-1")
    yield replace(plain, role="competent_authority", basis="us.2703f", until="2026-12-31")
    client = replace(plain, role="counsel", instructed_by="V-ABCDEF", about=(identified.EXAMPLES["payment"],))
    yield replace(client, claim="The return of what was taken, against the holder.")


def told_by_hand(plain: Choice) -> Iterator[Choice]:
    """The same with what a person can say of it: sender and law, identifiers and facts, one loss of several."""
    yield replace(plain, role="competent_authority", basis="th.cca26", offence="Fraud, s. 1", tell_user=True)
    yield replace(plain, role="counsel", about=("acc 1",), facts="They met.", court="Civil Court", losses=("L1",))
    yield replace(plain, role="counsel", reply_by="2026-06-30", until="2026-12-31")
    yield replace(plain, role="competent_authority")
    yield replace(plain, language="en+th", urgent="He leaves today.")


@SENTENCES
@pytest.mark.slow
def test_every_sentence_of_every_letter_stands_where_its_condition_holds(found: list[View]) -> None:
    desk = drafts.desk(list(registry.load().templates.values()))
    checked = replace(
        desk, bases={k: replace(b, verified_by="Dr Law", unverified=False) for k, b in desk.bases.items()}
    )
    stood: dict[str, set[bool]] = {}
    kinds: set[str] = set()
    wrong: list[str] = []
    for n, view in enumerate([*found, *altered(found), *nameless(found), *parted(found), *mixed(found)]):
        for m in matters(view, checked if n == 3 else desk, n == 0):
            paper.brief(m)
            kinds.add(m.kind.id)
            for one in conditions.LETTERS:
                if not m.texts.has(one.key):
                    continue
                holds = one.true(m)
                if (one.key in m.texts.used) != holds:
                    wrong.append(f"{m.kind.id}: {one.key} ({one.when}): true {holds}, {m.choice}")
                stood.setdefault(one.key, set()).add(holds)
    assert not wrong, "\n".join(wrong[:20])
    assert kinds == set(desk.kinds), "a kind of letter that was not tried"
    one_way = sorted(one.key for one in conditions.LETTERS if stood.get(one.key) != {True, False})
    assert not one_way, f"never tried both ways: {', '.join(one_way)}"


@SENTENCES
def test_rules_are_said_to_agree_nowhere_that_they_differ_by_loss(found: list[View]) -> None:
    """Of what is at rest too: the sums by loss are made here from the ends."""
    seen = 0
    for view in found:
        claims = {rule["id"] for rule in view.rules if rule.get("claim") == "yes"}
        for asset, row in ((one, row) for one in answer.began(view) for row in answer.rows(view, one)):
            assert not (row.apart and answer.agree(view, asset))
            if not row.losses or row.reason not in figures.STANDINGS:
                continue
            sums, at = dict[str, dict[str, int]](), {address for _, address in row.at}
            ends = recorded(view.tables["ends"]()).to_pylist()
            rest = [end for end in ends if (end["asset"], end["reason"]) == (asset, "rest")]
            for end in (end for end in rest if end["address"] in at and end["rule"] in claims):
                held = sums.setdefault(end["loss"], {})
                held[end["rule"]] = held.get(end["rule"], 0) + end["amount"]
            for loss, by_rule in row.losses.items():
                assert {rule: n for rule, n in by_rule.items() if n} == {r: n for r, n in sums[loss].items() if n}
                seen += 1
    assert seen >= 2


@SENTENCES
@pytest.mark.parametrize("language", ["en", "th"])
def test_no_finding_and_no_picture_says_that_zero_moved(found: list[View], language: str) -> None:
    texts, seen = Texts.load(registry.load().templates["report"].folder, language), 0
    for view in found:
        for asset in {f.slots["asset"] for f in view.findings if f.kind == "service-total"}:
            nothing = texts.units(0, figures.asset(view, str(asset)))
            for f in (f for f in view.findings if f.kind == "service-total" and f.slots["asset"] == asset):
                seen += not f.slots["amount"]
                assert bool(f.slots["amount"]) == (variants.variant(f) != "service-total_none")
                slots = {"direct": 0, "sweeps": 0, "amount": 0}
                bare = sentences.point(view, texts, replace(f, slots={**f.slots, **slots}))
                assert f"traced value of {nothing}" not in bare.text
                assert f"ติดตาม {nothing}" not in bare.text
        for picture in drawing.pictures(view, texts):
            assert not re.search(r"(: |; )0(\.0+)? ", picture.alt)
    assert seen, "a service that nothing was traced on to"


@SENTENCES
def test_each_change_of_the_rule_is_told_with_its_own_entry_in_order(found: list[View]) -> None:
    said: Any = [
        (SimpleNamespace(number=n, time=ISSUED), SimpleNamespace(rule=rule))
        for n, rule in ((1, "fifo"), (9, "fifo"), (18, "lifo"), (22, "prorata"), (30, "lifo"), (40, "prorata"))
    ]
    ruled = [*declaration._ruled(said, [12, 20, 41])]
    assert [(one.number, one.former, one.rule, one.ran) for one in ruled] == [
        (18, "fifo", "lifo", True),
        (22, "lifo", "prorata", True),
        (30, "prorata", "lifo", False),
        (40, "lifo", "prorata", True),
    ]
    assert not [*declaration._ruled(said, [41])], "no results stood when it was changed"
    view = found[0]
    assert view.declaration is not None
    view = replace(view, declaration=replace(view.declaration, rule="prorata", ruled=tuple(ruled)))
    for language in ("en", "th"):
        texts = Texts.load(registry.load().templates["report"].folder, language)
        told = [block.text for block in declared.warnings(view, texts) if isinstance(block, Para)][:4]
        assert [n in text for n, text in zip(("18", "22", "30", "40"), told, strict=True)] == [True] * 4
        names = [(texts.rule(one.rule), texts.rule(one.former)) for one in ruled]
        assert all(then in text and was in text for (then, was), text in zip(names, told, strict=True))


def test_every_text_is_in_the_catalogue_once() -> None:
    """With its condition, as true of every case, or as a part that claims nothing: and never in two of them."""
    conditional = {s.key for s in catalogue.REPORT} | {s.key for s in conditions.LETTERS}
    templates = registry.load().templates
    keys = set()
    for name, one in templates.items():
        if one.kind in ("report", "letter") or name == "letters-common":
            keys |= set(Texts.load(one.folder, "en").entries)
    # What a finding says stands where one of its kind was made, which `catalogue.report` adds.
    claims = {key for key in keys if not (key.startswith("findings.") and key.endswith(".text"))}
    unknown = {k for k in claims - conditional - wording.ALWAYS if not wording.PARTS.fullmatch(k)}
    assert not unknown, f"in no part of the catalogue: {', '.join(sorted(unknown))}"
    assert not conditional & wording.ALWAYS
    assert conditional | wording.ALWAYS <= keys, "a sentence of the catalogue that no template has"


def test_a_sentence_that_nobody_entered_is_found() -> None:
    assert not wording.PARTS.fullmatch("summary.new_claim")
    assert not wording.PARTS.fullmatch("conclusions.service")


def test_claims_of_the_texts_are_in_the_catalogue() -> None:
    texts = Texts.load(registry.load().templates["report"].folder, "en")
    known = {sentence.key for sentence in catalogue.REPORT}
    claims = {key for key in texts.entries if key.startswith(("conclusions.", "alternatives.edge"))}
    assert claims - known == {"conclusions.title", "conclusions.todo"}


@SENTENCES
def test_the_state_of_review_is_printed(found: list[View], tmp_path: Path) -> None:
    texts = Texts.load(registry.load().templates["report"].folder, "en")
    brief.report(found[0], texts)
    assert "review.state" in texts.used
