"""Two verifiers that share no line agree: on random cases, and on what was done to one at random.

`make verifiers` runs 1,000 cases and 10,000 mutations; the suite runs a few of each.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.laws.places import PLUGINS, TOYS, Toy, found, named, paid

from recover.case import examined, open_for_reading, seals
from recover.cli.main import main
from recover.findings import view
from recover.plugins.registry import Plugins
from recover.report import data
from recover.sdk import Coverage, Leg, Transaction
from recover.sdk.batch import Record
from recover.sdk.errors import Error
from recover.sealing import recover_verify as outside

CASES = int(os.environ.get("RECOVER_VERIFIED_CASES", "3"))
MUTATIONS = int(os.environ.get("RECOVER_MUTATIONS", "10"))
SEED = int(os.environ.get("RECOVER_SEED", "20261129"))
PART = 500


def account(rng: random.Random, toy: Toy) -> list[Record]:
    names = [f"a{n}" for n in range(rng.randint(3, 8))]
    coin, txs = toy.info.native.id, []
    for number in range(rng.randint(3, 25)):
        src, dst = rng.choice(names), rng.choice(names)
        amount = rng.choice([rng.randint(1, 9), rng.randint(1, 10**6), rng.randint(1, 2**80)])
        txs.append(paid(toy.info.id, f"t{number}", src, dst, amount, coin, number + 1))
    return [*txs, *beside(rng, toy, names)]


def coins(rng: random.Random, toy: Toy) -> list[Record]:
    names = [f"a{n}" for n in range(rng.randint(3, 8))]
    coin, txs = toy.info.native.id, []
    unspent: list[tuple[str, int, str, int]] = []
    for number in range(rng.randint(3, 25)):
        spent = rng.sample(unspent, min(len(unspent), rng.randint(0, 3)))
        unspent = [one for one in unspent if one not in spent]
        whole = sum(one[3] for one in spent) or rng.randint(5, 10**6)
        legs = [
            Leg(kind="input", address=who, asset=coin, amount=-n, spends=(tx, at), index=i)
            for i, (tx, at, who, n) in enumerate(spent)
        ] or [Leg(kind="reward", address=None, asset=coin, amount=-whole, index=0)]
        fee = rng.randint(0, whole // 5) if spent else 0
        parts = cut(rng, whole - fee, rng.randint(1, 4))
        for at, part in enumerate(parts):
            who = rng.choice(names)
            legs.append(Leg(kind="output", address=who, asset=coin, amount=part, index=at))
            unspent.append((f"t{number}", at, who, part))
        if fee:
            legs.append(Leg(kind="fee", address=None, asset=coin, amount=fee, index=len(parts)))
        txs.append(
            Transaction(
                chain=toy.info.id,
                id=f"t{number}",
                place=0,
                legs=tuple(legs),
                whole=True,
                height=number + 1,
                index=0,
            )
        )
    return [*txs, *beside(rng, toy, names)]


def cut(rng: random.Random, whole: int, parts: int) -> list[int]:
    edges = sorted(rng.sample(range(1, whole), min(parts, whole) - 1)) if whole > 1 else []
    return [b - a for a, b in zip([0, *edges], [*edges, whole], strict=True)]


def beside(rng: random.Random, toy: Toy, names: list[str]) -> list[Record]:
    """Histories of most, labels of some: wallets and deposit addresses of two services."""
    told: list[Record] = [Coverage(chain=toy.info.id, address=name) for name in names if rng.random() < 0.8]
    for name in names:
        if rng.random() < 0.3:
            service = rng.choice(["Kraken", "Bitfinex"])
            role = rng.choice(["hot-wallet", "hot-wallet", "deposit"])
            told.append(replace(named(toy.info.id, name), service=service, label=service, role=role))
    return told


def losses(rng: random.Random, toy: Toy, records: list[Record]) -> list[dict[str, Any]]:
    """Some losses by address, and by transaction where one leg is plain."""
    txs = [r for r in records if isinstance(r, Transaction)]
    made: list[dict[str, Any]] = []
    for _ in range(rng.randint(1, 3)):
        tx = rng.choice(txs)
        came = [leg for leg in tx.legs if (leg.amount or 0) > 0 and leg.address]
        out = {leg.address for leg in tx.legs if (leg.amount or 0) < 0}
        # By transaction only where it is plain which part is meant: no address is on both sides, one output.
        plain = not out & {leg.address for leg in came} and (toy.info.model == "account" or len(came) == 1)
        by_tx = plain and rng.random() < 0.5
        made.append({"tx": f"{toy.info.id}:{tx.id}"} if by_tx else {"address": f"{toy.info.id}:{came[0].address}"})
    return [one for n, one in enumerate(made) if one not in made[:n]]


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here outlives a power cut, and waiting for disks was a third of the time."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def plain() -> Plugins:
    """The scripted chains without registers of services: names of services are as labels have them."""
    few = {name: one for name, one in PLUGINS.templates.items() if name not in ("addressees", "services")}
    return replace(PLUGINS, templates=few)


PLAIN = plain()


def held(case: Path, result: Any) -> tuple[list[tuple[str, str, str]], int]:
    """What of a result.json over this trace is not so by the outside verifier, and how many figures it saw."""
    legs = outside.Legs((case / "derived/trace/legs.jsonl").read_bytes())
    tree, entries = Read(case, result), outside.journal((case / "journal.jsonl").read_bytes())
    entries.append({"n": len(entries) + 1, "kind": "ran", "body": {"stage": "write"}})
    seen: outside.Found = []
    outside.check_figures(tree, entries, seen)
    assert legs.head["rule"] == "fifo"
    counted = [detail for name, answer, detail in seen if (name, answer) == ("result.json", outside.HOLDS)]
    # Of the papers there is result.json alone here.
    wrong = [row for row in seen if row[1] != outside.HOLDS and row[2] != "is not here to compare"]
    return wrong, int(counted[0].split()[0]) if counted else 0


class Read:
    """A case folder with a result.json that is in no file."""

    def __init__(self, case: Path, result: Any) -> None:
        self.made = json.dumps(result).encode()
        self.legs = (case / "derived/trace/legs.jsonl").read_bytes()
        self.sizes = {"out/result.json": len(self.made), "derived/trace/legs.jsonl": len(self.legs)}

    def read(self, name: str) -> bytes:
        return self.made if name == "out/result.json" else self.legs


SHOWN = ("amount", "credited", "unswept", "elsewhere", "unfollowed", "transfers")
"""Figures of an off-ramp that page 1 and its tables print."""


@pytest.mark.usefixtures("unsynced")
@pytest.mark.parametrize("number", range(CASES))
def test_both_verifiers_agree_on_a_random_case(number: int, tmp_path: Path) -> None:
    rng = random.Random(SEED + number)
    toy = TOYS[(number % 2) * 2]
    records = (coins if toy.info.model == "utxo" else account)(rng, toy)
    path = found(tmp_path, [records], losses(rng, toy, records), plugins=PLAIN)
    said = outside.check(str(path))
    assert [row for row in said if row[1] == outside.FAILS] == [], f"seed {SEED + number}"
    assert [row for row in said if row[0] == "figures" and row[1] == outside.HOLDS], (
        f"seed {SEED + number}: {said}"
    )
    result = json.loads(data.result(view.load(open_for_reading(path), PLAIN)))
    assert held(path, result)[0] == [], f"seed {SEED + number}"
    places = [(row, name) for row in result["offramps"] for name in SHOWN]
    places += [(row, "amount") for name in ("totals", "answer", "ends") for row in result[name] if "amount" in row]
    places += [(row, "stake") for row in result["answer"] if "stake" in row]
    places = [(row, name) for row, name in places if follows(row.get("figure", "traced"))]
    if places:
        row, name = rng.choice(places)
        row[name] = str(int(row[name]) + 1)
        assert held(path, result)[0], f"seed {SEED + number}: one unit more of {row}, {name}"


def follows(figure: str) -> bool:
    """Whether a total follows from movements: origins, gaps, findings and other orders do not."""
    known = ("traced", "traced of loss", "credited", "unswept", "elsewhere", "unfollowed", "credits", "payments")
    return figure in known or figure.startswith(("ended ", "service traced of loss")) or figure == "service traced"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = tmp_path_factory.mktemp("mutated") / "case"
    assert main(["demo", "--out", str(case), "--case", "daloia-shaped-example"]) == 5
    return case


def mutated(rng: random.Random, case: Path, names: Sequence[str]) -> tuple[str, str, bytes]:
    """Do one thing to one file; what, to which, and what it held."""
    name, what = rng.choice(names), rng.choice(["byte", "cut", "more", "gone", "hole", "lines", "stranger"])
    file = case / name
    data = file.read_bytes()
    at = rng.randrange(len(data)) if data else 0
    if what == "byte":
        file.write_bytes(data[:at] + bytes([data[at] ^ rng.randint(1, 255)]) + data[at + 1 :] if data else b"x")
    elif what == "cut":
        file.write_bytes(data[:at])
    elif what == "more":
        file.write_bytes(data + rng.randbytes(rng.randint(1, 40)))
    elif what == "gone":
        file.unlink()
    elif what == "hole":
        file.write_bytes(data[:at] + data[at + rng.randint(1, 40) :])
    elif what == "lines":
        rows = data.split(b"\n")
        one, two = rng.randrange(len(rows)), rng.randrange(len(rows))
        rows[one], rows[two] = rows[two], rows[one]
        file.write_bytes(b"\n".join(rows))
    else:
        file.with_name(f"{file.name}.more").write_bytes(b"x")
    return what, name, data


def ours(path: Path) -> bool:
    """Whether our own checks hold, but for what is made again: that none of these needs."""
    try:
        case = open_for_reading(path)
        checks = [*examined.kept(case), *examined.papers(case), *examined.issued(case), *examined.former(case)]
        checks += examined.stored(case, lambda *_: None)
        if any(check.answer is examined.Answer.FAILS for check in checks):
            return False
        return all(seals.whole(case, folder) for folder in seals.known(case) if seals.made(case, folder))
    except (Error, OSError):
        return False


@pytest.mark.usefixtures("unsynced")
@pytest.mark.parametrize("part", range(-(-MUTATIONS // PART)))
def test_both_verifiers_agree_on_what_was_done_to_a_case(part: int, whole: Path, tmp_path: Path) -> None:
    rng, apart = random.Random(SEED + part), []
    # One copy that is mended after each: copying all of it took longer than both verifiers.
    case = Path(shutil.copytree(whole, tmp_path / "case"))
    every = sorted(p for p in case.rglob("*") if p.is_file() and p.name != ".lock" and p.parent.name != "private")
    names = [p.relative_to(case).as_posix() for p in every]
    for number in range(min(PART, MUTATIONS - part * PART)):
        what, name, data = mutated(rng, case, names)
        file, stranger = case / name, case / f"{name}.more"
        same = file.exists() and file.read_bytes() == data and not stranger.exists()
        theirs = outside.FAILS not in {answer for _, answer, _ in outside.check(str(case))}
        if ours(case) != theirs or (same and not theirs):
            apart.append((number, what, name, "ours holds" if ours(case) else "ours fails", theirs))
        file.write_bytes(data)
        stranger.unlink(missing_ok=True)
    assert apart == [], f"seed {SEED + part}"
    assert (
        sorted(p for p in case.rglob("*") if p.is_file() and p.name != ".lock" and p.parent.name != "private")
        == every
    )
