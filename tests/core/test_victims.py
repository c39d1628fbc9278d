"""Victims: a pseudonym drawn once, identities sealed and found nowhere else, payments that become losses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from pypdf import PdfReader
from pyrage import x25519
from tests.core.test_statements import EXCHANGE, USDT, Tool, export, labels, tool, tx

from recover.letters import drafts, matter
from recover.letters.life import Choice, Letter
from recover.plugins import registry
from recover.report.checked import Check
from recover.testing import sample

__all__ = ["tool"]

HEAD = "name,email,phone,birth,country,tx,asset,amount,time,bank,bank_account,received,consent,story\n"
ANNA = "Anna Beispielfrau,anna.b@example.org,+4930123456,1960-01-02,DE"
SOMCHAI = "สมชาย ตัวอย่าง,somchai.t@example.org,+66811112222,,TH"
SEEDED = ("Beispielfrau", "anna.b@example.org", "+4930123456", "ตัวอย่าง", "somchai.t@example.org", "TH-99-ACCOUNT")


class Desk:
    """An intake that opens with an age key, since a passphrase costs seconds by design."""

    def __init__(self, tool: Tool, folder: Path) -> None:
        own = x25519.Identity.generate()
        self.tool, self.folder, self.key = tool, folder, folder / "key.txt"
        self.key.write_text(f"# a key\n{own}\n")
        self.recipient = ("--recipient", str(own.to_public()))

    def take(self, text: str, *options: str, name: str = "list.csv") -> dict[str, Any]:
        code, out, err = self.bare(text, *options, name=name)
        assert code == 0, err
        found: dict[str, Any] = json.loads(out)
        return found

    def bare(self, text: str, *options: str, name: str = "list.csv") -> tuple[int, str, str]:
        path = self.folder / name
        path.write_text(HEAD + text, "utf-8")
        keys = options or (self.recipient if not (self.tool.case / "private/victims").exists() else self.opens)
        return self.do("import", str(path), *keys)

    @property
    def opens(self) -> tuple[str, str]:
        return ("--identity", str(self.key))

    def do(self, command: str, *arguments: str) -> tuple[int, str, str]:
        from recover.cli import main as program

        code = program.main(["victim", command, str(self.tool.case), *arguments, "--json"])
        out, err = self.tool.capsys.readouterr()
        return code, out, err

    def show(self, *arguments: str) -> Any:
        code, out, err = self.do(*arguments)
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def desk(tool: Tool, tmp_path: Path) -> Desk:
    moves = [("victim", "own", 50), ("other", "own", 30), ("own", "hot", 80)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    return Desk(tool, tmp_path)


def row(person: str, number: int | None = 1, amount: str = "50", rest: str = ",,,,") -> str:
    return f"{person},{tx(number) if number else ''},{USDT},{amount},2022-03-01T12:00,{rest}\n"


def test_payments_become_losses_under_a_random_pseudonym(desk: Desk) -> None:
    taken = desk.take(row(ANNA) + row(SOMCHAI, 2, "30"))
    assert len(set(taken["new"])) == 2
    assert all(len(name) == 8 and name.startswith("V-") for name in taken["new"])
    losses = desk.tool.show("losses")
    assert [(loss["tx"], loss["amount"], loss["label"]) for loss in losses] == [
        (tx(1), "50000000", taken["new"][0]),
        (tx(2), "30000000", taken["new"][1]),
    ]


def test_a_victim_twice_is_one_victim_and_a_payment_twice_is_one_loss(desk: Desk) -> None:
    first = desk.take(row(ANNA))
    again = desk.take(row(ANNA) + row(ANNA, 2, "30"))
    assert (again["new"], again["again"]) == ([], first["new"])
    assert any("already" in line for line in again["told"])
    assert [p["id"] for p in again["payments"]] == [f"{first['new'][0]}.2"]
    assert len(desk.tool.show("losses")) == 2


def test_one_payment_claimed_by_two_is_kept_and_said(desk: Desk) -> None:
    taken = desk.take(row(ANNA) + row(SOMCHAI))
    one, two = taken["payments"]
    assert (two["rival"], two["loss"], two["state"]) == (one["victim"], one["loss"], "claimed by two")
    assert len(desk.tool.show("losses")) == 1
    code, out, _ = desk.tool("allocate", "--asset", USDT, "--pool", "1000", "--mode", "prorata_loss", "--json")
    assert code == 0
    assert [c["rivals"] for c in json.loads(out)["claims"]] == [[one["victim"], two["victim"]]]
    code, out, err = desk.tool(
        *("allocate", "--asset", USDT, "--pool", "1000", "--mode", "prorata_loss"),
        *("--record", "interim", "--authority", "order 1", "--by", "N"),
    )
    assert (code, "distribution-disputed" in err) == (2, True)


def test_a_claim_above_the_transaction_keeps_both_figures(desk: Desk) -> None:
    (payment,) = desk.take(row(ANNA, 1, "70"))["payments"]
    assert (payment["claimed"], payment["shown"], payment["counted"]) == ("70000000", "50000000", "50000000")
    assert payment["state"] == "above the transaction"
    assert [loss["amount"] for loss in desk.tool.show("losses")] == ["50000000"]


def test_an_incomplete_intake_is_a_gap_with_candidates(desk: Desk) -> None:
    desk.tool("run", "--until", "decode")
    (payment,) = desk.take(row(ANNA, None, "50"))["payments"]
    assert payment["gap"]["code"] == "payment-without-transaction"
    assert [c["tx"] for c in payment["candidates"]] == [tx(1)]
    assert payment["candidates"][0]["seconds_off"] == 2 * 3600
    assert desk.tool.show("losses") == []


WRONG = [
    (row(ANNA, 1, "50.1234567"), "amount-unreadable"),
    (row(ANNA).replace("2022-03-01T12:00", "2565-03-01"), "time-unreadable"),
    (row(",,,,"), "intake-nameless"),
    (row(ANNA).replace(tx(1), tx(1)[:-1]), "not-recognised"),
    (row(ANNA, rest="Bank of Anna Beispielfrau,,,,"), "intake-mixed"),
    (row(ANNA, rest=",,,everything,"), "intake-consent"),
    (row(ANNA, rest=",,,," + "abandon " * 11 + "about"), "intake-secret"),
]


def test_what_cannot_stand_names_the_line_and_nothing_is_taken_in(desk: Desk) -> None:
    for text, wanted in WRONG:
        found, out, err = desk.bare(row(SOMCHAI, 2, "30") + text)
        assert (found, json.loads(out)["error"]["code"]) == (2, wanted), err
        assert "line 3" in err
    assert desk.tool.show("losses") == []
    assert desk.show("list") == []
    kinds = [json.loads(line)["kind"] for line in (desk.tool.case / "journal.jsonl").read_bytes().splitlines()]
    assert "victim" not in kinds


def test_columns_that_open_something_or_that_nobody_asks_for(desk: Desk, tmp_path: Path) -> None:
    for head, code in (("name,laser code\n", "intake-secret"), ("name,e_mail\n", "intake-field")):
        path = tmp_path / "bad.csv"
        path.write_text(f"{head}A B,x\n")
        found, out, _ = desk.do("import", str(path), *desk.recipient)
        assert (found, json.loads(out)["error"]["code"]) == (2, code)


def test_a_workbook_is_read_like_a_list(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for n, line in enumerate([HEAD.strip(), row(ANNA).strip()]):
            sheet.write_row(n, 0, line.split(","))
        sheet.write_number(1, 7, 50)
    code, out, err = desk.do("import", str(path), *desk.recipient)
    assert code == 0, err
    assert [p["claimed"] for p in json.loads(out)["payments"]] == ["50000000"]


def test_seeded_identities_stand_nowhere_but_sealed(desk: Desk) -> None:
    rest = "Example Bank,TH-99-ACCOUNT,,sharing,They wrote to Anna Beispielfrau by night"
    desk.take(row(ANNA, rest=rest) + row(SOMCHAI, 2, "30"))
    assert desk.tool("run")[0] in (0, 5)
    # The list itself stays outside the case. Everything in it is searched, sealed files too.
    assert desk.show("check", *desk.opens) == []
    files = [path for path in desk.tool.case.rglob("*") if path.is_file()]
    held = {text: p.name for path in files for text in SEEDED if text.encode() in (p := path).read_bytes()}
    assert held == {}
    assert not any(text in str(path) for path in files for text in SEEDED)
    assert not any(text in "".join(map(str, desk.do("list"))) for text in SEEDED)
    assert desk.tool("verify")[0] == 0
    sealed = desk.show("show", desk.show("list")[0]["id"], "--identity-too", *desk.opens)["sealed"]
    assert (sealed["name"], sealed["bank_account"]) == ("Anna Beispielfrau", ["TH-99-ACCOUNT"])


def test_an_identity_outside_private_is_found(desk: Desk) -> None:
    desk.take(row(ANNA))
    (desk.tool.case / "out").mkdir(exist_ok=True)
    (desk.tool.case / "out/note.txt").write_text("Call ANNA BEISPIELFRAU back")
    code, out, _ = desk.do("check", *desk.opens)
    assert (code, [one["file"] for one in json.loads(out)]) == (3, ["out/note.txt"])


def test_a_wrong_key_opens_nothing_and_loses_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.take(row(ANNA))
    other = tmp_path / "other.txt"
    other.write_text(str(x25519.Identity.generate()))
    before = {p: p.read_bytes() for p in (desk.tool.case / "private").rglob("*") if p.is_file()}
    code, out, _ = desk.bare(row(SOMCHAI, 2, "30"), "--identity", str(other))
    assert (code, json.loads(out)["error"]["code"]) == (2, "vault-wrong-key")
    code, out, _ = desk.bare(row(SOMCHAI, 2, "30"), "--recipient", desk.recipient[1])
    assert (code, json.loads(out)["error"]["code"]) == (2, "vault-there")
    assert before == {p: p.read_bytes() for p in (desk.tool.case / "private").rglob("*") if p.is_file()}
    assert desk.show("show", *desk.opens, "--identity-too")[0]["sealed"]["name"] == "Anna Beispielfrau"


def test_a_passphrase_seals_too(tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool.open(export([("victim", "own", 50)], ["own"]))
    desk = Desk(tool, tmp_path)
    (tmp_path / "phrase").write_text("correct horse battery\n")
    desk.take(row(ANNA), "--passphrase-file", str(tmp_path / "phrase"))
    monkeypatch.setenv("RECOVER_PASSPHRASE", "wrong")
    code, out, _ = desk.do("show", "--identity-too")
    assert (code, json.loads(out)["error"]["code"]) == (2, "vault-wrong-key")


def test_an_identity_that_is_typed_as_a_reason_is_refused_before_it_is_noted(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.open(export([("victim", "own", 50)], ["own"]))
    desk = Desk(tool, tmp_path)
    (tmp_path / "phrase").write_text("correct horse battery\n")
    taken = desk.take(row(ANNA), "--passphrase-file", str(tmp_path / "phrase"))
    typed = ("set-aside", str(tool.case), "1", "--reason", "told by  anna BEISPIELFRAU", "--json")

    def act() -> tuple[int, str, str]:
        from recover.cli import main as program

        code = program.main(list(typed))
        return (code, *tool.capsys.readouterr())

    before = (tool.case / "journal.jsonl").read_bytes()
    monkeypatch.setenv("RECOVER_PASSPHRASE", "correct horse battery")
    code, out, _ = act()
    assert (code, json.loads(out)["error"]["code"]) == (2, "identity-typed")
    assert taken["new"][0] in out
    assert (tool.case / "journal.jsonl").read_bytes() == before
    # Where nothing opens them it cannot be known; that is said, and the search afterwards says what to do.
    monkeypatch.delenv("RECOVER_PASSPHRASE")
    code, _, err = act()
    assert code == 0
    assert "not held against the sealed identities" in err
    code, out, err = desk.do("check", "--passphrase-file", str(tmp_path / "phrase"))
    assert (code, [one["file"] for one in json.loads(out)]) == (3, ["journal.jsonl"])
    assert "do: What the journal acknowledged is never taken out." in err


def test_erasing_destroys_the_key_and_the_journal_says_so(desk: Desk) -> None:
    one, two = desk.take(row(ANNA) + row(SOMCHAI, 2, "30"))["new"]
    said = desk.show("erase", one, "--by", "N", "--reason", "asked for by the victim")
    rows = {r["id"]: r for r in desk.show("list")}
    assert rows[one]["identity"].startswith("erased")
    assert rows[one]["payments"][0]["loss"] == "L1"
    assert rows[two]["identity"] == "sealed"
    assert said["key_destroyed"] in (desk.tool.case / "journal.jsonl").read_text()
    assert one not in (desk.tool.case / "private/victims/keys.jsonl").read_text()
    assert "FAILS" not in desk.tool("verify")[1].upper()
    shown = {r["id"]: r["sealed"] for r in desk.show("show", "--identity-too", *desk.opens)}
    assert shown[one] is None
    assert shown[two]["name"] == "สมชาย ตัวอย่าง"


def test_a_screening_is_a_trained_persons_and_stays_sealed(desk: Desk) -> None:
    (name,) = desk.take(row(ANNA))["new"]
    assert "wording" in desk.show("screen", name)
    said = (
        "--by",
        "N. Trained",
        "--status",
        "potential_trafficking_victim",
        "--answer",
        "documents=taken on arrival",
    )
    code, out, _ = desk.do("screen", name, *said, *desk.opens)
    assert (code, json.loads(out)["error"]["code"]) == (2, "screening-untrained")
    desk.show("screen", name, *said, "--trained", *desk.opens)
    everything = b"".join(p.read_bytes() for p in desk.tool.case.rglob("*") if p.is_file())
    assert b"potential_trafficking" not in everything
    sealed = desk.show("show", name, "--identity-too", *desk.opens)["sealed"]
    assert sealed["screenings"][0]["status"] == "potential_trafficking_victim"


def test_what_to_do_now_comes_first_with_its_clock(desk: Desk, tmp_path: Path) -> None:
    said = ("name=Somchai T", "country=TH", "bank=Example Bank", "bank_alert_time=2026-11-29T10:00+07:00")
    options = [part for one in said for part in ("--set", one)]
    code, out, err = desk.do("add", *options, *desk.recipient)
    assert code == 0, err
    (steps,) = json.loads(out)["do_now"].values()
    assert (steps[0]["id"], steps[0]["due"]) == ("police-72h", "2026-12-02 03:00:00")
    assert steps[0]["due_local"] == "2026-12-02 10:00 (UTC+0700)"
    assert [step["id"] for step in steps[1:]] == ["hotline", "keep", "recovery-scam"]
    assert all(step["th"] and step["en"] and step["source"] and step["as_of"] for step in steps)
    code, out, err = desk.do("add", *options, "--set", "police_reference=P 1", *desk.opens)
    (steps,) = json.loads(out)["do_now"].values()
    assert "police-72h" not in [step["id"] for step in steps], err


def test_victim_by_service_and_counsels_extract(desk: Desk) -> None:
    one, two = desk.take(row(ANNA) + row(SOMCHAI, 2, "30"))["new"]
    desk.tool("run", "--until", "find")
    cells = {(c["victim"], c["service"]): c["amount"] for c in desk.show("list", "--services")}
    assert cells == {(one, "Binance"): "50000000", (two, "Binance"): "30000000"}
    own = desk.show("list", "--services", "--only", one)
    assert [(c["victim"], c["amount"]) for c in own] == [(one, "50000000"), ("other victims", "30000000")]
    assert two not in json.dumps(own)


def test_the_notice_tells_a_victim_of_nobody_else(desk: Desk, tmp_path: Path) -> None:
    one, two = desk.take(row(ANNA) + row(SOMCHAI) + row(SOMCHAI, 2, "30"))["new"]
    desk.tool("run", "--until", "find")
    out = tmp_path / "papers"
    assert desk.show("notice", two, "--out", str(out))["files"] == [
        str(out / f"notice-{two}-{language}.pdf") for language in ("en", "th")
    ]
    english, thai = (
        "".join(page.extract_text() for page in PdfReader(out / f"notice-{two}-{language}.pdf").pages)
        for language in ("en", "th")
    )
    assert one not in english + thai
    assert not any(text in english + thai for text in SEEDED)
    assert "another person names this payment too" in " ".join(english.split())
    assert "We never ask for a fee" in " ".join(english.split())
    assert tx(2) in "".join(english.split())
    desk.show("petition", two, "--out", str(out))
    said = json.loads((out / f"us-remission-{two}.json").read_text())
    assert {"petitioner", "statement", "offence", f"losses.{two}.2.value_usd"} <= set(said["blanks"]), "no price"
    assert not any(text in json.dumps(said, ensure_ascii=False) for text in SEEDED)
    desk.show("petition", two, "--out", str(out), "--identity-too", *desk.opens)
    said = json.loads((out / f"us-remission-{two}.json").read_text())
    assert next(f["value"] for f in said["fields"] if f["id"] == "petitioner") == "สมชาย ตัวอย่าง"


_UNTOLD = ("-delivery.txt", "-portal.txt", ".csv", ".xlsx")
"""Forms that print nothing of what a sender writes freely."""


@pytest.mark.parametrize("language", ["en", "th"])
def test_an_identity_is_found_in_every_form_in_which_a_letter_goes_out(desk: Desk, language: str) -> None:
    """In a PDF a name stands as numbers of glyphs, and in an e-mail in base64."""
    desk.take(row(ANNA) + row(SOMCHAI, 2, "30"))
    view = sample.view()
    kinds = drafts.desk(list(registry.load().templates.values()))
    told = Choice(
        id="acme-preserve", kind="preserve", service="Acme", name="Acme", basis="none-voluntary",
        language=language, role="counsel", sender={"officer": "A", "name": "B"},
        facts="Anna Beispielfrau และ สมชาย ตัวอย่าง",
    )  # fmt: skip
    made = drafts.written(view, kinds, matter.Ways(view), told, Letter(told.id), Check((), ()))
    forms = {name: data for name, data in made if not name.endswith(_UNTOLD)}
    assert len(forms) == 4
    for name, data in forms.items():
        file = desk.tool.case / "out" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    code, out, _ = desk.do("check", *desk.opens)
    found: dict[str, set[str]] = {}
    for one in json.loads(out):
        found.setdefault(one["file"], set()).add(one["victim"])
    assert (code, set(found)) == (3, {f"out/{name}" for name in forms})
    assert {len(who) for who in found.values()} == {2}, found
