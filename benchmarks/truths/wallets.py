"""Wallets of services whose owner is known, and what origins say of them: the cases of `accuracy_who.py`.

Every population withholds the origin that is its truth. Truths are the exchanges' own reserve lists, an explorer's
labels, and lists of addresses that are nobody's wallets at a service (ransom payments, scams).
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.accuracy_deposit import CHAIN as TRON
from benchmarks.accuracy_deposit import LISTS, ORDERS
from benchmarks.accuracy_deposit import _labels as labels_of
from benchmarks.truths.measures import wilson

from recover.linking.ladder import Word, root, standing
from recover.registers.services import Register

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
ETHEREUM = "eip155:1"
ENOUGH = 50
OWN = re.compile(r"exchange-wallets-(?!bitmex|swissborg).*")
PACKS = LISTS / "graphsense-tagpacks" / "packs"
Place = tuple[str, str]


@dataclass(slots=True)
class Count:
    """One population: how many cases, and what was said of them."""

    n: int = 0
    true: int = 0
    right: int = 0
    wrong: int = 0
    none: int = 0
    false: int = 0
    grades: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, said: str, right: str, grade: str) -> None:
        self.n += 1
        self.true += bool(right)
        if not said:
            self.none += 1
            return
        good = said == right
        self.right += good
        self.wrong += not good
        self.false += not right
        self.grades[grade][not good] += 1

    def plain(self) -> dict[str, Any]:
        named = self.right + self.wrong
        return {
            "n": self.n,
            "named": named,
            "wrong": self.wrong,
            "precision": rate(self.right, named),
            "recall": share(self.right, self.true),
            "abstention": share(self.none, self.n),
            "negatives": self.n - self.true,
            "falsely_named": rate(self.false, self.n - self.true),
            "by_grade": {
                g: {"n": a + b, "wrong": b, "precision": rate(a, a + b)} for g, (a, b) in self.grades.items()
            },
        }


def rate(found: int, of: int) -> str:
    """A proportion with its Wilson 95 % bounds, or that it was not measured."""
    if of < ENOUGH:
        return f"not measured ({found}/{of})"
    low, high = wilson(found, of)
    return f"{found / of:.4f} [{low:.4f}, {high:.4f}]"


def share(found: int, of: int) -> str:
    """A share of a list that is what it is: nothing was drawn from it by chance, so it has no interval."""
    return f"{found}/{of} = {found / of:.4f}" if of else f"{found}/{of}"


def reserves(register: Register) -> dict[Place, str]:
    """The exchanges' own lists: address -> service; one that two lists give to two services is left out."""
    paths = [LISTS / "exchange-wallets-defillama" / "defillama_cex_wallets.csv"]
    paths += sorted(path for path in PACKS.glob("*.yaml") if OWN.match(path.name))
    found: dict[Place, set[str]] = defaultdict(set)
    for row in labels_of(paths):
        found[place(row)].add(named(register, row))
    return {where: names.pop() for where, names in found.items() if len(names) == 1 and "" not in names}


def lists(register: Register, skip: str = "") -> dict[Place, list[Word]]:
    """What tag packs say that no exchange made; `skip` leaves out more of them by name."""
    never = r"exchange-wallets-|miners|samourai|sextortion|service-wallets" + (f"|{skip}" if skip else "")
    paths = [path for path in sorted(PACKS.glob("*.yaml")) if not re.match(f"({never})", path.name)]
    return _words(register, paths)


def press(register: Register) -> dict[Place, list[Word]]:
    """A curated list of Bitcoin services with addresses, whose rows name no source each: grade D."""
    known = json.loads((LISTS / "entities-btc" / "entities.json").read_text("utf-8"))
    found: dict[Place, list[Word]] = defaultdict(list)
    for one in known["entities"]:
        entry = register.match(one["name"])
        for address in one.get("sampleAddresses", ()):
            if entry is not None:
                found[BITCOIN, address].append(said(entry.name, "D", "https://github.com/Copexit/am-i-exposed"))
    return found


def explorer(register: Register) -> dict[Place, list[Word]]:
    """What explorers call addresses of Ethereum, and of TRON in the exports of the seizure orders."""
    found: dict[Place, list[Word]] = defaultdict(list)
    known = json.loads((LISTS / "etherscan-labels-2023" / "combinedAllLabels.json").read_text("utf-8"))
    for address, about in known.items():
        if re.search("deposit|eth2|contract|token", about["name"], re.IGNORECASE):
            continue  # no wallet of the service's own
        entry = register.match(re.sub(r":.*", "", about["name"])) or register.match(about["name"])
        if entry is not None:
            found[ETHEREUM, address.lower()].append(said(entry.name, "D", "https://etherscan.io"))
    with (ORDERS / "trc20_xfers_dev.csv").open(encoding="utf-8", newline="") as file:
        tags = {
            (row[f"{side}_address"], row[f"{side}_tag"]) for row in csv.DictReader(file) for side in ("from", "to")
        }
    for address, tag in sorted(tags):
        entry = register.match(re.sub(r"\(.*\)", "", tag)) or register.match(tag) if tag else None
        if entry is not None:
            found[TRON, address].append(said(entry.name, "D", "https://tronscan.org"))
    return found


def own(register: Register) -> dict[Place, list[Word]]:
    """The reserve lists as words: each is its exchange's own, unsigned, so grade B."""
    return {
        where: [said(service, "B", f"proof of reserves: {service}")]
        for where, service in reserves(register).items()
    }


def _words(register: Register, paths: Iterable[Path]) -> dict[Place, list[Word]]:
    found: dict[Place, list[Word]] = defaultdict(list)
    for row in labels_of(list(paths)):
        name = named(register, row)
        if name:
            found[place(row)].append(said(name, str(row["grade"]), str(row["origin"])))
    return found


def together(*parts: Mapping[Place, Sequence[Word]]) -> dict[Place, list[Word]]:
    found: dict[Place, list[Word]] = defaultdict(list)
    for part in parts:
        for where, words in part.items():
            found[where] += words
    return found


def said(service: str, grade: str, origin: str) -> Word:
    return Word(service=service, grade=grade, step="", root=root(origin, service), said="")


def place(row: Mapping[str, object]) -> Place:
    text = str(row["address"])
    return str(row["chain"]), text.lower() if text.startswith("0x") else text


def named(register: Register, row: Mapping[str, object]) -> str:
    entry = register.match(str(row["service"])) or register.match(str(row["label"]))
    return entry.name if entry else ""


def hidden(where: Place) -> bool:
    """The half that is withheld: decided by the address alone, so that nobody chose it."""
    return hashlib.sha256("\0".join(where).encode()).digest()[0] % 2 == 0


def nobodys(pattern: str) -> dict[Place, str]:
    """Addresses of which a list says that criminals gave them to be paid: no service names them as its own."""
    paths = [path for path in sorted(PACKS.glob("*.yaml")) if re.match(pattern, path.name)]
    return {place(row): "" for row in labels_of(paths)}


Said = Callable[[Place], Sequence[Word]]


def judged(known: Mapping[Place, str], tool: Said) -> dict[str, dict[str, Count]]:
    """The ladder, and as baseline the first label as it stands, on the same addresses and words.

    Chains on which nothing is named, or with fewer than `ENOUGH` cases, are one group; every case counts in `all`.
    """
    found: dict[str, dict[str, Count]] = defaultdict(lambda: defaultdict(Count))
    size = Counter(chain for chain, _ in known)
    named_on = {where[0] for where in known if any(word.service for word in tool(where))}
    alone = {chain for chain in named_on if size[chain] >= ENOUGH} | (named_on & {TRON})
    for where, service in known.items():
        words = tool(where)
        stands = standing(words)
        first = next((word for word in words if word.service), None)
        for group in (where[0] if where[0] in alone else "all other chains", "all"):
            found["tool"][group].add(stands.service, service, stands.grade)
            found["first label"][group].add(first.service if first else "", service, "-")
    return found


def populations(register: Register) -> dict[str, Any]:
    """Every population: its counts by method and chain, and how many names its truth says nothing of."""
    mine, shown, read, told = own(register), explorer(register), lists(register), press(register)
    reserve = {where: words[0].service for where, words in mine.items()}
    tagged = {
        where: words[0].service for where, words in shown.items() if len({word.service for word in words}) == 1
    }
    others = together(shown, read, told)
    scams = "etherscamdb_tagpack|hacks|forsage|plustoken"
    made: dict[str, tuple[Mapping[Place, str], Mapping[Place, Sequence[Word]]]] = {
        "reserve lists; given: every other origin": (reserve, others),
        "explorers' labels; given: reserve lists, and packs that no explorer made": (
            tagged,
            together(mine, without(read, EXPLORERS)),
        ),
        "ransom payments, nobody's wallets; given: every list but these": (
            nobodys(r"ransom(ware|where)\.yaml"),
            together(mine, shown, lists(register, "ransom"), told),
        ),
        "reported scams and thefts, nobody's wallets; given: every list but these": (
            nobodys(rf"({scams})\.yaml"),
            together(mine, shown, lists(register, scams), told),
        ),
    }
    # A label of Ethereum is a hint, and no name, on another chain of the same addresses: possible, grade D. One
    # address on ten chains is one case, since its truth and its hint are the same words ten times.
    elsewhere = {
        ("other EVM chains", address): service
        for (chain, address), service in reserve.items()
        if chain.startswith("eip155:") and chain != ETHEREUM
    }
    hints = {
        ("other EVM chains", address): [_hint(word) for word in others.get((ETHEREUM, address), ())]
        for _, address in elsewhere
    }
    made["reserve lists on other EVM chains, by address; given: others' labels on Ethereum, as hints"] = (
        elsewhere,
        hints,
    )
    return {name: _population(known, given) for name, (known, given) in made.items()}


def _population(known: Mapping[Place, str], given: Mapping[Place, Sequence[Word]]) -> dict[str, Any]:
    methods = judged(known, lambda where: given.get(where, ()))
    beside = (standing(words) for where, words in given.items() if where not in known)
    return {
        "unknown": dict(sorted(Counter(one.grade for one in beside if one.service).items())),
        "methods": {m: {c: n.plain() for c, n in sorted(groups.items())} for m, groups in methods.items()},
    }


EXPLORERS = re.compile(r"etherscan|tronscan|walletexplorer|chain\.info|bitinfocharts")


def without(words: Mapping[Place, Sequence[Word]], roots: re.Pattern[str]) -> dict[Place, list[Word]]:
    """The words of which no root is one of these."""
    kept = {where: [one for one in said if not roots.search(one.root)] for where, said in words.items()}
    return {where: said for where, said in kept.items() if said}


def _hint(word: Word) -> Word:
    return Word(service=word.service, grade=max(word.grade, "D"), step="", root=word.root, said="")
