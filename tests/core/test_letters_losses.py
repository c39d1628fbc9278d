"""A letter for some losses states these alone; and what a letter must have before it goes out or is ended."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from tests.core.test_letter_rules import letter as rules_letter
from tests.core.test_letters import SENDER, Silent, draft, later, letter
from tests.core.test_letters_parties import two_parties
from tests.core.test_statements import Tool, tx, who

from recover.case import open_for_reading
from recover.findings.origins import TABLE
from recover.letters import drafts, matter, paper, profile, renderings, rules, running, scope
from recover.letters.life import Choice, Letter
from recover.plugins import registry
from recover.report import inflows
from recover.testing import sample
from recover.victims.known import Payment

ALL = ("--loss", "all")
DAY = date(2026, 11, 23)
FACTS = ("--facts", "The client paid for goods that never came.")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of two losses: of L2 30 USDT stand at an address of Binance, of L1 nothing is left."""
    found = Tool(tmp_path_factory.mktemp("two"), Silent())  # type: ignore[arg-type]
    found.case.mkdir()
    two_parties(found)
    return found.case


@pytest.fixture
def tool(two: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Tool:
    config = tmp_path / "recover.toml"
    config.write_text(SENDER + '\n[[sender.officer]]\nname = "V. Example"\nrole = "victim"\n')
    monkeypatch.setenv("RECOVER_CONFIG", str(config))
    shutil.copytree(two, tmp_path / "c")
    return Tool(tmp_path, capsys)


def read(tool: Tool, ident: str) -> str:
    return (tool.case / f"out/letters/{ident}-v1.txt").read_text()


# only these losses


@pytest.mark.parametrize(("language", "one"), [("en", "report of 1 loss "), ("th", "แจ้งความเสียหาย 1 รายการ")])
def test_a_victims_report_counts_its_own_losses_and_tells_of_no_other(language: str, one: str, tool: Tool) -> None:
    said = ("--loss", "L2", "--language", language)
    code, row = draft(tool, *said, kind="police-report", to="the police", as_="victim")
    assert code == 0, row
    text = read(tool, row["id"])
    assert one in text
    assert ("L1" in text, tx(5) in text, "100.000000" in text) == (False, False, False)
    # How much it is, and what became of it: 50 began, 20 went on to the exchange, 30 stand.
    assert [n for n in ("50.000000 USDT", "20.000000 USDT", "30.000000 USDT") if n not in text] == []


def test_an_issuer_is_asked_only_about_what_is_left_of_these_losses(tool: Tool) -> None:
    before = (tool.case / "journal.jsonl").read_bytes()
    issuer = {"kind": "freeze", "to": "tether", "as_": "victim"}
    for loss, told in (("L1", "nothing of L1"), ("L9", "no loss L9")):
        code, out = draft(tool, "--loss", loss, **issuer)
        assert (code, out["error"]["code"]) == (2, "letter-refused")
        assert told in out["error"]["why"]
        assert "--loss" in out["error"]["do"]
    assert (tool.case / "journal.jsonl").read_bytes() == before
    code, row = draft(tool, "--loss", "L2", **issuer)
    assert code == 0, row
    text = read(tool, row["id"])
    assert "30.000000" in text
    again = read(tool, draft(tool, "--loss", "L2", "--about", who("dep"), **issuer)[1]["id"])
    (line,) = [one for one in again.splitlines() if one.startswith("Look up: ")]
    assert line.count(who("dep")) == 1, "what is named by hand too stands there with its sum, once"
    assert "attributed to Binance" in text
    assert ("L2" in text, "L1" in text) == (True, False)
    listed = list(csv.DictReader((tool.case / f"out/letters/{row['id']}-v1.csv").read_text().splitlines()))
    assert [(r["address"], r["tx_hash"], r["traced"], r["asked"]) for r in listed if r["direction"] != "loss"] == [
        (who("dep"), "", "30.000000", "hold"),
        (who("dep"), tx(8), "50.000000", "look up"),
    ]
    assert [r["tx_hash"] for r in listed if r["direction"] == "loss"] == [tx(6)], "its own payment alone"


def test_a_letter_is_about_the_losses_of_which_something_reached_its_addressee(tool: Tool) -> None:
    """L1 and L2 are its sender's, and of L1 nothing stands where the issuer can stop it."""
    ident, other = draft(tool, *ALL, kind="freeze", to="tether")[1]["id"], draft(tool, *ALL)[1]["id"]
    tool("loss", "--tx", tx(8), "--asset", "USDT")  # another victim's
    tool("run")
    text = read(tool, ident)
    assert ("This letter is about 1 loss." in text, "L1" in text, "L2" in text) == (True, False, True)
    assert "This letter is about 2 losses." in read(tool, other), "value of both came to the exchange"


def test_a_body_of_a_chain_is_asked_only_about_places_of_these_losses(tool: Tool) -> None:
    chain = {"kind": "freeze", "to": "A Council", "as_": "victim"}
    for loss, code in (("L1", 2), ("L2", 0)):
        said = ("--addressee", "chain", "--loss", loss, "--about", who("dep"))
        assert draft(tool, *said, **chain)[0] == code
    assert draft(tool, "--addressee", "chain", "--loss", "L2", "--about", who("mid"), **chain)[0] == 2
    # It finds account, amount and transaction, on the first page and in the block for a portal too.
    row = draft(tool, "--addressee", "chain", "--loss", "L2", "--about", who("dep"), **chain)[1]
    for name, label in ((f"{row['id']}-v1.txt", "Look up: "), (f"{row['id']}-v1-portal.txt", "Credited by: ")):
        told = (tool.case / "out/letters" / name).read_text()
        (place,) = [line for line in told.splitlines() if line.startswith("Look up: ")]
        assert f"{who('dep')} Ethereum" in place
        assert " USDT" in place
        (came,) = [line for line in told.splitlines() if line.startswith(label)]
        assert tx(8) in came, "what brought this loss there"
    listed = [*csv.DictReader(io.StringIO((tool.case / f"out/letters/{row['id']}-v1.csv").read_text()))]
    assert {(r["address"], r["tx_hash"]) for r in listed if r["direction"] == "in"} == {(who("dep"), tx(8))}


def test_dust_is_not_asked_to_be_stopped() -> None:
    view = sample.view()
    slots: dict[str, str | int | tuple[str, ...] | None] = {
        "asset": sample.COIN.id,
        "amount": 5,
        "issuer": "Tether",
    }
    found = replace(view, findings=(replace(view.findings[0], kind="freezable", slots=slots),))
    began = {sample.COIN.id: 1_000_000}
    assert len(matter.holdings(found, "Tether", (), began)) == 1
    assert matter.holdings(replace(found, case=replace(view.case, dust=5)), "Tether", (), began) == ()


def test_inflow_is_told_of_the_losses_that_reached_the_addressee() -> None:
    view, desk = sample.view(), drafts.desk(list(registry.load().templates.values()))
    rows = [
        {
            "loss": loss,
            "asset": sample.COIN.id,
            "kind": "service",
            "name": "Acme",
            "amount": n,
            "after": n,
            "twice": n,
            "transfers": 1,
        }
        for loss, n in (("L1", "700"), ("L2", "123456"))
    ]
    origins = pa.Table.from_pylist(rows, schema=TABLE)
    view = replace(view, tables={**view.tables, "origins": lambda: origins})
    choice = Choice(id="acme-preserve", kind="preserve", service="Acme", name="Acme", basis="none-voluntary")
    (m,) = drafts.matters(view, desk, matter.Ways(view), choice, Letter(choice.id))
    text = renderings.plain(m, paper.brief(m)).decode()
    assert "7.00 COIN came from wallets attributed to Acme" in text
    assert "1,234.56" not in text
    assert inflows.of_service(view, m.texts, "Acme", m.at("Acme"), (), ()) == []


def test_a_hub_is_called_a_hub_and_no_name_is_left_empty() -> None:
    view, desk = sample.view(), drafts.desk(list(registry.load().templates.values()))
    for language, hub in (("en", "unlabelled hub"), ("th", "ศูนย์รวมที่ไม่มีชื่อ")):
        choice = Choice(
            id="p", kind="police-report", name="P", addressee="police", basis="none-voluntary", language=language
        )
        (m,) = drafts.matters(view, desk, matter.Ways(view), choice, Letter(choice.id))
        text = renderings.plain(m, paper.brief(m)).decode()
        assert hub in text
        assert "attributed to  " not in text
        assert "attributed to ." not in text
        assert "ระบุว่าเป็นของ  " not in text


# who sends


def test_a_private_officer_of_an_own_body_bears_nothing_of_the_agency() -> None:
    agency = {
        "name": "Bureau",
        "website": "https://example.go.th",
        "controller": "Bureau",
        "logo": "x",
        "email": "b@example.org",
    }
    officers = [
        {"name": "Mali", "role": "victim", "organisation": "Mali", "controller": "Mali herself"},
        {"name": "Inspector", "role": "competent_authority", "organisation": "Bureau 4"},
    ]
    own = profile.Profile(said=agency, officers=tuple(officers))
    assert own.sender("victim") == {"officer": "Mali", "name": "Mali", "controller": "Mali herself"}
    assert own.sender("competent_authority")["controller"] == "Bureau"


# before it goes out


def test_a_named_by_without_a_risk_accepts_nothing(tool: Tool) -> None:
    _, row = draft(tool, *ALL, "--by", "A. Example")
    sheet = (tool.case / f"out/letters/{row['id']}-v1-delivery.txt").read_text()
    assert "accepts" not in sheet


def test_a_hold_goes_out_with_facts_and_why_it_cannot_wait(tool: Tool) -> None:
    said = (*ALL, "--until", "2031-06-30", "--entity", "E")
    urgent = ("--urgent", "It is paid out at once.")
    for known, lacks in ((said, "--facts"), ((*said, *FACTS), "--urgent"), ((*said, *urgent), "--facts")):
        ident = draft(tool, *known, kind="freeze")[1]["id"]
        code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
        assert (code, out["error"]["code"]) == (2, "letter-incomplete")
        assert lacks in out["error"]["why"]
    draft(tool, *said, *FACTS, *urgent, kind="freeze")
    assert letter(tool, "issue", ident, "--by", "A. Example")[0] == 0


def test_the_moment_of_issue_has_come_and_lies_after_the_draft(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = draft(tool, *ALL, "--until", "2031-06-30", "--entity", "E")[1]["id"]
    later(monkeypatch, datetime(2030, 1, 2, tzinfo=UTC))
    for at, code in (
        ("2030-01-02T00:00:01Z", "letter-after-now"),
        ("2020-01-01T00:00:00Z", "letter-before-draft"),
    ):
        done, out, _ = letter(tool, "issue", ident, "--by", "A. Example", "--at", at)
        assert (done, out["error"]["code"]) == (2, code)
    assert not (tool.case / "issued").exists()
    assert letter(tool, "issue", ident, "--by", "A. Example", "--at", "2030-01-01T00:00:00Z")[0] == 0


def test_no_letter_goes_out_for_a_party_that_has_nothing_where_it_goes(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = {n: [Payment(id=f"P{n}", victim=f"V-{n}", loss=f"L{n}")] for n in (1, 2)}
    held = {f"V-{n}": SimpleNamespace(id=f"V-{n}", payments=paid[n]) for n in (1, 2)}
    monkeypatch.setattr("recover.victims.known.every", lambda case: held)
    monkeypatch.setattr("recover.victims.known.names", lambda case: [*held])
    rows = csv.DictReader((tool.case / "out/letters/binance-preserve-v1.csv").read_text().splitlines())
    place = [row["address"] for row in rows if row["direction"] == "in"][-1]
    for party, refused in (("V-1", True), ("V-2", False)):
        said = ("--instructed-by", party, "--entity", "Tether", "--until", "2031-06-30", "--about", place)
        code, told = draft(tool, *said, kind="freeze", to="tether")
        assert (code == 2) is refused, told
        if refused:  # nothing of L1 is left there
            assert "The exhibits show nothing of L1" in told["error"]["why"]


def test_one_kind_by_two_words_is_one_letter() -> None:
    one = Choice(id="tether-freeze", kind="freeze-issuer", name="Tether", role="counsel")
    known = {"tether-freeze": Letter("tether-freeze", choice=one)}
    assert scope.ident(one, "tether-freeze-issuer", known) == "tether-freeze"
    assert scope.ident(replace(one, role="victim"), "tether-freeze-issuer", known) == "tether-freeze-issuer"


def test_no_service_is_asked_to_hold_no_amount() -> None:
    m = rules_letter(kind="freeze", about=("deposit",))
    empty = {one.why for one in rules.issued(replace(m, ramps=()), DAY) if one.rule == "PL13"}
    assert [why for why in empty if "hold no amount" in why]
    assert not [one for one in rules.issued(m, DAY) if "hold no amount" in one.why]


# after it went out


def test_a_letter_stands_until_its_withdrawal_is_sent(tool: Tool) -> None:
    def clocks() -> list[str]:
        return [term.letter for term in running.terms(open_for_reading(tool.case), registry.load())]

    ident = draft(tool, *ALL, "--until", "2031-06-30", "--entity", "E")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    letter(tool, "sent", ident, "--by", "A. Example")
    back = letter(tool, "withdraw", ident, "--reason", "The loss was another", "--by", "A. Example")[1]["id"]
    assert ident in clocks()
    letter(tool, "issue", back, "--by", "A. Example")
    assert ident in clocks()
    states = {one["id"]: one["state"] for one in letter(tool, "list")[1]}
    assert states[ident] == "withdrawal issued"
    file = tool.case.parent / "a.ics"
    letter(tool, "list", "--ics", str(file))
    assert (b"CANCELLED" in file.read_bytes(), ident.encode() in file.read_bytes()) == (False, True)
    before = file.read_text().replace("\n ", "")
    letter(tool, "sent", back, "--by", "A. Example")
    assert ident not in clocks()
    letter(tool, "list", "--ics", str(file))
    after = file.read_text().replace("\n ", "")
    (uid,) = [line for line in before.splitlines() if line.startswith("UID:") and f"{ident}-v1-until" in line]
    event = after[: after.index(uid) + 400].rpartition("BEGIN:VEVENT")[2]
    assert (uid in after, "STATUS:CANCELLED" in event) == (True, True), "an imported alarm would stay"
    states = {one["id"]: one["state"] for one in letter(tool, "list")[1]}
    assert states[ident] == "withdrawn"


def test_a_later_draft_changes_no_clock_of_a_letter_that_went_out(tool: Tool) -> None:
    said = ("--entity", "E", "--offence", "F s 1")
    ident = draft(tool, *said, "--until", "2031-06-30", as_="authority")[1]["id"]
    letter(tool, "issue", ident, "--by", "B. Example")
    before = running.terms(open_for_reading(tool.case), registry.load())
    code, out = draft(tool, *said, "--basis", "us.2703f", as_="authority")
    assert (code, out["id"]) == (0, ident)
    assert running.terms(open_for_reading(tool.case), registry.load()) == before
    (row,) = [one for one in letter(tool, "list")[1] if one["id"] == ident]
    assert (row["until"], row["lapses"], row["basis"]) == ("2031-06-30", "", "none-voluntary")


def test_a_follow_up_asks_only_what_is_open_and_no_renewal_is_feigned(tool: Tool) -> None:
    ident = draft(tool, *ALL, "--until", "2031-06-30", "--entity", "E")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    code, out, _ = letter(tool, "renew", ident, "--by", "A. Example")
    assert (code, out["error"]["code"]) == (2, "letter-no-renewal")
    letter(tool, "acknowledge", ident, "--by", "C", "--reference", "MX-1")
    letter(tool, "answer", ident, "--by", "C", "--held", "12 USDT")
    row = letter(tool, "follow-up", ident, "--reason", "the contact for service", "--by", "C")[1]
    text = read(tool, row["id"])
    assert "said that 12 USDT is held. Still open: the contact for service." in text
    assert "Please acknowledge" not in text
    assert "public chain data" not in text
    assert "MX-1" in text


# whose letter it is


def test_a_private_sender_speaks_for_its_own_losses_alone(tool: Tool) -> None:
    before = (tool.case / "journal.jsonl").read_bytes()
    for kind, to, as_ in (
        ("preserve", "binance", "counsel"),
        ("freeze", "binance", "victim"),
        ("police-report", "the police", "victim"),
        ("freeze", "tether", "counsel"),
    ):
        code, out = draft(tool, kind=kind, to=to, as_=as_)
        assert (code, out["error"]["code"]) == (2, "letter-refused")
        assert "L1, L2" in out["error"]["why"]
        assert "--loss all" in out["error"]["do"]
    assert (tool.case / "journal.jsonl").read_bytes() == before
    assert draft(tool, as_="authority")[0] == 0, "an authority writes over all"
    assert draft(tool, "--about", "0xabc", kind="enquiry")[0] == 0, "it says nothing of any loss"
    code, row = draft(tool, *ALL)
    text = read(tool, row["id"])
    assert (code, "The case declares 2 losses" in text) == (0, True)


def test_what_a_private_sender_may_speak_for_is_pinned_when_it_is_drafted(tool: Tool) -> None:
    ident = draft(tool, *ALL)[1]["id"]
    assert "100.000000" in read(tool, ident)
    tool("loss", "--tx", tx(8), "--asset", "USDT")  # another victim's, declared later
    tool("run")
    text = read(tool, ident)
    assert "This letter is about 2 losses" in text
    assert "L3" not in text


def test_a_draft_supersedes_only_one_of_the_same_sender_addressee_entity_kind_and_losses(tool: Tool) -> None:
    said = {
        "authority": ("authority", ()),
        "counsel": ("counsel", ("--loss", "L2")),
        "victim": ("victim", ("--loss", "L1")),
        "the other": ("counsel", ("--loss", "L1")),
        "a branch": ("counsel", ("--loss", "L2", "--entity", "Binance Ltd")),
    }
    made = {name: draft(tool, *more, as_=as_)[1]["id"] for name, (as_, more) in said.items()}
    assert made == {
        "authority": "binance-preserve",
        "counsel": "binance-preserve-counsel-l2",
        "victim": "binance-preserve-victim-l1",
        "the other": "binance-preserve-counsel-l1",
        "a branch": "binance-binance-ltd-preserve",
    }
    assert draft(tool, "--loss", "L2")[1]["id"] == made["counsel"]
    there = {path.name for path in (tool.case / "out/letters").glob("*.pdf")}
    assert {f"{ident}-v1.pdf" for ident in made.values()} <= there
    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace("Example & Partners", "Another Firm"))
    assert draft(tool, "--loss", "L2")[1]["id"] == "binance-preserve-counsel-l2-2", (
        "another firm is another sender"
    )


def test_after_a_withdrawal_a_draft_is_another_letter(tool: Tool) -> None:
    said = ("--loss", "L2", "--until", "2031-06-30", "--entity", "E")
    ident = draft(tool, *said)[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    letter(tool, "sent", ident, "--by", "A. Example")
    letter(tool, "withdraw", ident, "--reason", "The loss was another", "--by", "A. Example")
    code, row = draft(tool, *said)
    assert code == 0
    assert row["id"] != ident
    assert row["files"] != []
