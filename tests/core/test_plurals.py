"""A count of one has its noun in the singular: every English text is rendered with each of its counts as 1."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from recover.plugins import registry
from recover.report.texts import Texts
from recover.sdk.counts import counted

_SLOT = re.compile(r"\{([a-z_]+)(?::[^{}]*)?\}")
_BETWEEN = r"(?:(?:more|such|other|different|distinct|base|journal|deposit|declared|of (?:the|these|its)) )*"
_MANY = re.compile(rf"\b1 {_BETWEEN}(?!(?:is|was|has|does|its|this|as|us)\b)[a-z-]+(?<!s)s\b")
_VERB = re.compile(
    r"\b1 (?:more |of (?:them|these|those) |of the [a-z]+s )(?:are|were|have|do|stand|follow|carry)\b"
)
"""What `1` may not stand before: a noun in the plural, or a verb of it."""

_SAYS = frozenset(
    (
        *(
            "accepts",
            "arrives",
            "asks",
            "begins",
            "disagrees",
            "departs",
            "gives",
            "leaves",
            "lacks",
            "lasts",
            "lies",
            "looks",
        ),
        *(
            "measures",
            "moves",
            "names",
            "pays",
            "reaches",
            "says",
            "reads",
            "shows",
            "spends",
            "stands",
            "takes",
            "claims",
        ),
        *("contradicts", "dates", "rests", "speaks", "states"),
    )
)
"""Verbs of one: what is before them is a name and no count."""

_NEVER_ONE: Mapping[str, str] = {
    "table.largest": "printed where more than twelve brought value",
    "table.largest_paid": "printed where more than twelve were paid",
    "crossed.largest": "printed where more than twelve are open",
    "holding.largest": "printed where more than twelve brought value",
    "given.largest": "printed where more than twelve brought value",
    "findings.mix.text": "a part of outputs that may be the way out",
    "limits.first_unsaid": "a part of exhibits",
    "routes.lots_more": "more than three others",
    "attribution.times": "said more than once",
    "limits.dust": "a share of a million",
    "declared.annex_unworked": "a part of changes",
    "in TRON's first 10,000 blocks": "two figures of one study",
    "worth.differ": "one price contradicts no other",
    "Exhibits hold {count} blocks at height {height}; none": "one block contradicts no other",
    "Exhibits hold {count} blocks at height {height}. The": "one block contradicts no other",
    "Fewer than {count} sweeps.": "fewer than one were none, and nothing is said of none",
    "Fewer than {count} forwards.": "fewer than one were none, and nothing is said of none",
    "{count} distinct senders": "more than the limit of the heuristic",
    "{count} distinct payers": "more than the limit of the heuristic",
    "{senders} addresses whose history": "at least the limit of the heuristic",
    "The exhibits show {count} transfers of it with": "at least the limit of the heuristic",
    "It sweeps to {service}, and {senders}": "at least the limit of the heuristic",
    "{payers} addresses paid it": "at least the limit of the heuristic",
    "{deals} of its {payments} payments": "at least the limit of the heuristic",
    "It pays {count} addresses that pay it too": "at least the limit of the heuristic",
    "{event} alone joins two parts": "the parts of a cluster that raises an alarm",
    "This cluster has {size} of the {count}": "a cluster has several",
    "alternatives.most_several": "one address has another text",
    "alternatives.edge_more": "it stands below the four that are told of",
}
"""Texts that nothing prints with one, and why."""


def catalogue() -> Iterator[tuple[str, Texts]]:
    """Every folder of English texts."""
    plugins = registry.load()
    for one in sorted(plugins.templates.values(), key=lambda template: template.id):
        if (one.folder / "en.toml").is_file():
            yield one.id, Texts.load(one.folder, "en")
    from recover import returns

    yield "returns", Texts.load(Path(returns.__file__).parent / "words", "en")


def wrong(said: str) -> str:
    """The count of one whose noun or verb is of several; empty where there is none."""
    many = [m[0] for m in _MANY.finditer(said) if m[0].rpartition(" ")[2] not in _SAYS]
    return ", ".join([*many, *(m[0] for m in _VERB.finditer(said))])


def test_every_text_with_a_count_of_one_is_in_the_singular() -> None:
    found, seen = [], 0
    for where, texts in catalogue():
        for key, text in texts.entries.items():
            slots = dict.fromkeys(_SLOT.findall(text), "1")
            # A text with its own for one is printed with one in that alone.
            if not slots or f"{key}_one" in texts.entries or key in _NEVER_ONE:
                continue
            seen += 1
            if bad := wrong(texts.say(key, **slots)):
                found.append(f"{where}: {key}: {bad}")
    assert not found, "\n".join(found)
    assert seen > 700


def test_every_phrase_that_came_in_english_has_its_form_for_one() -> None:
    folders = [t.folder for t in registry.load().templates.values() if t.id.startswith("phrases")]
    known = {
        english
        for folder in folders
        for file in folder.rglob("*.toml")
        for group in tomllib.loads(file.read_text("utf-8")).values()
        for english in group
    }
    assert len(known) > 300
    found = []
    for text in sorted(known):
        bad = wrong(_SLOT.sub("1", text))
        if not bad or any(text.startswith(head) for head in _NEVER_ONE):
            continue
        noun = bad.rpartition(" ")[2]
        ones = {text.replace(noun, one) for one in (noun.removesuffix("s"), noun.removesuffix("es"))}
        if not ones & known:
            found.append(f"{bad}: {text}")
    assert not found, "\n".join(found)


def test_a_text_chooses_by_its_count() -> None:
    texts = Texts("en", {"a": "{count} {count:payment is|payments are} of {name}"}, "x")
    told = {count: texts.say("a", count=count, name="{count:x|y}") for count in (0, 1, "1", 2, "1,001")}
    assert told[1] == "1 payment is of {count:x|y}"
    assert {count: said.split(" of ")[0] for count, said in told.items()} == {
        0: "0 payments are",
        1: "1 payment is",
        "1": "1 payment is",
        2: "2 payments are",
        "1,001": "1,001 payments are",
    }


@pytest.mark.parametrize(
    ("count", "noun", "many", "said"),
    [
        (0, "loss", "", "0 losses"),
        (1, "loss", "", "1 loss"),
        (1, "transfer", "", "1 transfer"),
        (1_200, "transfer", "", "1,200 transfers"),
        (1, "entry", "entries", "1 entry"),
        (2, "entry", "entries", "2 entries"),
    ],
)
def test_a_number_has_its_noun(count: int, noun: str, many: str, said: str) -> None:
    assert counted(count, noun, many) == said
