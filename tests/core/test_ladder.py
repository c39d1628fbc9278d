"""The evidence ladder as tables: what words about one address come to, and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recover.linking.ladder import STEPS, Standing, root, standing, word
from recover.linking.resolve import resolve
from recover.sdk import Assertion, Batch
from recover.sdk.records import Grade

CHAIN = "eip155:1"
FIRST, LAST = "2024-03-01", "2024-03-09"


def says(service: str, grade: str, origin: str, **params: str) -> dict[str, Any]:
    role = params.pop("role", "hot-wallet")
    about = {"service": service, "grade": grade, "origin": origin, "source": origin, "method": "list"}
    return {**about, "role": role, "asserted": params.pop("asserted", ""), "params": json.dumps(params)}


def come_to(*rows: dict[str, Any]) -> Standing:
    return standing([word(row, n) for n, row in enumerate(rows)], FIRST, LAST)


@pytest.mark.parametrize(
    ("rows", "service", "grade", "reason"),
    [
        # One word is what it is.
        ([says("Acme", "D", "forum.example")], "Acme", "D", ""),
        # Two independent origins lift by one grade; three by no more than that.
        ([says("Acme", "D", "a.example"), says("Acme", "D", "b.example")], "Acme", "C", "2 independent origins"),
        (
            [says("Acme", "D", f"{x}.example") for x in "abc"],
            "Acme",
            "C",
            "3 independent origins of grade D (a.example, b.example, c.example) lift it to C.",
        ),
        ([says("Acme", "C", "a.example"), says("Acme", "C", "b.example")], "Acme", "B", "lift it to B"),
        # Counting origins never shows control of a key.
        ([says("Acme", "B", "a.example"), says("Acme", "B", "b.example")], "Acme", "B", ""),
        # A weaker word lifts nothing.
        ([says("Acme", "D", "a.example"), says("Acme", "E", "b.example")], "Acme", "D", ""),
        # Copied: one origin counts once however often, and by whatever page of it.
        (
            [says("Acme", "D", "https://www.forum.example/t/1"), says("Acme", "D", "https://forum.example/t/2?x")],
            "Acme",
            "D",
            "2 words for Acme are of one origin (forum.example), and count once.",
        ),
        # The service's own list, passed on by two lists, is one origin.
        (
            [says("Acme", "C", "proof of reserves: acme-cex"), says("Acme", "C", "https://www.acme.com/reserves")],
            "Acme",
            "C",
            "count once",
        ),
        # Conflicting: the weaker of the two, and printed.
        (
            [says("Acme", "B", "a.example"), says("Zed", "C", "b.example")],
            "Acme",
            "C",
            "A word of grade C names Zed: the contradiction lowers Acme to C.",
        ),
        ([says("Acme", "A", "a.example"), says("Zed", "D", "b.example")], "Acme", "D", "lowers Acme to D"),
        # Equal ones name nobody.
        ([says("Acme", "B", "a.example"), says("Zed", "B", "b.example")], "", "B", "named by none"),
        # Two origins against one: they are surer, and lowered all the same.
        (
            [says("Acme", "D", "a.example"), says("Acme", "D", "b.example"), says("Zed", "D", "c.example")],
            "Acme",
            "D",
            "lowers Acme to D",
        ),
        # Poisoned: an unverified word, which anybody can write, takes nothing from a name; it is printed.
        (
            [says("Acme", "B", "a.example"), says("Evil", "E", "reports.example")],
            "Acme",
            "B",
            "An unverified word names Evil: printed, and it lowers nothing.",
        ),
        # Stale: it ended before the first transfer here.
        (
            [says("Acme", "B", "a.example", until="2023-12-31")],
            "",
            "E",
            "it ended on 2023-12-31, and the first transfer here is of 2024-03-01",
        ),
        ([says("Acme", "B", "a.example", until="2024-03-05")], "Acme", "B", ""),
        (
            [says("Acme", "B", "a.example", until="2023-12-31"), says("Zed", "D", "b.example")],
            "Zed",
            "D",
            "it ended on 2023-12-31",
        ),
        # Withdrawn: with its day and its reason, and no contradiction any more.
        (
            [says("Acme", "B", "a.example", withdrawn="2024-02-01", why="sold"), says("Zed", "C", "b.example")],
            "Zed",
            "C",
            "withdrawn on 2024-02-01: sold",
        ),
    ],
)
def test_the_ladder(rows: list[dict[str, Any]], service: str, grade: str, reason: str) -> None:
    for listed in (rows, rows[::-1]):
        found = come_to(*listed)
        assert (found.service, found.grade) == (service, grade), "whatever the order in which it came"
        assert reason in " ".join(found.reasons)


@pytest.mark.parametrize(
    ("origin", "service", "wanted"),
    [
        ("https://www.example.org/a/b?c#d", "", "example.org"),
        ("OFAC SDN list", "", "ofac sdn list"),
        ("https://github.com/Some/Repo/blob/main/x.md", "", "github.com/some/repo"),
        ("https://github.com/some/other", "", "github.com/some/other"),
        ("https://twitter.com/acme/status/1", "Acme", "own: acme"),
        ("https://twitter.com/somebody/status/1", "Acme", "twitter.com/somebody"),
        ("proof of reserves: acme", "Acme", "own: acme"),
        ("https://blog.acme.com/x", "Acme", "own: acme"),
        ("https://notacme.example/x", "Acme", "notacme.example"),
    ],
)
def test_the_root_of_provenance(origin: str, service: str, wanted: str) -> None:
    assert root(origin, service) == wanted


def test_every_step_is_described() -> None:
    assert list(STEPS) == [f"P{n}" for n in range(9)]


def labelled(*said: tuple[str, Grade, str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    rows = [
        Assertion(
            kind="label", chain=CHAIN, address="0x1", grade=g, method="m", version="1", service=s, origin=o, role=r
        )
        for s, g, o, r in said
    ]
    import pyarrow as pa

    table = Batch.of(*rows).assertions
    assert table is not None
    table = table.append_column(pa.field("exhibit", pa.int64(), nullable=False), pa.array(range(1, len(rows) + 1)))
    resolved, gaps = resolve(table)
    return resolved.to_pylist(), [gap.code for gap in gaps]


def test_a_contradiction_is_a_gap_and_the_label_says_why() -> None:
    (row,), codes = labelled(("Acme", "B", "a.example", "hot-wallet"), ("Zed", "C", "b.example", "hot-wallet"))
    assert (row["service"], row["grade"], codes) == ("Acme", "C", ["label-contradiction"])
    assert "lowers Acme to C" in row["note"]


def test_what_is_said_beside_a_name_takes_no_name_away_and_a_mixer_does() -> None:
    (row,), _ = labelled(("", "B", "ofac", "sanctioned"), ("Acme", "D", "a.example", "hot-wallet"))
    assert (row["service"], row["grade"]) == ("Acme", "D")
    (row,), _ = labelled(("", "B", "ofac", "mixer"), ("Acme", "D", "a.example", "hot-wallet"))
    assert (row["service"], row["role"]) == ("", "mixer")
