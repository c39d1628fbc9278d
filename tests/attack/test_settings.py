"""Every key of a received `case.toml` with values of every other kind: refused by name, and nothing is done."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
import tomli_w
from tests.attack.field import Field, tree

from recover.case import settings
from recover.case.checks import COLLECT, ELECTION, FIND, LINK, LOSS, TOP
from recover.case.settings import Settings
from recover.sdk import Error

WHOLE: dict[str, Any] = {
    "format": 1,
    "title": "T",
    "examiner": "N",
    "agency": "A",
    "reference": "R",
    "note": "two\nlines",
    "rule": "fifo",
    "language": "en",
    "opened": datetime(2026, 1, 1, tzinfo=UTC),
    "plugins": ["toy"],
    "collect": {"sources": ["a"], "requests": 200, "rounds": 5, "endpoints": {}},
    "find": {"dust": 10},
    "link": {"merge": ["common-input"], "least": "C", "base": False},
    "review": {"second": True},
    "parameters": {"h": {"most": 3}},
    "loss": [
        {
            "id": "L1",
            "chain": "toy:1",
            "address": "toy-bob",
            "assets": ["toy:1/slip44:1"],
            "since": datetime(2026, 1, 1, tzinfo=UTC),
            "until": datetime(2026, 2, 1, tzinfo=UTC),
            "label": "l",
        },
        {"id": "L2", "chain": "toy:1", "tx": "1", "amount": "5", "output": 0},
        {"id": "L3", "chain": "toy:1", "address": "toy-eve", "memo": "7"},
    ],
    "election": [{"loss": "L1", "tx": "1", "asset": "a", "reason": "r", "to": "b"}],
}
"""Every key that there is, each with a value that may stand there."""

IGNORED = {("collect", "requests"), ("collect", "rounds"), ("collect", "endpoints")}

RUBBISH: list[Any] = [
    *(True, 1.5, float("nan"), float("-inf"), -1, 2**63, -(2**64), 10**300),
    *("", "\x1b[2J", "a\tb\nc", "x" * 30_000, "\u202e"),
    *([], [[]], [1], [""], ["a", "a"], [{}], {}, {"a": {"b": [{"c": []}]}}, {"": 1}),
    *(date(2026, 1, 1), time(1, 2), datetime(2026, 1, 1), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=23)))),  # noqa: DTZ001
    datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=23))),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value in the file, tables and lists too."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with one value exchanged."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


def read(raw: Any) -> Settings | Error:
    """What comes of it. Any other exception than an Error is what this file looks for."""
    found: Settings | Error
    try:
        found = settings.parse(tomli_w.dumps(raw))
    except Error as error:
        found = error
    if isinstance(found, Error):
        assert found.code == "case-toml"
        assert len(found.why) < 4000
        assert all(c.isprintable() for c in found.why), found.why
    return found


def test_the_whole_file_has_every_key_and_is_read() -> None:
    assert set(WHOLE) == set(TOP)
    for name, keys in (("collect", COLLECT), ("find", FIND), ("link", LINK)):
        assert set(WHOLE[name]) == set(keys)
    assert {key for loss in WHOLE["loss"] for key in loss} == set(LOSS)
    assert set(WHOLE["election"][0]) == set(ELECTION)
    found = read(WHOLE)
    assert isinstance(found, Settings)
    assert settings.parse(settings.text(found)) == found


@pytest.mark.parametrize("path", list(places(WHOLE)), ids=lambda path: ".".join(map(str, path)))
def test_rubbish_in_one_place_is_refused_or_means_what_it_says(path: tuple[Any, ...]) -> None:
    before = WHOLE
    for key in path:
        before = before[key]
    for new in RUBBISH:
        found = read(changed(WHOLE, path, new))
        if isinstance(found, Error):
            assert path[:2] not in IGNORED
            continue
        # What is taken is of the same kind as what stood there, and is written again as it was read.
        assert path[:2] in IGNORED or type(new) is type(before) or (path[-1] == "amount" and type(new) is int)
        assert settings.parse(settings.text(found)) == found


@pytest.mark.parametrize("path", list(places(WHOLE)), ids=lambda path: ".".join(map(str, path)))
def test_a_key_that_is_not_there_or_is_called_otherwise(path: tuple[Any, ...]) -> None:
    if not isinstance(path[-1], str):
        return
    table = WHOLE
    for key in path[:-1]:
        table = table[key]
    without = {key: value for key, value in table.items() if key != path[-1]}
    read(changed(WHOLE, path[:-1], without))
    other = read(changed(WHOLE, path[:-1], {**table, "x\x1b[2J" + path[-1]: 1}))
    free = path[0] == "parameters" or path == ("collect", "endpoints")
    assert isinstance(other, Error) or free


def test_files_of_rubbish_at_many_places() -> None:
    chance = random.Random(13)
    listed = [path for path in places(WHOLE) if len(path) > 1]
    for _ in range(2000):
        raw: Any = WHOLE
        for path in chance.sample(listed, 3):
            try:
                raw = changed(raw, path, chance.choice(RUBBISH))
            except (KeyError, IndexError, TypeError):
                continue  # an exchange before took the place away
        read(raw)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = true"),
        ("format = 1", "format = 1.0"),
        ("format = 1", f"format = 1\nx = {'9' * 5000}"),
        ("[parameters]", f"[parameters.h]\nmost = {'9' * 5000}"),
        ("[parameters]", "[parameters.h]\nmost = 9223372036854775808"),
        ("[parameters]", "[parameters.h]\nmost = true"),
        ("[parameters]", "[parameters.h.i]\nmost = 1"),
        ("dust = 10", "dust = -1"),
        ('id = "L1"', 'id = "L1", amount = "-5"'),
        ('id = "L1"', 'id = "L1", amount = "٣"'),
        ('id = "L1"', f'id = "L1", amount = "{"9" * 5000}"'),
        ('id = "L1"', f'id = "L1", amount = "{2**256}"'),
        ('id = "L1"', 'id = "L1", tx = "1"'),
        ('id = "L1"', 'id = "../../L1"'),
        ('id = "L1"', 'id = "L01"'),
        (
            "loss = [",
            "loss = [" + "".join(f'{{ id = "L{n}", chain = "c", address = "a" }},' for n in range(2, 100_002)),
        ),
        ('id = "L1"', 'id = "L1", output = -1'),
        ('id = "L1"', 'id = "L1", since = 0001-01-01T00:00:00+23:59'),
        ('id = "L1"', 'id = "L1", until = 9999-12-31T23:59:59-23:59'),
        ('title = "T"', 'title = "\\u001b]0;owned\\u0007"'),
        ('title = "T"', 'title = "\\u0000"'),
    ],
)
def test_a_command_says_what_is_wrong_and_does_nothing(old: str, new: str, field: Field) -> None:
    toml = field.case / "case.toml"
    text = toml.read_text().replace("[parameters]", "[find]\ndust = 10\n[parameters]")
    assert old in text
    toml.write_text(text.replace(old, new, 1))
    before = tree(field.case)
    told = field.do("run")
    assert (told.code, "case.toml cannot be read" in told.err, "Traceback" in told.err) == (2, True, False)
    assert field.do("verify").code == 3
    assert tree(field.case) == before


@pytest.mark.parametrize("rule", ["poison", "pari_passu", "fiffo", "../fifo", "FIFO"])
def test_a_rule_that_cannot_be_declared(rule: str, field: Field) -> None:
    toml = field.case / "case.toml"
    toml.write_text(toml.read_text().replace('rule = "fifo"', f'rule = "{rule}"'))
    told = field.do("run")
    assert (told.code, "Traceback" in told.err) == (2, False), told.said
    assert "rule-un" in told.err
    assert field.do("verify").code == 3 or field.do("verify").code == 5
