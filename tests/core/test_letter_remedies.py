"""What a duty lawyer is told at night: remedies that hold, acts that can be taken back, blanks with a way."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_letter_rules import choice, desk, printed
from tests.core.test_letter_rules import letter as matter_of
from tests.core.test_letters import draft, later, letter, templates, tool, worked
from tests.core.test_statements import Tool, tx, who

from recover.cli import letter as commands
from recover.letters import gates, identified, measured, narrowed, outgoing, reporting, rules
from recover.plugins import registry
from recover.registers import bases
from recover.sdk import Error

__all__ = ["templates", "tool", "worked"]

WHOLE = ("--entity", "Acme Ltd", "--until", "2030-01-01", "--urgent", "It moves tonight.", "--facts", "A sale.")
BY = ("--by", "A. Example")
TRON = "TSckPrYzKcvzZzxQKZZZgbeQmZNqgwSB6G"
BITCOIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


def out(tool: Tool, *command: str) -> tuple[int, str, str]:
    from recover.cli import main as program

    code = program.main([*command])
    said, told = tool.capsys.readouterr()
    return code, said, told


def listed(tool: Tool, ident: str) -> dict[str, Any]:
    row: dict[str, Any] = next(one for one in letter(tool, "list")[1] if one["id"] == ident)
    return row


# the life of a withdrawal


def sent(tool: Tool, kind: str = "preserve", *more: str) -> str:
    ident = str(draft(tool, *WHOLE, *more, kind=kind)[1]["id"])
    assert letter(tool, "issue", ident, *BY)[0] == 0
    assert letter(tool, "sent", ident, *BY)[0] == 0
    return ident


def test_a_withdrawal_that_was_dropped_gives_its_letter_back(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = sent(tool)
    later(monkeypatch, datetime.now(UTC) + timedelta(hours=1))
    assert letter(tool, "withdraw", ident, *BY, "--reason", "Wrong address")[0] == 0
    assert listed(tool, ident)["state"] == "withdrawal drafted"
    assert letter(tool, "acknowledge", ident, *BY, "--reference", "BIN-77")[0] == 0, "nobody was told of its end"
    assert letter(tool, "drop", f"{ident}-withdrawal", *BY, "--reason", "Not wrong")[0] == 0
    assert listed(tool, ident)["state"] == "acknowledged"
    assert letter(tool, "acknowledge", ident, *BY, "--reference", "BIN-78")[0] == 0
    assert letter(tool, "follow-up", ident, *BY, "--reason", "No answer", "--reply-by", "2030-01-01")[0] == 0
    assert letter(tool, "withdraw", ident, *BY, "--reason", "Settled")[0] == 0, "it can be withdrawn in earnest"
    assert listed(tool, ident)["state"] == "withdrawal drafted"
    back = f"{ident}-withdrawal"
    assert letter(tool, "issue", back, *BY)[0] == 0
    assert letter(tool, "acknowledge", ident, *BY)[0] == 0, "issued is not sent"
    assert letter(tool, "sent", back, *BY)[0] == 0
    assert listed(tool, ident)["state"] == "withdrawn"
    code, error, _ = letter(tool, "acknowledge", ident, *BY)
    assert (code, error["error"]["code"]) == (2, "letter-withdrawn")


@pytest.mark.parametrize("kind", ["withdrawal", "follow-up"])
def test_what_follows_a_letter_is_drafted_of_one(kind: str, tool: Tool) -> None:
    before = (tool.case / "journal.jsonl").read_bytes()
    code, error = draft(tool, "--entity", "Acme Ltd", kind=kind)
    assert (code, error["error"]["code"]) == (2, "letter-of-none")
    assert f"letter {'withdraw' if kind == 'withdrawal' else kind} CASE LETTER" in error["error"]["do"]
    assert (tool.case / "journal.jsonl").read_bytes() == before


def test_what_follows_a_hold_does_not_stop_the_hold(tool: Tool) -> None:
    ident = sent(tool, "freeze")
    ask, tell = "Please contact the sender first", "Please tell the sender at once when you have acted"
    assert letter(tool, "follow-up", ident, *BY, "--reason", "No answer", "--reply-by", "2030-01-01",
                  "--language", "en+th")[0] == 0  # fmt: skip
    text = (tool.case / f"out/letters/{ident}-follow-up-v1.txt").read_text()
    assert (ask in text, tell in text) == (False, True)
    assert "โปรดแจ้งผู้ส่งทันที" in text
    assert letter(tool, "withdraw", ident, *BY, "--reason", "Settled", "--language", "en")[0] == 0
    text = (tool.case / f"out/letters/{ident}-withdrawal-v1.txt").read_text()
    assert (ask in text, tell in text) == (False, False)


def test_what_follows_a_request_for_records_asks_first(tool: Tool) -> None:
    ident = sent(tool)
    assert letter(tool, "follow-up", ident, *BY, "--reason", "No answer", "--reply-by", "2030-01-01")[0] == 0
    assert "Please contact the sender first" in (tool.case / f"out/letters/{ident}-follow-up-v1.txt").read_text()


# remedies


@pytest.mark.parametrize(
    ("kind", "role", "basis", "open_"),
    [
        ("disclose", "competent_authority", "none-disclosure", False),
        ("notice", "counsel", "civ.hold", False),
        ("preserve", "counsel", "civ.hold", True),
        ("freeze", "victim", "th.ed2566", True),
    ],
)
def test_a_letter_rests_on_the_voluntary_basis_only_where_that_backs_it(
    kind: str, role: str, basis: str, open_: bool
) -> None:
    one = choice(kind=kind, role=role, basis=basis)
    with pytest.raises(Error) as caught:
        outgoing.sendable(desk(), one, "A", "", datetime(2026, 11, 23, tzinfo=UTC).date())
    assert "PL08" in caught.value.why
    assert ("rest the letter on none-voluntary" in caught.value.todo) is open_
    fit = not gates.refusals(desk().bases["none-voluntary"], role, desk().kinds[kind], "vasp",
                             datetime(2026, 11, 23, tzinfo=UTC).date())  # fmt: skip
    assert fit is open_


def test_of_a_draft_in_nobodys_name_only_that_is_said() -> None:
    with pytest.raises(Error) as caught:
        outgoing.sendable(
            desk(), choice(role="", sender={}), "A", "", datetime(2026, 11, 23, tzinfo=UTC).date(), "night"
        )
    assert "L04" in caught.value.why
    assert "L05" not in caught.value.why + caught.value.todo, "the sender is read when it is drafted"
    assert "recover letter draft night --kind preserve --to Acme --as" in caught.value.todo


@pytest.mark.parametrize(("role", "open_"), [("competent_authority", True), ("victim", False)])
def test_what_no_source_says_of_a_basis_is_written_before_a_letter_goes_out(role: str, open_: bool) -> None:
    law = replace(desk().bases["th.ed2566"], verified_by="Dr. L. Lawyer", unverified=False)
    here = replace(desk(), bases={**desk().bases, "th.ed2566": law})
    one = choice(kind="freeze", role=role, basis="th.ed2566", sender={**choice().sender, "state": "TH"})
    day = datetime(2026, 11, 23, tzinfo=UTC).date()
    if not open_:
        outgoing.sendable(here, one, "A", "", day)
        return
    with pytest.raises(Error) as caught:
        outgoing.sendable(here, one, "A", "", day)
    assert "open_for" in caught.value.why
    for word in ("limits_text", "[clock]", "open_for", "legal_bases/th.ed2566.toml"):
        assert word in caught.value.todo


@pytest.mark.parametrize(
    ("to", "kind", "about", "said"),
    [
        ("arbitrum", "freeze-chain", TRON, "it is an address of TRON"),
        ("arbitrum", "freeze-chain", BITCOIN, "it is an address of Bitcoin"),
        ("arbitrum", "freeze-chain", who("dep"), "the exhibits show it on Ethereum"),
        ("sui", "freeze-chain", TRON, "it is an address of TRON"),
        ("circle", "freeze-issuer", BITCOIN, "the register knows no token of Circle there"),
        ("circle", "freeze-issuer", who("dep"), "and no token of Circle"),
        ("arbitrum", "freeze-chain", who("nobody"), ""),
        ("bnb-chain", "freeze-chain", who("nobody"), ""),
        ("viction", "freeze-chain", who("nobody"), ""),
        ("tether", "freeze-issuer", who("dep"), ""),
        ("circle", "freeze-issuer", who("nobody"), ""),
    ],
)
def test_who_is_asked_to_stop_value_can_stop_it_there(
    to: str, kind: str, about: str, said: str, tool: Tool
) -> None:
    code, row = draft(tool, "--facts", "A sale.", "--until", "2030-01-01", "--about", about, kind=kind, to=to)
    if not said:
        assert code == 0, row
        return
    assert (code, row["error"]["code"]) == (2, "letter-refused")
    assert "PL13" in row["error"]["why"]
    assert said in row["error"]["why"]


def test_an_entity_named_later_says_of_the_draft_that_names_none(tool: Tool) -> None:
    bare = draft(tool, "--until", "2030-01-01")[1]["id"]
    arguments = ("--kind", "preserve", "--to", "binance", "--as", "counsel", *WHOLE)
    _, _, told = letter(tool, "draft", *arguments)
    assert f"letter drop CASE {bare} " in told
    assert letter(tool, "drop", bare, *BY, "--reason", "It names no entity")[0] == 0
    _, _, told = letter(tool, "draft", *arguments)
    assert "letter drop" not in told


@pytest.mark.parametrize(
    ("form", "text", "read"),
    [
        ("domain", "ร้าน.ไทย", {"domain": "xn--12cr9a2i.xn--o3cw4h"}),
        ("domain", "https://Shop.Example/path?x=1", {"domain": "shop.example"}),
        ("domain", "shop.example", {"domain": "shop.example"}),
        ("domain", "not a domain", {"domain": ""}),
        ("line", "2001:db8::1 2026-11-01T12:00:05Z",
         {"line": "2001:db8::1", "port": "–", "second": "2026-11-01T12:00:05Z"}),
        ("line", "[2001:db8::1]:unknown 2026-11-01T12:00:05Z",
         {"line": "2001:db8::1", "port": "–", "second": "2026-11-01T12:00:05Z"}),
        ("line", "[2001:db8::1]:443 2026-11-01T12:00:05Z",
         {"line": "2001:db8::1", "port": "443", "second": "2026-11-01T12:00:05Z"}),
        ("line", "203.0.113.7 2026-11-01T12:00:05Z",
         {"line": "203.0.113.7", "port": "", "second": "2026-11-01T12:00:05Z"}),
    ],
)  # fmt: skip
def test_an_identifier_is_read_as_people_have_it(form: str, text: str, read: dict[str, str]) -> None:
    if text == "ร้าน.ไทย":
        import idna

        read = {"domain": idna.encode(text, uts46=True).decode()}
    assert identified.read(form, text) == read


def test_a_name_in_letters_of_its_own_stands_beside_its_machine_form() -> None:
    t = matter_of().texts
    shown = identified.words(t, "domain", "ร้าน.ไทย")
    assert "xn--" in shown
    assert "ร้าน.ไทย" in shown
    assert "(" not in identified.words(t, "domain", "shop.example")


def test_a_wrong_letter_of_an_address_sends_nobody_to_another_chain() -> None:
    chains = list(registry.load().chains.values())
    one = choice(about=(f"{TRON[:-1]}X",))
    (found,) = rules.said(one, desk().kinds["preserve"], desk().bases["none-voluntary"], chains, ())
    assert (found.rule, "checksum" in found.why, "Bitcoin" in found.why) == ("PL13", True, False)


# what is so in the letter in which it stands


@pytest.mark.parametrize(("reason", "told"), [("uncollected", True), ("open", True), ("service", False)])
def test_the_police_are_told_of_what_is_not_followed_where_something_is_not(
    reason: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    m = matter_of(kind="police-report", id="police-report", service="", addressee="police")
    loss, asset = m.losses[0].id, m.ramps[0].asset
    monkeypatch.setattr(reporting, "ended", lambda _: [narrowed.End("0xabc", asset, reason, loss, 7)])
    note = m.texts.say("victim.not_followed", rule=m.texts.rule(m.view.case.rule))
    blocks = reporting.became(m)
    assert blocks
    assert (note in [getattr(one, "text", "") for one in blocks]) is told


def test_a_sum_that_may_be_the_same_value_twice_is_given_with_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    m = matter_of()
    (asset,) = {r.asset for r in m.ramps}
    monkeypatch.setattr(measured, "doubled", lambda *_: {asset: 1})
    (para,) = measured.twice_told(m)
    went, all_ = sum(r.amount for r in m.ramps), sum(map(measured.most, m.ramps))
    from recover.report import figures

    told = [m.texts.units(n, figures.asset(m.view, asset)) for n in (all_, went, all_ - went)]
    assert [one for one in told if one not in para.text] == []  # type: ignore[union-attr]
    assert "no exhibit shows leaving" in para.text  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["en", "th"])
def test_an_enquiry_asks_nothing_that_it_says_it_does_not_ask(language: str) -> None:
    t = desk().layered(desk().kinds["enquiry"], language)
    assert {"en": "whose", "th": "ของผู้ใด"}[language] not in t.say("enquiry.q3")
    assert {"en": "not who anybody is", "th": "ไม่ถามว่าบุคคลใดเป็นใคร"}[language] in t.say("head.kind_value")


# blanks

BY_HAND = {"sign.todo": "a hand", "head.issued_todo": "letter issue"}


def test_every_blank_of_every_kind_has_what_fills_it() -> None:
    asked = inspect.signature(commands.draft).parameters
    told = {**inspect.signature(commands.follow_up).parameters, **asked}
    for kind in desk().kinds.values():
        for language in desk().languages():
            keys = {key for key in desk().layered(kind, language).entries if key.endswith("todo")}
            assert keys - {*outgoing.GIVEN, *BY_HAND} == set()
    for key, (_, said) in outgoing.GIVEN.items():
        options = [word.strip(",") for word in said.split() if word.startswith("--")]
        names = {"--as": "as_"}
        for option in options:
            assert names.get(option, option[2:].replace("-", "_")) in told, key
        assert options or "recover.toml" in said


def test_the_blanks_of_a_notice_and_of_an_address_are_filled() -> None:
    said = {"kind": "notice", "id": "acme-notice", "basis": "civ.hold", "court": "High Court", "claim": "Fraud"}
    m = matter_of(**said)
    draft_, filled = replace(m, issued=None), {"application": "On 20 December; cost is paid.", "address": "1 Quay"}
    blanks = [m.texts.say("complete.may", what=m.texts.say(key)) for key in ("claim.todo", "head.address_todo")]
    assert [one in printed(draft_) for one in blanks] == [True, True]
    whole = replace(draft_, choice=replace(m.choice, **filled))  # type: ignore[arg-type]
    text = printed(whole)
    assert [one in text for one in blanks] == [False, False]
    assert [one in text for one in filled.values()] == [True, True]


# a basis of one's own


def test_an_entry_is_printed_to_its_own_place(tool: Tool) -> None:
    place = tool.folder / "legal_bases"
    place.mkdir()
    (place / "th.cca18.toml").write_text("")  # as a shell makes it before anything is printed
    code, text, _ = out(tool, "letter", "basis", "th.cca18")
    assert code == 0
    assert 'id = "th.cca18"' in text
    assert out(tool, "letter", "basis", "us.2703f")[0] == 0
    (place / "th.cca18.toml").write_text("id = 1")
    assert out(tool, "letter", "basis", "us.2703f")[0] == 0
    assert 'id = "th.cca18"' in out(tool, "letter", "basis", "th.cca18", "--installed")[1]
    file = place / "us.2703f.toml"
    assert out(tool, "letter", "basis", "us.2703f", "--out", str(file))[0] == 0
    assert 'id = "us.2703f"' in file.read_text()
    before = file.read_bytes()
    assert out(tool, "letter", "basis", "us.2703f", "--out", str(file))[0] == 2
    assert file.read_bytes() == before


def test_a_treatys_parties_are_the_agencys_to_keep(tool: Tool) -> None:
    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace("[sender]", '[sender]\nstate = "QQ"', 1))
    asked = (*WHOLE, "--basis", "coe.bud.16", "--offence", "Fraud s 1")
    code, error = draft(tool, *asked, as_="authority")
    assert (code, "QQ has no ratification" in error["error"]["why"]) == (2, True)
    text = out(tool, "letter", "basis", "coe.bud")[1]
    assert 'id = "coe.bud"' in text
    folder = tool.folder / "legal_bases" / bases.TREATIES
    folder.mkdir(parents=True)
    row = '[parties]\nQQ = { ratified = 2020-01-01, since = 2020-05-01, source = "own" }'
    text = text.replace("[sources]", '[sources]\nown = { text = "chart, read on 1 May", read = true }')
    (folder / "coe.bud.toml").write_text(text.replace("[parties]", row))
    code, made = draft(tool, *asked, as_="authority")
    assert code == 0, made
    sheet = tool.case / f"out/letters/{made['id']}-v1-delivery.txt"
    assert "QQ is a Party" in sheet.read_text()
    (folder / "coe.bud.toml").unlink()
    sheet.unlink()
    assert tool("write")[0] == 0
    assert "QQ is a Party" in sheet.read_text(), "the draft kept it"
    (folder / "coe.bud.toml").write_text("id = 1")
    _, error = draft(tool, *asked, as_="authority")
    assert "your own coe.bud.toml" in error["error"]["why"]


# what is served


def test_a_signed_paper_is_what_is_served(tool: Tool, tmp_path: Path) -> None:
    ident = draft(tool, *WHOLE, "--form", "all")[1]["id"]
    bad = tmp_path / "bad.pdf"
    bad.write_text("signed.")
    code, error, _ = letter(tool, "issue", ident, *BY, "--signed", str(bad))
    assert (code, error["error"]["code"]) == (2, "signed-unreadable")
    assert not (tool.case / "issued").exists()
    first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
    first.write_bytes(b"%PDF-1.7 one")
    second.write_bytes(b"%PDF-1.7 two")
    assert letter(tool, "issue", ident, *BY, "--signed", str(first), "--signed", str(second))[0] == 0
    issued = tool.case / "issued"
    names = [f"{ident}-v1-signed.pdf", f"{ident}-v1-signed-2.pdf"]
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    assert [(issued / name).read_bytes() for name in names] == [first.read_bytes(), second.read_bytes()]
    mail = message_from_bytes((issued / f"{ident}-v1.eml").read_bytes(), policy=default)
    attached = [part.get_filename() for part in mail.iter_attachments()]
    assert attached[:2] == names
    assert f"{ident}-v1.pdf" not in attached
    body = mail.get_body()
    assert body is not None
    for text in (body.get_content(), (issued / f"{ident}-v1-portal.txt").read_text(),
                 (issued / f"{ident}-v1-delivery.txt").read_text()):  # fmt: skip
        assert f"{names[0]}" in text
        assert digest in text
    assert f"{ident}-v1.pdf" not in (issued / f"{ident}-v1-portal.txt").read_text().partition("Attached:")[2]
    assert listed(tool, ident)["forms"][0]["form"] == "signed"


def test_nothing_is_served_before_the_issue(tool: Tool) -> None:
    from recover.cli import main as program

    program.main(["letter", "draft", str(tool.case), "--kind", "preserve", "--to", "binance", "--as", "counsel",
                  *WHOLE])  # fmt: skip
    said, _ = tool.capsys.readouterr()
    assert "once issued, serve first" in said
    (row,) = letter(tool, "list")[1]
    sheet = (tool.case / f"out/letters/{row['id']}-v1-delivery.txt").read_text()
    assert "nothing below is served before the letter is issued" in sheet
    assert letter(tool, "issue", row["id"], *BY)[0] == 0
    assert "nothing below is served" not in (tool.case / f"issued/{row['id']}-v1-delivery.txt").read_text()
    assert json.dumps(row)
    assert tx(5) in (tool.case / f"issued/{row['id']}-v1.txt").read_text()
