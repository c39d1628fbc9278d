"""The rules PL01 to PL20: each where it refuses a letter, and where it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from recover.letters import delivery, drafts, gates, matter, outgoing, paper, renderings, rules, words
from recover.letters.life import Choice, Letter
from recover.letters.matter import Matter
from recover.plugins import registry
from recover.registers import addressees
from recover.report import lint
from recover.report.checked import stopped
from recover.sdk import Error, Template
from recover.testing import sample

DAY = date(2026, 11, 23)
SENDER = {
    "name": "A Firm", "address": "1 Street", "email": "a@example.org", "controller": "A Firm; ten years",
    "officer": "A. Example",
}  # fmt: skip


@cache
def templates() -> list[Template]:
    return list(registry.load().templates.values())


@cache
def desk() -> drafts.Desk:
    return drafts.desk(templates())


def choice(**more: Any) -> Choice:
    usual: dict[str, Any] = {
        "id": "acme-preserve", "kind": "preserve", "service": "Acme", "name": "Acme", "role": "counsel",
        "basis": "none-voluntary", "language": "en", "sender": SENDER, "entity": "Acme Ltd", "until": "2027-01-31",
        "urgent": "It moves tonight.", "offence": "Penal Code s 343",
    }  # fmt: skip
    return Choice(**(usual | more))


def letter(**more: Any) -> Matter:
    view, one = sample.view(), choice(**more)
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    return drafts.matters(view, desk(), matter.Ways(view), one, Letter(one.id), moment)[0]


def refused(m: Matter) -> set[str]:
    found = rules.issued(m, DAY)
    assert all(one.why and one.todo for one in found)
    return {one.rule for one in found}


def said(**more: Any) -> set[str]:
    one = choice(**more)
    chains = list(registry.load().chains.values())
    found = rules.said(one, desk().kinds[one.kind], desk().bases[one.basis], chains, ())
    assert all(found_one.todo for found_one in found)
    return {found_one.rule for found_one in found}


def test_a_whole_letter_breaks_none_of_them() -> None:
    assert refused(letter()) == set()
    assert said(facts="My client was told of a sale.", about=("0xabc",)) == set()


def test_pl01_sender_and_basis() -> None:
    kind = desk().kinds["preserve"]
    found = {
        role: {r.rule for r in gates.refusals(desk().bases["us.2703f"], gates.role(role), kind, "vasp", DAY)}
        for role in ("victim", "counsel", "authority")
    }
    assert found == {"victim": {"PL01"}, "counsel": {"PL01"}, "authority": set()}


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("You are required to keep it.", "PL02"),
        ("Failure to comply is an offence.", "PL02"),
        ("We rely on 18 U.S.C. 2703(f).", "PL02"),
        ("Please disclose the account.", "PL03"),
        ("Please freeze the account.", "PL04"),
        ("The wallet belongs to Acme.", "PL05"),
        ("The holder is guilty.", "PL06"),
        ("Somying Mule stole my money.", "PL06"),
        ("My bank account 123-4-56789-0 was used.", "PL11"),
        ("You must not tell the user.", "PL07"),
        ("FATF requires it.", "PL12"),
        ("The value was seized.", "PL20"),
    ],
)
@pytest.mark.parametrize("where", ["facts", "urgent"])
def test_a_senders_own_words_are_held_to_the_rules_too(words: str, rule: str, where: str) -> None:
    assert rule in said(**{where: words})
    assert said(**{where: "The client paid for goods that never came."}) == set()


@pytest.mark.parametrize(
    ("field", "words", "rule"),
    [
        ("offence", "Fraud by Mr Somsak, a thief", "PL06"),
        ("offence", "s. 341; the holder is guilty of fraud", "PL06"),
        ("entity", "By order of the High Court you must freeze, Ltd.", "PL02"),
        ("report", "ORDER of the Criminal Court: you are obliged to freeze at once", "PL02"),
        ("provision", "s.7: please send us the identification file", "PL03"),
        ("leave", "The holder is guilty", "PL06"),
        ("report", "88/2569, of Mr Smith, who cheated me", "PL06"),
        ("court", "Criminal Court: order made", "PL02"),
        ("instructed_by", "a criminal", "PL06"),
        ("about", ("the account of one who is guilty of theft",), "PL06"),
        ("about", ("the account; you must freeze it",), "PL02"),
        ("about", ("https://platform.example/user/77; user_id=Somsak is guilty",), "PL06"),
        ("about", ("account=TH00 1234; beneficiary=Somsak, a thief",), "PL06"),
    ],
)
def test_every_field_that_is_typed_is_held_to_the_rules(field: str, words: object, rule: str) -> None:
    assert rule in said(**{field: words})


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("offence", "Cheating, s 420; conspiracy to defraud; ฉ้อโกงประชาชน มาตรา 343"),
        ("offence", "Criminal Code s 341; money laundering, AMLA s 5"),
        ("offence", "พ.ร.บ. ว่าด้วยการกระทำความผิดเกี่ยวกับคอมพิวเตอร์ มาตรา 14 และความผิดฐานฟอกเงิน"),
        ("entity", "Bitkub Online Co., Ltd."),
        ("report", "Criminal complaint 88/2569, Bureau 4"),
        ("instructed_by", "the liquidator, appointed by the High Court"),
        ("about", ("account=TH00 1234; reference=Order 5521",)),
        ("about", ("https://shop.example/order/guilty-pleasures",)),
    ],
)
def test_names_of_laws_bodies_and_things_are_no_breach(field: str, words: object) -> None:
    assert said(**{field: words}) == set()


def printed(m: Matter) -> str:
    return renderings.plain(m, paper.brief(m)).decode()


def test_pl08_force_and_age() -> None:
    kind = desk().kinds["preserve"]
    today, late = (
        gates.refusals(desk().bases["us.2703f"], "competent_authority", kind, "vasp", day)
        for day in (DAY, date(2028, 1, 1))
    )
    assert ([r.rule for r in today], [r.rule for r in late]) == ([], ["PL08"])
    # A draft that lay for a year is held to it again when it goes out; what rests on no law has none to look up.
    old = choice(basis="us.2703f", role="competent_authority", sender={**SENDER, "state": "US"})
    for day, told in ((DAY, False), (date(2028, 1, 1), True)):
        with pytest.raises(Error, match="PL08") as refused:
            outgoing.sendable(desk(), old, "A. Example", "", day)
        assert ("older than 365 days" in str(refused.value.why)) == told
    outgoing.sendable(desk(), choice(), "A. Example", "", date(2028, 1, 1))


def test_a_treaty_is_told_with_its_day_and_source_and_reaches_where_its_states_are() -> None:
    at_home = {"basis": "coe.bud.16", "role": "competent_authority", "sender": {**SENDER, "state": "CH"}}
    m = letter(**at_home)
    sheet = delivery.sheet(m).decode()
    assert "CH is a Party to: Convention on Cybercrime" in sheet
    assert "Ratified on 2011-09-21; in force for it since 2012-01-01 [Systematic compilation" in sheet
    assert (
        "from memory of the depositary's chart"
        in delivery.sheet(letter(**at_home | {"sender": {**SENDER, "state": "GB"}})).decode()
    )
    assert "is a Party to" not in delivery.sheet(letter()).decode()
    there = replace(m, service=replace(m.service, jurisdictions=("MT",)))
    assert "coe.bud.16 is law of CH, and the register places this addressee in MT" in printed(there)
    assert "places this addressee" not in printed(replace(m, service=replace(m.service, jurisdictions=("CH",))))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sender": {**SENDER, "email": ""}}, "L05"),
        ({"entity": ""}, "L07"),
        ({"sender": {**SENDER, "controller": ""}}, "L23"),
    ],
)
def test_pl09_what_a_basis_must_state(change: dict[str, Any], field: str) -> None:
    found = rules.issued(letter(**change), DAY)
    assert [(one.rule, one.why[:3]) for one in found] == [("PL09", field)]


def test_pl09_holds_for_every_field_that_any_basis_names() -> None:
    named = {field for basis in desk().bases.values() for field in basis.must_state}
    plain = {"L01", "L02", "L03", "L04", "L09", "L10", "L12", "L16"}
    assert named - plain <= set(rules._MUST), "a field that nothing looks at"
    bare = letter(sender={}, entity="", until="", urgent="", offence="", role="competent_authority")
    everything = replace(bare, basis=replace(bare.basis, must_state=tuple(sorted(named))), rows=())
    found = {one.why[:3] for one in rules.issued(everything, DAY)}
    assert found == {"L05", "L06", "L07", "L11", "L13", "L15", "L17", "L18", "L19", "L23"} & named


@pytest.mark.parametrize(
    ("basis", "until", "rule"),
    [
        ("none-voluntary", "2026-11-22", {"PL10"}),
        ("none-voluntary", "2026-11-23", set()),
        ("us.2703f", "2027-02-21", set()),  # 90 days: the other 90 need a renewed request
        ("us.2703f", "2027-02-22", {"PL10"}),
        ("th.cca26", "2027-02-22", set()),  # that law has data kept for 90 days by itself: an order adds to them
        ("th.cca26", "2028-11-22", set()),
        ("th.cca26", "2028-11-23", {"PL10"}),
    ],
)
def test_pl10_the_term(basis: str, until: str, rule: set[str]) -> None:
    m = letter(until=until, basis=basis, role="competent_authority")
    assert {one.rule for one in rules._term(m, DAY)} == rule


def test_a_basis_on_which_the_letter_names_the_day_needs_one_and_says_what_the_law_keeps_by_itself() -> None:
    m = letter(basis="th.cca26", role="competent_authority", until="")
    assert [one.rule for one in rules.issued(m, DAY) if one.why.startswith("L18")] == ["PL09"]
    told = words.term(m)
    assert "until the day that this letter names, 730 days at most" in told
    assert "kept for 90 days at least" in told


@pytest.mark.parametrize(
    "words", ["Write to jane.doe@example.com", "Her number is 1 2345 67890 12 3", "IBAN GB33BUKB20201555555555"]
)
def test_pl11_identifying_data_in_the_text(words: str) -> None:
    assert said(facts=words) == {"PL11"}
    assert said(facts="L1 paid 1,234.50 USDT on 2024-03-01T10:00:00Z.") == set()


def test_pl11_a_victims_name_stops_the_paper_and_is_not_repeated() -> None:
    breaches = lint.written(letter().texts, ["Paid by Jane Roe."], "letter", ["Jane Roe"])
    told = stopped(breaches, lint.NUMBERS)
    assert b"PL11" in told
    assert b"Jane" not in told


def test_pl13_a_mistyped_address_and_amounts_without_decimals() -> None:
    right = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    assert said(about=(right,)) == set()
    assert said(about=(right[:-1] + "u",)) == {"PL13"}
    assert said(about=("an invoice, no address",)) == set()
    m = letter()
    assert refused(replace(m, rows=tuple(replace(r, decimals="") for r in m.rows))) == {"PL13"}


def test_pl14_and_pl20_in_the_words_of_a_template() -> None:
    numbers = {lint.banned(text, letter=True)[0] for text in ("The stolen coins.", "It was recovered.")}
    assert {lint.NUMBERS[one] for one in numbers} == {"PL14", "PL20"}
    assert lint.banned("Under rule fifo, value came to you.", letter=True) == []


def test_pl15_a_badge_is_an_authoritys() -> None:
    badge = {"sender": {**SENDER, "badge": "12345"}}
    assert said(**badge, role="counsel") == {"PL15"}
    assert said(**badge, role="competent_authority") == set()


def test_pl16_the_signature_is_blank_on_an_issued_letter() -> None:
    from recover.letters import paper

    (sign,) = [s for s in paper.brief(letter()).sections if s.title == "Signature"]
    assert [b.style for b in sign.blocks if b.kind == "para"] == ["plain", "blank"]

    m = letter()
    assert refused(replace(m, kind=replace(m.kind, parts=tuple(p for p in m.kind.parts if p != "sign")))) == {
        "PL16"
    }
    texts = {**m.texts.entries, "sign.todo": "Signed: A. Example, 23 November 2026"}
    assert refused(replace(m, texts=replace(m.texts, entries=texts))) == {"PL16"}


def test_pl17_who_may_warn_the_holder() -> None:
    assert [one.rule for one in gates.warned(True, "", ("", ""))] == ["PL17"]
    assert [one.rule for one in gates.warned(False, "closed", ("A", ""))] == ["PL17"]
    assert gates.warned(True, "closed", ("A", "why")) == []
    assert gates.warned(False, "", ("", "")) == []


def test_pl18_the_plain_sentence() -> None:
    m = letter()
    bare = replace(m, texts=replace(m.texts, entries={**m.texts.entries, "ask.limits": "Please."}))
    assert refused(bare) == {"PL18"}
    official = replace(bare, choice=replace(bare.choice, role="competent_authority"))
    assert refused(official) == set()


def test_pl19_an_issuer_that_acts_on_an_order() -> None:
    entries = addressees.load(registry.load().templates["addressees"])
    asks = next(e for e in entries.values() if e.freeze and "order" in e.freeze.order.casefold())
    told = {}
    for kind in ("freeze", "preserve"):
        m = letter(id=f"acme-{kind}", kind=kind)
        m = replace(m, view=replace(m.view, addressees={"Acme": asks}))
        told[kind] = any("PL19" in line for line in delivery.warnings(m))
    assert told == {"freeze": True, "preserve": False}


def test_an_official_form_that_is_not_at_hand_is_refused() -> None:
    for basis in ("un.cyb.25-26", "un.cyb.31-52", "un.cyb.41-43", "eu.epoc-pr"):
        role = desk().bases[basis].may_sign[0]
        found = gates.refusals(desk().bases[basis], role, desk().kinds["preserve"], "vasp", DAY)
        assert "form" in {one.rule for one in found}, basis


# every rule, where it refuses and where it does not


def worded(text: str, asks: str = "preserve", force: bool = False) -> set[str]:
    """The rules that a sentence of a template breaks."""
    found = lint.words({"a": text}, letter=True, force=force, asks=asks)
    return {lint.NUMBERS.get(one.rule, one.rule) for one in found}


def gate(basis: str, role: str, *states: str, home: str = "", day: date = DAY) -> set[str]:
    kind = desk().kinds["preserve"]
    return {r.rule for r in gates.refusals(desk().bases[basis], gates.role(role), kind, "vasp", day, states, home)}


def issuer(kind: str, order: str) -> set[str]:
    entry = next(e for e in addressees.load(registry.load().templates["addressees"]).values() if e.freeze)
    assert entry.freeze is not None
    m = letter(id=f"acme-{kind}", kind=kind)
    one = replace(entry, freeze=replace(entry.freeze, order=order))
    m = replace(m, view=replace(m.view, addressees={"Acme": one}))
    return {"PL19"} if any("PL19" in line for line in delivery.warnings(m)) else set()


def named(text: str) -> set[str]:
    """What stops a paper that holds a sentence, where Jane Roe is a sealed identity."""
    found = lint.written(letter().texts, [text], "letter", ["Jane Roe"])
    return {lint.NUMBERS.get(one.rule, one.rule) for one in found}


def texts(**changed: str) -> Matter:
    m = letter()
    return replace(m, texts=replace(m.texts, entries={**m.texts.entries, **changed}))


EVERY: dict[str, tuple[Callable[[], set[str]], Callable[[], set[str]]]] = {
    "PL01": (lambda: gate("us.2703f", "counsel"), lambda: gate("us.2703f", "authority", home="US")),
    "PL02": (lambda: worded("You are required to keep it."), lambda: worded("You are required to.", force=True)),
    "PL03": (lambda: worded("Please disclose it."), lambda: worded("Please disclose it.", "disclose")),
    "PL04": (lambda: worded("Please freeze it."), lambda: worded("Please freeze it.", "freeze")),
    "PL05": (lambda: worded("The wallet belongs to Acme."), lambda: worded("It is attributed to Acme, grade B.")),
    "PL06": (lambda: worded("The holder is guilty."), lambda: worded("The holder is not known.")),
    "PL07": (lambda: worded("You must not tell the user."), lambda: worded("Please do not tell the user.")),
    "PL08": (
        lambda: gate("coe.bud.16", "authority", home="TH"),
        lambda: gate("coe.bud.16", "authority", home="GB"),
    ),
    "PL09": (lambda: refused(letter(entity="")), lambda: refused(letter())),
    "PL10": (lambda: refused(letter(until="2026-11-22")), lambda: refused(letter(until="2026-11-23"))),
    "PL11": (lambda: named("Paid by Jane  ROE."), lambda: named("Paid by V-7K3MQ2.")),
    "PL12": (lambda: worded("Egmont asks for it."), lambda: worded("The police were told.")),
    "PL13": (lambda: said(about=("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u",)), lambda: said(about=("0xabc",))),
    "PL14": (lambda: worded("The stolen coins came."), lambda: worded("Under rule {rule}, {traced} came to you.")),
    "PL15": (
        lambda: said(sender={**SENDER, "badge": "1"}),
        lambda: said(sender={**SENDER, "badge": "1"}, role="competent_authority"),
    ),
    "PL16": (lambda: refused(texts(**{"sign.todo": "A. Example"})), lambda: refused(letter())),
    "PL17": (
        lambda: {one.rule for one in gates.warned(True, "", ("", ""))},
        lambda: {one.rule for one in gates.warned(True, "closed", ("A", "why"))},
    ),
    "PL18": (lambda: refused(texts(**{"ask.limits": "Please."})), lambda: refused(letter())),
    "PL19": (lambda: issuer("freeze", "court order"), lambda: issuer("freeze", "the service's own policy")),
    "PL20": (lambda: worded("It was recovered."), lambda: worded("What remains is asked to be kept.")),
}


def test_every_rule_from_1_to_20_refuses_and_does_not() -> None:
    assert [*EVERY] == [f"PL{n:02}" for n in range(1, 21)]
    assert {rule: rule in fires() for rule, (fires, _) in EVERY.items()} == dict.fromkeys(EVERY, True)
    assert {rule: silent() for rule, (_, silent) in EVERY.items()} == {rule: set() for rule in EVERY}
