"""The feed: each rule tried by somebody who wants a forbidden thing out; a revocation reaches every form."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyrage import x25519
from tests.core.test_statements import CHAIN, EXCHANGE, USDT, export, labels, tx, who

from recover.cli import main as program
from recover.prevention import bulk, published
from recover.registers import hosts

STAFF = [f"w{n}" for n in range(9)]
MOVES = [
    ("victim", "a", 50),
    ("a", "b", 20),
    ("a", "dep", 20),
    ("dep", "hot", 20),
    ("payee", "y", 3),
    *((("boss"), one, 2) for one in STAFF),
    *((("boss"), one, 3) for one in STAFF),
]
CLEARANCE = ("--no-covert-by", "C. Ops", "--cleared-by", "L. Lawyer", "--contact", "appeals@agency.example")
TAKEN = "name,email,wallet,tx,asset,amount\n"

ADDRESSES = {"scam": "z", "victim": "victim", "hot": "hot", "deposit": "dep", "worker": "w3", "payer": "payee"}
"""What is entered as an address, all with grade A and two reviews, by what it is."""

HOSTS = {"one": "shop.example", "two": "ตัวอย่าง.example", "low": "low.example", "alone": "alone.example"}
SHARED = {"apex": "facebook.com", "suffix": "github.io"}


@dataclass
class Case:
    """A copy of a case, what its program says, and where its feed is written."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def path(self) -> str:
        return str(self.folder / "c")

    def do(self, *words: str) -> tuple[int, Any, str]:
        code = program.main([*words, "--json"])
        out, err = self.capsys.readouterr()
        return code, json.loads(out) if out.strip() else None, err

    def feed(self, *more: str, act: str = "build") -> tuple[int, Any, str]:
        where = ("--out", str(self.folder / "feed"), "--by", "B") if act == "build" else ()
        return self.do("feed", act, self.path, *where, *more)

    def forms(self) -> dict[str, str]:
        root = self.folder / "feed"
        return {p.relative_to(root).as_posix(): p.read_text() for p in sorted(root.rglob("*")) if p.is_file()}


def enter(case: str, value: str, type: str, grade: str = "A", *more: str) -> None:
    said = ("--category", "fake-exchange", "--grade", grade, "--by", "A", "--reason", "seen", "--exhibit", "1")
    words = ["indicator", "add", case, value, "--type", type, *said, "--first-seen", "2022-03-01", *more]
    assert program.main(words) == 0


def accept(case: str, ident: str, *names: str) -> None:
    for name in names:
        assert program.main(["review", case, ident, "--accept", "--by", name, "--reason", "looked at"]) == 0


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feed")
    (folder / "0.csv").write_text(export(MOVES, ["a", "dep"]))
    (folder / "1.csv").write_text(labels(EXCHANGE))
    case = str(folder / "c")
    said = ("--title", "T", "--examiner", "N", "--agency", "Agency One", "--rule", "fifo")
    assert program.main(["open", case, *said]) == 0
    assert program.main(["import", case, str(folder / "0.csv"), str(folder / "1.csv")]) == 0
    assert program.main(["loss", case, "--tx", tx(1), "--asset", "USDT"]) == 0
    assert program.main(["loss", case, "--tx", tx(5), "--asset", "USDT"]) == 0
    number = 0
    for values, type_ in ((ADDRESSES, "address"), (HOSTS, "domain"), (SHARED, "domain")):
        for name, value in values.items():
            number += 1
            enter(case, who(value) if type_ == "address" else value, type_, "C" if name == "low" else "A")
            accept(case, f"I{number}", "Ann", *(() if name == "alone" else ("Bob",)))
    enter(case, "203.0.113.7:51234 2022-03-01T12:00:05Z", "line")
    enter(case, "https://www.facebook.com/", "url")
    enter(case, "https://www.facebook.com/scam.page", "url")
    enter(case, "https://chat.example/u/7", "account", "B", "--platform", "Chat")
    enter(case, USDT.rpartition(":")[2], "address")
    enter(case, f"https://explorer.example/address/{who('victim').upper().replace('0X', '0x')}?a=1", "url")
    enter(case, who("hot"), "account", "A", "--platform", "Chat")
    for ident in ("I13", "I14", "I15", "I16", "I17", "I18", "I19"):
        accept(case, ident, "Ann", "Bob")
    assert program.main(["run", case]) in (0, 5)
    return folder


@pytest.fixture
def ready(worked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Case:
    shutil.copytree(worked / "c", tmp_path / "c")
    capsys.readouterr()
    return Case(tmp_path, capsys)


@pytest.fixture(scope="module")
def listed(worked: Path) -> dict[str, set[str]]:
    """What stays out, by value, with the codes of its reasons; nothing is written."""
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.prevention import exempt, gated

    case, plugins = open_for_reading(worked / "c"), registry.load()
    found = gated.candidates(case, plugins, exempt.addresses(case, plugins), {}, lambda text: False)
    return {one.value: {code for code, _ in one.reasons} for one in found}


PASSES = (who("z"), "shop.example", "xn--72c1a1bt4awk9o.example", "https://www.facebook.com/scam.page")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (who("victim"), "address"),
        (who("payee"), "address"),
        (who("hot"), "address"),
        (who("dep"), "address"),
        (who("w3"), "address"),
        (USDT.rpartition(":")[2], "address"),
        (f"https://explorer.example/address/{who('victim').upper().replace('0X', '0x')}?a=1", "address"),
        ("low.example", "grade"),
        ("alone.example", "review"),
        ("facebook.com", "shared"),
        ("github.io", "shared"),
        ("https://www.facebook.com/", "shared"),
        ("203.0.113.7:51234 2022-03-01T12:00:05Z", "line"),
    ],
)
def test_a_forbidden_thing_stays_out_whoever_accepted_it(
    listed: dict[str, set[str]], value: str, code: str
) -> None:
    assert listed[value] == {code}


def test_what_passes_is_the_rest(listed: dict[str, set[str]]) -> None:
    assert {value for value, codes in listed.items() if not codes} == {*PASSES, "https://chat.example/u/7"}


def test_nothing_goes_out_without_the_persons_who_answer_for_it(ready: Case) -> None:
    code, _, err = ready.feed()
    assert code == 2
    assert "5 wait for clearance" in err
    for lacking in (CLEARANCE[:2], CLEARANCE[:4], CLEARANCE[2:], (*CLEARANCE[:4], "--contact", "=cmd()")):
        code, _, err = ready.feed(*lacking)
        assert code == 2, err
    assert not (ready.folder / "feed").exists()


def test_the_same_case_gives_the_same_bytes_and_no_form_names_a_forbidden_thing(
    ready: Case, listed: dict[str, set[str]]
) -> None:
    code, made, err = ready.feed(*CLEARANCE)
    assert code == 5, err
    assert {row["indicator"] for row in made["standing"]} == {v for v, codes in listed.items() if not codes}
    first = ready.forms()
    entries = (ready.folder / "c/journal.jsonl").read_text().count('"kind":"feed"')
    assert ready.feed()[0] == 5
    assert ready.forms() == first
    assert (ready.folder / "c/journal.jsonl").read_text().count('"kind":"feed"') == entries == 1
    forbidden = [value for value, codes in listed.items() if codes and value not in ("facebook.com", "github.io")]
    for name, text in first.items():
        assert not [v for v in forbidden if f"{v}\n" in text or f'"{v}"' in text or f"{v}," in text], name
    dns = first["dns/rpz.zone"] + first["dns/hosts"] + first["dns/domains.txt"] + first["wallets/config.json"]
    assert "facebook" not in dns
    assert "github" not in dns
    assert "L. Lawyer" not in "".join(first.values())
    assert "Ann" not in "".join(first.values())
    assert program.main(["verify", ready.path]) in (0, 5)


def test_each_form_has_what_its_reader_needs(ready: Case) -> None:
    ready.feed(*CLEARANCE, "--tlp", "clear")
    forms = ready.forms()
    config = json.loads(forms["wallets/config.json"])
    assert config["blacklist"] == ["shop.example", "xn--72c1a1bt4awk9o.example"]
    assert (config["fuzzylist"], config["whitelist"]) == ([], [])
    assert "\n0.0.0.0 shop.example\n" in forms["dns/hosts"]
    assert "\nshop.example CNAME .\n*.shop.example CNAME .\n" in forms["dns/rpz.zone"]
    (row,) = csv.DictReader(io.StringIO(forms["exchanges/addresses.csv"]))
    assert tuple(row) == published.FIELDS
    assert (row["indicator"], row["chain"], row["grade"]) == (who("z"), CHAIN, "A")
    assert row["false_positive_contact"] == "appeals@agency.example"
    until = datetime.fromisoformat(row["valid_until"]) - datetime.now(UTC)
    assert 178 <= until.days <= 180
    event = json.loads(forms["misp/event.json"])["Event"]
    (held,) = event["Object"]
    assert [a["type"] for a in held["Attribute"] if a["object_relation"] == "address-crypto"] == ["text"]
    assert {a["value"] for a in event["Attribute"] if a["to_ids"]} == {*PASSES[1:]}
    bundle = json.loads(forms["stix/bundle.json"])["objects"]
    patterns = {one["pattern"] for one in bundle if one["type"] == "indicator"}
    assert f"[cryptocurrency-wallet:value = '{who('z')}']" in patterns
    assert all(one["id"].partition("--")[2][14] == "5" for one in bundle if one["type"] == "indicator")
    assert json.loads(forms["public/aggregate.json"])["entries"] is None, "5 entries are single cases"


def gone_from(forms: dict[str, str], value: str) -> dict[str, bool]:
    """By form, whether a value is told of as withdrawn there, and as nothing else."""
    stix = [o for o in json.loads(forms["stix/bundle.json"])["objects"] if value in o.get("pattern", "")]
    event = json.loads(forms["misp/event.json"])["Event"]
    inner = [a for o in event["Object"] for a in o["Attribute"] if a["value"] == value]
    told = [a for a in [*event["Attribute"], *inner] if a["value"] == value]
    documents = [n for n in ("feed.json", "revocations.json", "exchanges/addresses.json") if value in forms[n]]
    rows = {n: [r for r in json.loads(forms[n])["entries"] if r["indicator"] == value] for n in documents}
    found = {
        "stix": bool(stix) and all(one["revoked"] for one in stix),
        "misp": bool(told) and all(a["deleted"] and not a["to_ids"] for a in told),
        **{name: all(row["withdrawn"] for row in found) for name, found in rows.items()},
    }
    if value.endswith(".example"):
        config = json.loads(forms["wallets/config.json"])
        found["wallets"] = value not in config["blacklist"] and value in forms["wallets/revoked.txt"]
        for name in ("dns/hosts", "dns/domains.txt", "dns/rpz.zone"):
            plain = [line for line in forms[name].splitlines() if value in line and line[0] not in "#;"]
            found[name] = not plain and f"revoked {rows['feed.json'][0]['withdrawn']} {value}" in forms[name]
    else:
        row = next(
            r for r in csv.DictReader(io.StringIO(forms["exchanges/addresses.csv"])) if r["indicator"] == value
        )
        found["csv"] = bool(row["withdrawn"])
    return found


def test_what_changes_in_the_case_is_withdrawn_in_every_form(ready: Case) -> None:
    """One build after an undone indicator, a review taken back, and an address that turns out to be a victim's."""
    ready.feed(*CLEARANCE, "--tlp", "clear")
    assert ready.do("undo", ready.path, "I7", "--by", "A", "--reason", "another site")[0] == 0
    acts = ready.do("show", ready.path, "acts")[1]
    mine = next(a["id"] for a in acts if a["act"] == "review" and a["about"]["finding"] == "I8")
    assert (
        ready.do("undo", ready.path, str(mine), "--by", "Ann", "--reason", "the capture is of another day")[0] == 0
    )
    (ready.folder / "2.csv").write_text(export([*[("q", "q", 1)] * 28, ("z", "a", 5)], []))
    assert ready.do("import", ready.path, str(ready.folder / "2.csv"))[0] == 0
    assert ready.do("loss", ready.path, "--tx", tx(29), "--asset", "USDT")[0] == 0
    code, _, err = ready.feed()
    assert code == 2
    assert "recover run" in err, "what the results have not seen is not passed over"
    assert "--stale" not in err, "there is no such option here"
    assert ready.do("run", ready.path)[0] in (0, 5)
    _, told, err = ready.feed(act="list")
    assert sorted(told["due"]) == sorted(PASSES[:3])
    assert "withdraws them" in err
    code, made, err = ready.feed()
    assert code == 5, err
    assert {row["indicator"] for row in made["withdrawn"]} == {*PASSES[:3]}
    forms = ready.forms()
    for value, count in ((who("z"), 6), ("shop.example", 8), ("xn--72c1a1bt4awk9o.example", 8)):
        found = gone_from(forms, value)
        assert len(found) == count
        assert all(found.values()), (value, found)
    assert "victim" not in "".join(forms.values()).lower(), "no reader learns why"


def test_one_is_revoked_at_once_and_comes_back_only_by_a_new_clearance(ready: Case) -> None:
    ready.feed(*CLEARANCE, "--tlp", "clear")
    out = ("--out", str(ready.folder / "feed"), "--by", "L", "--reason", "the host writes that it was taken over")
    code, made, err = ready.do("feed", "revoke", ready.path, "I7", *out)
    assert (code, [row["indicator"] for row in made["withdrawn"]]) == (0, ["shop.example"]), err
    assert all(gone_from(ready.forms(), "shop.example").values())
    assert "taken over" not in "".join(ready.forms().values())
    assert ready.do("feed", "revoke", ready.path, "I7", *out)[0] == 2
    ready.feed(*CLEARANCE, "--tlp", "clear")
    assert all(gone_from(ready.forms(), "shop.example").values()), "a clearance of all does not lift it"
    assert ready.do("feed", "revoke", ready.path, "I7", *out, "--back")[0] == 0
    ready.feed()
    assert all(gone_from(ready.forms(), "shop.example").values())
    code, _, err = ready.feed(*CLEARANCE, "--tlp", "amber")
    assert code == 2
    assert "TLP:CLEAR" in err, "what went out widely is not made narrower by a mark"
    ready.feed(*CLEARANCE, "--tlp", "clear")
    assert "shop.example" in json.loads(ready.forms()["wallets/config.json"])["blacklist"]


def test_a_narrow_mark_keeps_entries_from_what_is_public(ready: Case) -> None:
    ready.feed(*CLEARANCE, "--tlp", "red")
    forms = ready.forms()
    assert json.loads(forms["wallets/config.json"])["blacklist"] == []
    assert "shop.example" not in forms["dns/hosts"] + forms["dns/rpz.zone"] + forms["dns/domains.txt"]
    assert "shop.example" in forms["misp/event.json"]


def test_no_sealed_victim_is_in_any_form(ready: Case) -> None:
    own = x25519.Identity.generate()
    key = ready.folder / "key.txt"
    key.write_text(f"{own}\n")
    taken = ready.folder / "taken.csv"
    taken.write_text(TAKEN + f"Anna Beispielfrau,anna.b@example.org,{who('z')},{tx(1)},{USDT},10\n")
    words = ("victim", "import", ready.path, str(taken), "--recipient", str(own.to_public()))
    assert ready.do(*words)[0] == 0
    assert ready.do("run", ready.path)[0] in (0, 5)
    code, _, err = ready.feed(*CLEARANCE)
    assert code == 2
    assert "locked" in err
    code, made, err = ready.feed(*CLEARANCE, "--identity", str(key))
    assert code == 5, err
    assert who("z") not in {row["indicator"] for row in made["standing"]}
    everything = "".join(ready.forms().values())
    assert [one for one in ("Beispielfrau", "anna.b@", who("z")[2:], who("victim")[2:]) if one in everything] == []


def test_counts_for_the_public_give_no_small_cell_and_no_sum_that_tells_one() -> None:
    rows = {}
    cells: Sequence[tuple[str, int]] = (("phishing", 12), ("romance", 11), ("other", 3))
    for category, count in cells:
        for n in range(count):
            row = dict.fromkeys(published.FIELDS, "") | {"type": "domain", "category": category}
            rows["domain", "", f"{category}{n}"] = row | {"indicator": f"{category}{n}", "source_count": "1"}
    made = published.Feed(rows=rows, at=datetime(2026, 1, 1, tzinfo=UTC), agency="A", seed="0")
    found = json.loads(dict(bulk.files(made))["public/aggregate.json"])
    assert found["by_category"] == {"phishing": 12, "romance": 11}
    assert found["entries"] is None, "26 would say that 3 are left out"


def test_people_read_what_cannot_be_clicked_and_machines_what_can() -> None:
    assert hosts.defanged("https://shop.example/a.b") == "hxxps://shop[.]example/a[.]b"
    assert hosts.fanged("hxxps://shop[.]example") == "https://shop.example"


def test_of_findings_only_a_public_word_on_the_address_itself_is_an_entry(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trace says where value went: an accepted finding of that kind lists nobody."""
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.prevention import exempt, gated
    from recover.sdk.view import Finding

    kinds = (
        ("alert", "sanctions", "q"),
        ("alert", "agency", "r"),
        ("off-ramp", "", "s"),
        ("alert", "abuse", "hot"),
    )
    found = [
        Finding(id=f"F{n}", kind=kind, subject=who(at), grade="A", slots={"alert": word}, exhibits=(1,))
        for n, (kind, word, at) in enumerate(kinds)
    ]
    act = [SimpleNamespace(by=name, body={"accept": True}) for name in ("Ann", "Bob")]
    monkeypatch.setattr("recover.findings.stored.findings", lambda case: found)
    monkeypatch.setattr(gated, "reviewed", lambda case, finding: ("accepted", tuple(act)))
    monkeypatch.setattr("recover.prevention.indicators.standing", lambda case: {})
    case, plugins = open_for_reading(worked / "c"), registry.load()
    made = gated.candidates(case, plugins, exempt.addresses(case, plugins), {}, lambda text: False)
    assert {one.value: {code for code, _ in one.reasons} for one in made} == {
        who("q"): set(),
        who("r"): {"kind"},
        who("s"): {"kind"},
        who("hot"): {"address"},
    }
