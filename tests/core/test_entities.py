"""Entities under a policy: who is joined with whom, on what basis, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from recover_chain_toy.chain import CHAIN

from recover.linking import resolve, stops
from recover.linking.alarms import alarms
from recover.linking.entities import entities
from recover.linking.members import members, owners
from recover.linking.ownership import Policy, Web, webs
from recover.linking.policy import TABLE
from recover.sdk import Assertion, Batch, Grade

ALL = Policy(merge=("common-input", "change-x"), least="E")
USUAL = Policy(merge=("common-input",), least="C")


def same(one: str, two: str, *txs: str, grade: Grade = "B", method: str = "common-input") -> Assertion:
    kind = "same-owner" if method == "common-input" else "change"
    about = {"kind": kind, "chain": CHAIN, "address": one, "other": two, "grade": grade, "transactions": txs}
    return Assertion(method=method, version="1", source="recover", **about)  # type: ignore[arg-type]


def says(address: str, service: str, grade: Grade = "B") -> Assertion:
    about = {"kind": "label", "chain": CHAIN, "address": address, "service": service, "grade": grade}
    return Assertion(method="list", version="1", label=service, source="a list", **about)  # type: ignore[arg-type]


def mixes(tx: str, role: str) -> Assertion:
    about = {"chain": CHAIN, "address": "", "role": role, "transactions": (tx,)}
    return Assertion(kind="mix", grade="D", method="detector", version="1", **about)  # type: ignore[arg-type]


def kept(*said: Assertion) -> pa.Table:
    table = Batch.of(*said).assertions
    if table is None:
        return TABLE.empty_table()
    exhibit = [1 if row.kind == "label" else 0 for row in said]
    return table.append_column(TABLE.field("exhibit"), pa.array(exhibit, pa.int64()))


def judged(policy: Policy, *said: Assertion) -> tuple[list[Web], pa.Table, pa.Table, pa.Table]:
    """Webs, resolved labels, everything asserted, and the entities of one chain."""
    labels, rest = kept(*(a for a in said if a.kind == "label")), kept(*(a for a in said if a.kind != "label"))
    resolved, _ = resolve.resolve(labels)
    asserted = pa.concat_tables([labels, rest])
    found = webs(resolved, asserted, policy)
    return found, resolved, asserted, entities(resolved, asserted, [(web, owners(web)) for web in found])


def shape(table: pa.Table) -> list[tuple[str, str | None, list[str]]]:
    return [(row["kind"], row["service"], row["addresses"]) for row in table.to_pylist()]


def drawn(found: Sequence[Web]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for web in found:
        rows += members(web, owners(web), TABLE).to_pylist()
    return rows


def gaps(found: Sequence[Web], addresses: int = 1_000_000) -> dict[str, str]:
    return {gap.code: gap.why for web in found for gap in alarms(web, owners(web), addresses)}


def test_a_cluster_has_the_smallest_address_as_its_id_and_every_assertion_behind_it() -> None:
    _, _, _, table = judged(USUAL, same("toy-c", "toy-b", "7"), same("toy-a", "toy-c", "8", "9", grade="C"))
    (row,) = table.to_pylist()
    assert (row["id"], row["kind"], row["grade"], row["service"]) == ("toy-a", "cluster", "C", None)
    assert row["addresses"] == ["toy-a", "toy-b", "toy-c"]
    first = {"address": "toy-a", "exhibit": 0, "grade": "C", "heuristic": "common-input", "kind": "same-owner"}
    second = {"address": "toy-c", "exhibit": 0, "grade": "B", "heuristic": "common-input", "kind": "same-owner"}
    assert json.loads(row["assertions"]) == [
        {**first, "other": "toy-c", "transactions": ["8", "9"], "version": "1"},
        {**second, "other": "toy-b", "transactions": ["7"], "version": "1"},
    ]


def test_t1_2_assertions_in_another_order_give_the_same_bytes() -> None:
    ends = ("ab", "cd", "bd", "ef", "ae")
    said = [same(f"toy-{pair[0]}", f"toy-{pair[1]}", str(n)) for n, pair in enumerate(ends, 1)]
    said += [says("toy-a", "X"), says("toy-f", "Y"), same("toy-b", "toy-a", "1"), same("toy-g", "toy-h", "9")]
    tables = [judged(USUAL, *order)[3] for order in (said, said[::-1], said[3:] + said[:3])]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_what_the_policy_does_not_name_or_finds_too_weak_joins_nothing() -> None:
    said = (same("toy-a", "toy-b", "1", grade="D"), same("toy-a", "toy-c", "2", method="change-x"))
    assert shape(judged(USUAL, *said)[3]) == []
    assert shape(judged(ALL, *said)[3]) == [("cluster", None, ["toy-a", "toy-b", "toy-c"])]
    assert shape(judged(ALL.without("change-x"), *said)[3]) == [("cluster", None, ["toy-a", "toy-b"])]


@pytest.mark.parametrize("role", ["definite", "possible"])
def test_a_transaction_that_mixes_or_may_joins_nothing(role: str) -> None:
    said = (same("toy-a", "toy-b", "1"), same("toy-b", "toy-c", "1", "2"), mixes("1", role))
    assert shape(judged(USUAL, *said)[3]) == [("cluster", None, ["toy-b", "toy-c"])]


def test_a_cluster_with_one_services_wallet_is_the_services_and_says_by_which_chain() -> None:
    chain = (same("toy-d", "toy-c", "3"), same("toy-b", "toy-c", "2"), same("toy-a", "toy-b", "1", "5"))
    found, _, asserted, table = judged(USUAL, says("toy-a", "X", "A"), *chain, says("toy-z", "X", "A"))
    assert shape(table) == [("service", "X", ["toy-a", "toy-b", "toy-c", "toy-d", "toy-z"])]
    assert len(json.loads(table.column("assertions")[0].as_py())) == 5
    rows = drawn(found)
    assert [(r["address"], r["other"], r["transactions"]) for r in rows] == [
        ("toy-b", "toy-a", ["1", "5"]),
        ("toy-c", "toy-b", ["2"]),
        ("toy-d", "toy-c", ["3"]),
    ]
    assert {(r["service"], r["grade"], r["method"]) for r in rows} == {("X", "C", "cluster")}
    every = pa.concat_tables([asserted, pa.Table.from_pylist(rows, TABLE)])
    said = kept(says("toy-a", "X", "A"))
    # Of a case only the histories are read, and those only where a label is a hint of another chain.
    ended = {address: why for _, address, why in stops.stops(None, said, every)}  # type: ignore[arg-type]
    assert ended == dict.fromkeys(("toy-a", "toy-b", "toy-c", "toy-d"), "SERVICE")


def test_what_a_cluster_inherits_is_no_better_than_the_label() -> None:
    found, *_ = judged(USUAL, says("toy-a", "X", "E"), same("toy-a", "toy-b", "1"))
    assert [row["grade"] for row in drawn(found)] == ["E"]


def test_t1_5_a_union_of_two_services_wallets_is_refused_and_the_gap_names_both_and_the_transactions() -> None:
    said = (
        says("toy-x", "X", "A"),
        says("toy-y", "Y", "B"),
        same("toy-x", "toy-m", "1"),
        same("toy-m", "toy-y", "2"),
    )
    found, _, _, table = judged(USUAL, *said)
    assert shape(table) == [("service", "X", ["toy-m", "toy-x"]), ("service", "Y", ["toy-y"])]
    why = gaps(found)["merge-refused"]
    for text in ("toy-x (a label of grade A says X)", "toy-y (a label of grade B says Y)", "transaction 2"):
        assert text in why
    assert [(r["address"], r["service"], r["grade"]) for r in drawn(found)] == [("toy-m", "X", "D")]


def test_weaker_labels_keep_nothing_apart_and_a_tie_names_no_service() -> None:
    said = (says("toy-x", "X", "C"), says("toy-y", "Y", "C"))
    links = (same("toy-x", "toy-m", "1"), same("toy-m", "toy-n", "3"), same("toy-m", "toy-y", "2"))
    found, _, _, table = judged(USUAL, *said, *links)
    assert shape(table) == [
        ("cluster", None, ["toy-m", "toy-n"]),
        ("service", "X", ["toy-x"]),
        ("service", "Y", ["toy-y"]),
    ]
    assert drawn(found) == []
    assert "X (C), Y (C)" in gaps(found)["cluster-conflict"]


def test_a_surer_label_takes_the_cluster_and_leaves_the_rivals_address_to_it() -> None:
    said = (says("toy-x", "X", "B"), says("toy-y", "Y", "D"))
    found, _, _, table = judged(USUAL, *said, same("toy-x", "toy-m", "1"), same("toy-m", "toy-y", "2"))
    assert shape(table) == [("service", "X", ["toy-m", "toy-x"]), ("service", "Y", ["toy-y"])]
    assert "X (B), Y (D)" in gaps(found)["cluster-conflict"]


def name(n: int) -> str:
    return "toy-" + "".join(chr(97 + n // 26**k % 26) for k in (3, 2, 1, 0))


def test_t1_6_a_bad_edge_between_two_large_clusters_raises_an_alarm() -> None:
    left = [same(name(0), name(k), f"1{k}", f"2{k}") for k in range(1, 1_001)]
    right = [same(name(2_000), name(2_000 + k), f"3{k}", f"4{k}") for k in range(1, 1_001)]
    found, *_ = judged(USUAL, *left, *right)
    assert gaps(found) == {}
    found, *_ = judged(USUAL, *left, same(name(7), name(2_007), "666"), *right)
    assert gaps(found) == {
        "cluster-collapse": "transaction 666 alone joins two parts of this cluster, of 1,001 and 1,001 addresses."
    }
    found, *_ = judged(USUAL, *left, same(name(7), name(2_007), "666", "667"), *right)
    assert gaps(found) == {}
    assert gaps(found, 9_999) == {"cluster-large": "This cluster has 2,002 of the 9,999 addresses here."}


def test_hostile_names_are_escaped() -> None:
    _, _, _, table = judged(USUAL, same('a"\\\x00', "b\nc", 't"'))
    (reason,) = json.loads(table.column("assertions")[0].as_py())
    assert (reason["address"], reason["other"], reason["transactions"]) == ('a"\\\x00', "b\nc", ['t"'])


def test_one_text_on_two_chains_is_two_addresses() -> None:
    there = replace(same("toy-b", "toy-c", "2"), chain="toy:2")
    _, _, _, table = judged(USUAL, same("toy-a", "toy-b", "1"), there, says("toy-b", "X"))
    assert table.select(["chain", "kind", "addresses"]).to_pylist() == [
        {"chain": "toy:1", "kind": "service", "addresses": ["toy-a", "toy-b"]},
        {"chain": "toy:2", "kind": "cluster", "addresses": ["toy-b", "toy-c"]},
    ]
