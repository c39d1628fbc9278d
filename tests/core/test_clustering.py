"""Clusters: the laws of the partition, and what keeps owners apart."""

from __future__ import annotations

import sys

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from recover.linking.clustering import SOURCE, UNSEEN, Numbers, cluster, cuts, engine, route, spread
from recover.sdk import Error

SIZE = 12
Edges = list[tuple[int, int]]

edges = some.lists(some.tuples(some.integers(0, SIZE - 1), some.integers(0, SIZE - 1)), max_size=24)
law = settings(deadline=None)  # the first call compiles
owners = some.lists(some.integers(-1, 2), min_size=SIZE, max_size=SIZE)


@pytest.fixture(autouse=True, params=["plain", "compiled"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test of this file runs both ways."""
    if request.param == "compiled":
        pytest.importorskip("numba")
        monkeypatch.setattr(engine, "fast", lambda rows, large=0: True)
    else:
        monkeypatch.setattr(engine, "fast", lambda rows, large=0: False)
    return str(request.param)


def columns(pairs: Edges) -> tuple[Numbers, Numbers]:
    table = np.array(pairs, np.int32).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def graph(pairs: Edges) -> networkx.Graph[int]:
    made: networkx.Graph[int] = networkx.Graph()
    made.add_nodes_from(range(SIZE))
    made.add_edges_from(pairs)
    return made


@law
@given(pairs=edges, order=some.randoms(use_true_random=False))
def test_t1_2_the_order_of_edges_changes_neither_clusters_nor_their_ids(pairs: Edges, order: object) -> None:
    turned = [pair[::-1] for pair in pairs]
    order.shuffle(turned)  # type: ignore[attr-defined]
    before, after = cluster(SIZE, *columns(pairs)).root, cluster(SIZE, *columns(turned)).root
    assert before.tolist() == after.tolist()


@law
@given(pairs=edges)
def test_the_partition_is_networkxs_and_each_cluster_has_the_name_of_its_smallest(pairs: Edges) -> None:
    smallest = {n: min(part) for part in networkx.connected_components(graph(pairs)) for n in part}
    assert cluster(SIZE, *columns(pairs)).root.tolist() == [smallest[n] for n in range(SIZE)]


@law
@given(pairs=edges)
def test_the_partition_is_scipys(pairs: Edges) -> None:
    sparse = pytest.importorskip("scipy.sparse", reason="scipy, the second oracle, is not installed")
    csgraph = pytest.importorskip("scipy.sparse.csgraph")
    one, two = columns(pairs)
    matrix = sparse.coo_matrix((np.ones(len(one)), (one, two)), (SIZE, SIZE))
    label = csgraph.connected_components(matrix, directed=False)[1].tolist()
    assert cluster(SIZE, one, two).root.tolist() == [label.index(k) for k in label]


@law
@given(pairs=edges)
def test_the_forest_has_one_edge_for_each_union_and_makes_the_same_clusters(pairs: Edges) -> None:
    one, two = columns(pairs)
    found = cluster(SIZE, one, two, forest=True)
    assert found.joined is not None
    kept = found.joined[found.joined >= 0]
    assert len(set(kept.tolist())) == len(kept) == SIZE - len(set(found.root.tolist()))
    assert cluster(SIZE, one[kept], two[kept]).root.tolist() == found.root.tolist()


@law
@given(pairs=edges, start=some.integers(0, SIZE - 1), end=some.integers(0, SIZE - 1))
def test_a_route_is_a_chain_of_given_edges_and_none_is_shorter(pairs: Edges, start: int, end: int) -> None:
    one, two = columns(pairs)
    found = route(one, two, start, end)
    if found is None:
        assert not networkx.has_path(graph(pairs), start, end)
        return
    at = start
    for row in found:
        assert at in pairs[row]
        at = sum(pairs[row]) - at
    assert at == end
    assert len(found) == networkx.shortest_path_length(graph(pairs), start, end)


@law
@given(pairs=edges, sources=some.lists(some.integers(0, SIZE - 1), min_size=1, max_size=3, unique=True))
def test_from_some_addresses_every_one_that_they_reach_is_reached_by_a_shortest_chain(
    pairs: Edges, sources: list[int]
) -> None:
    came = spread(SIZE, *columns(pairs), np.array(sources, np.int32))
    far = networkx.multi_source_dijkstra_path_length(graph(pairs), set(sources))
    for number in range(SIZE):
        steps, at = 0, number
        while came[at] >= 0:
            at, steps = sum(pairs[came[at]]) - at, steps + 1
        if number in far:
            assert came[at] == SOURCE
            assert steps == far[number]
        else:
            assert came[number] == UNSEEN


@law
@given(pairs=edges, owned=owners, ranks=some.lists(some.integers(0, 3), min_size=24, max_size=24))
def test_no_cluster_has_two_owners_and_only_what_would_join_them_is_refused(
    pairs: Edges, owned: list[int], ranks: list[int]
) -> None:
    one, two = columns(pairs)
    owner, rank = np.array(owned, np.int32), np.array(ranks[: len(pairs)], np.uint8)
    found = cluster(SIZE, one, two, owner=owner, rank=rank, forest=True)
    known = {
        number: {owned[k] for k in np.flatnonzero(found.root == number).tolist()} - {-1} for number in found.root
    }
    assert all(len(names) < 2 for names in known.values())
    for row, (a, b) in enumerate(pairs):
        apart = found.root[a] != found.root[b]
        assert apart == (row in found.refused.tolist())
        assert not apart or len(known[found.root[a]] | known[found.root[b]]) == 2
    assert found.joined is not None
    kept = found.joined[found.joined >= 0]
    assert cluster(SIZE, one[kept], two[kept]).root.tolist() == found.root.tolist()


@law
@given(pairs=edges, owned=owners, order=some.permutations(range(24)))
def test_t1_2_with_owners_the_order_still_changes_nothing(
    pairs: Edges, owned: list[int], order: list[int]
) -> None:
    owner = np.array(owned, np.int32)
    turned = [pairs[k] for k in order if k < len(pairs)]
    before = cluster(SIZE, *columns(pairs), owner=owner)
    after = cluster(SIZE, *columns(turned), owner=owner)
    assert before.root.tolist() == after.root.tolist()
    assert sorted(pairs[k] for k in before.refused) == sorted(turned[k] for k in after.refused)


def test_the_better_edge_decides_on_which_side_a_contested_address_stands() -> None:
    one, two = columns([(0, 1), (1, 2)])
    owner = np.array([7, -1, 8], np.int32)
    first = cluster(3, one, two, owner=owner, rank=np.array([0, 1], np.uint8))
    second = cluster(3, one, two, owner=owner, rank=np.array([1, 0], np.uint8))
    assert (first.root.tolist(), first.refused.tolist()) == ([0, 0, 2], [1])
    assert (second.root.tolist(), second.refused.tolist()) == ([0, 1, 1], [0])


def star(first: int, size: int, event: int) -> list[tuple[int, int, int]]:
    """`size` addresses from `first` on, tied to the first by two transactions each."""
    return [(first, first + k, event + 2 * k + twice) for k in range(1, size) for twice in (0, 1)]


def pieces(rows: list[tuple[int, int, int]]) -> tuple[Numbers, Numbers, Numbers]:
    table = np.array(rows, np.int32)
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()


def test_t1_6_one_bad_edge_between_two_large_clusters_is_found() -> None:
    rows = [*star(0, 40, 0), *star(100, 30, 200), (3, 117, 999)]
    (found,) = cuts(*pieces(rows), least=20)
    assert (found.event, found.parts) == (999, (40, 30))
    assert cuts(*pieces(rows), least=30) == []


def test_t1_6_two_edges_of_one_transaction_are_no_second_support_and_two_transactions_are() -> None:
    rows = [*star(0, 40, 0), *star(100, 30, 200), (3, 117, 999)]
    assert [cut.event for cut in cuts(*pieces([*rows, (5, 118, 999)]), least=20)] == [999]
    assert cuts(*pieces([*rows, (5, 118, 998)]), least=20) == []


@law
@given(
    rows=some.lists(
        some.tuples(some.integers(0, 9), some.integers(0, 9), some.integers(0, 6)), min_size=1, max_size=16
    ),
    least=some.integers(0, 3),
)
def test_what_holds_two_parts_together_is_what_networkx_misses_when_it_is_gone(
    rows: list[tuple[int, int, int]], least: int
) -> None:
    whole: networkx.Graph[object] = networkx.Graph()
    for a, b, event in rows:
        whole.add_edges_from([(a, f"e{event}"), (b, f"e{event}")])
    inside = networkx.node_connected_component(whole, rows[0][0])
    rows = [row for row in rows if row[0] in inside]
    expected = {}
    for event in sorted({row[2] for row in rows}):
        left = whole.subgraph(inside - {f"e{event}"})
        sizes = sorted(sum(isinstance(n, int) for n in part) for part in networkx.connected_components(left))
        if len(sizes) > 1 and sizes[-2] > least:
            expected[event] = (sizes[-1], sizes[-2])
    assert {cut.event: cut.parts for cut in cuts(*pieces(rows), least=least)} == expected


def test_edges_outside_of_the_addresses_are_refused() -> None:
    one, two = columns([(0, 5)])
    with pytest.raises(Error, match="do not fit"):
        cluster(5, one, two)
    with pytest.raises(Error, match="do not fit"):
        cluster(5, -one - 1, two)
    with pytest.raises(Error, match="do not fit"):
        cluster(6, one, two[:0])


def test_what_cannot_be_written_to_is_clustered_too() -> None:
    one, two = columns([(0, 1), (1, 2)])
    one.flags.writeable = two.flags.writeable = False
    assert cluster(4, one, two).root.tolist() == [0, 0, 0, 3]


def test_without_an_address_there_is_nothing() -> None:
    one, two = columns([])
    assert cluster(0, one, two).root.tolist() == []


def test_small_input_never_loads_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.delitem(sys.modules, "recover.linking.clustering.fast", raising=False)
    loaded: list[str] = []
    monkeypatch.setattr(engine, "import_module", loaded.append)
    one, two = columns([(0, 1)])
    assert cluster(2, one, two).root.tolist() == [0, 0]
    assert not loaded


def test_both_ways_agree_on_a_large_graph(way: str) -> None:
    rng = np.random.default_rng(3)
    size = 5_000
    one = (size * rng.random(size) ** 2.5).astype(np.int32)
    two = rng.integers(0, size, size).astype(np.int32)
    owner = np.where(rng.random(size) < 0.01, rng.integers(0, 9, size), -1).astype(np.int32)
    found = cluster(size, one, two, owner=owner, forest=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "fast", lambda rows, large=0: way == "plain")
        again = cluster(size, one, two, owner=owner, forest=True)
    assert len(found.refused)
    assert found.root.tolist() == again.root.tolist()
    assert found.refused.tolist() == again.refused.tolist()
    assert found.joined is not None
    assert again.joined is not None
    assert found.joined.tolist() == again.joined.tolist()
