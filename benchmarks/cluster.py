"""How fast addresses are joined: `python benchmarks/cluster.py [--edges 1000000 ...] [--large] [--json]`.

The edges are made here and have the shape of real ones: as many edges as addresses, one end drawn by a power law
(addresses that are used again and again), the other evenly. Beside our union-find stand scipy's
`connected_components` (from the same two columns, and alone on a graph that is already built), the Rust of
graphsense-clustering (from the same two columns, and alone on the Arrow list that it takes), rustworkx (both left
out where the group `bench` is not installed) and, up to a million edges, networkx: in one run, all with the same
number of clusters. Times are processor time of all threads, the least of the repeats after one run that compiles.
Memory is the most that was allocated beyond the edges, an address; what Rust allocates is not seen, and not told.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import networkx
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from recover.linking.clustering import cluster, engine

SIZES = (1_000_000, 10_000_000)
LARGE = 50_000_000
FRESH = (1_000, 100_000, 1_000_000, 5_000_000)
MOST = {"rustworkx": 10_000_000, "networkx": 1_000_000}
"""What takes Python objects for edges is not run on more than so many."""

Edges = tuple[NDArray[np.int32], NDArray[np.int32]]


def edges(size: int, seed: int) -> Edges:
    """So many edges over as many addresses."""
    rng = np.random.default_rng(seed)
    one = (size * rng.random(size) ** 2.5).astype(np.int32)
    two = (size * rng.random(size)).astype(np.int32)
    return one, two


def ours(given: Edges) -> int:
    return _roots(cluster(len(given[0]), *given).root)


def with_forest(given: Edges) -> int:
    return _roots(cluster(len(given[0]), *given, forest=True).root)


def _roots(root: NDArray[np.int32]) -> int:
    """In blocks, so that counting does not need more than what is counted."""
    blocks = (root[i : i + _BLOCK] for i in range(0, len(root), _BLOCK))
    return sum(
        int(np.count_nonzero(b == np.arange(i * _BLOCK, i * _BLOCK + len(b)))) for i, b in enumerate(blocks)
    )


_BLOCK = 1 << 12


def built(given: Edges) -> Any:
    """scipy's graph, which is what it works on."""
    size = len(given[0])
    return coo_array((np.ones(size, np.int8), given), shape=(size, size)).tocsr()


def by_scipy(graph: Any) -> int:
    return int(connected_components(graph, directed=False)[0])


def listed(given: Edges) -> pa.ListArray:
    """Each edge as a transaction of two inputs: what graphsense-clustering takes."""
    size = len(given[0])
    ids = np.empty(2 * size, np.uint32)
    ids[::2], ids[1::2] = given
    return pa.ListArray.from_arrays(pa.array(np.arange(0, 2 * size + 1, 2, dtype=np.int32)), pa.array(ids))


def by_graphsense(size: int, transactions: pa.ListArray) -> int:
    from gs_clustering import Clustering

    joined = Clustering(max_address_id=size - 1)
    joined.process_transactions_arrow(transactions)
    found = joined.get_mapping()
    address, root = (found.column(at).to_numpy(zero_copy_only=False) for at in range(2))
    return int(np.count_nonzero(address == root))


def by_rustworkx(given: Edges) -> int:
    import rustworkx

    graph = rustworkx.PyGraph(multigraph=True)
    graph.add_nodes_from(range(len(given[0])))
    graph.add_edges_from_no_data(list(zip(given[0].tolist(), given[1].tolist(), strict=True)))
    return int(rustworkx.number_connected_components(graph))


def by_networkx(given: Edges) -> int:
    graph: networkx.Graph[int] = networkx.Graph()
    graph.add_nodes_from(range(len(given[0])))
    graph.add_edges_from(zip(given[0].tolist(), given[1].tolist(), strict=True))
    return int(networkx.number_connected_components(graph))


def timed(work: Callable[[], int], repeats: int) -> tuple[float, int]:
    """(least seconds of processor time, the result, which must be the same each time)."""
    took, found = [], set()
    for _ in range(repeats):
        began = time.process_time()  # of all threads: the machine has other work
        found.add(work())
        took.append(time.process_time() - began)
    (result,) = found
    return min(took), result


def with_compiler() -> None:
    """Load and compile what large input uses, so that no measure pays for it."""
    with_forest(edges(engine.LARGE, 0))
    ours(edges(engine.LARGE, 0))


def peak(work: Callable[[], int]) -> int:
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def measure(size: int, seed: int, repeats: int) -> dict[str, Any]:
    """Seconds by tool, how many times as long as ours, and bytes an address beyond the edges."""
    given = edges(size, seed)
    graph = built(given)
    with_compiler()
    works: dict[str, Callable[[], int]] = {
        "recover": lambda: ours(given),
        "recover, with the forest": lambda: with_forest(given),
        "scipy, graph built": lambda: by_scipy(graph),
        "scipy, from the edges": lambda: by_scipy(built(given)),
    }
    once: dict[str, Callable[[], int]] = {
        **({"rustworkx": lambda: by_rustworkx(given)} if find_spec("rustworkx") else {}),
        "networkx": lambda: by_networkx(given),
    }
    memory = {name: round(peak(work) / size, 2) for name, work in works.items()}
    if find_spec("gs_clustering"):
        transactions = listed(given)
        works["graphsense, list built"] = lambda: by_graphsense(size, transactions)
        works["graphsense, from the edges"] = lambda: by_graphsense(size, listed(given))
    took = {name: timed(work, repeats) for name, work in works.items()}
    took |= {name: timed(work, 1) for name, work in once.items() if size <= MOST[name]}
    (clusters,) = {count for _, count in took.values()}
    return {
        "edges": size,
        "clusters": clusters,
        "seconds": {name: round(seconds, 4) for name, (seconds, _) in took.items()},
        "times": {name: round(seconds / took["recover"][0], 1) for name, (seconds, _) in took.items()},
        "bytes": memory,
    }


_FRESH = """
import sys, time
import numpy as np
rng = np.random.default_rng(7)
size = int(sys.argv[1])
one = (size * rng.random(size) ** 2.5).astype(np.int32)
two = (size * rng.random(size)).astype(np.int32)
began = time.process_time()
if sys.argv[2] == "recover":
    from recover.linking.clustering import cluster
    cluster(size, one, two)
else:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    graph = coo_array((np.ones(size, np.int8), (one, two)), shape=(size, size)).tocsr()
    connected_components(graph, directed=False)
print(time.process_time() - began)
"""


def fresh(size: int, tool: str, repeats: int = 3) -> float:
    """Seconds in a process that has loaded neither, imports counted: what a command pays."""
    command = [sys.executable, "-c", _FRESH, str(size), tool]
    took = (subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(repeats))
    return min(map(float, took))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--edges", type=int, nargs="+", default=list(SIZES))
    options.add_argument("--large", action="store_true", help=f"{LARGE:,} edges too")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    sizes = [*chosen.edges, *([LARGE] if chosen.large else [])]
    small = {n: {tool: round(fresh(n, tool), 3) for tool in ("recover", "scipy")} for n in FRESH}
    rows = [measure(size, chosen.seed, chosen.repeats) for size in sizes]
    if chosen.json:
        print(json.dumps({"fresh": small, "warm": rows}))
        return
    print("seconds in a fresh process, imports counted")
    for n, both in small.items():
        print(f"  {n:>10,} edges  recover {both['recover']:.3f}  scipy {both['scipy']:.3f}")
    for row in rows:
        print(f"{row['edges']:,} edges over as many addresses, {row['clusters']:,} clusters")
        for name, took in row["seconds"].items():
            memory = row["bytes"].get(name)
            told = "" if memory is None else f"  {memory:6.2f} bytes an address beyond the edges"
            print(f"  {name:<26} {took:9.4f} s  {row['times'][name]:7.1f} times ours{told}")
    print(f"process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
