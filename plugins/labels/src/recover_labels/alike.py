"""Tags that say the same beside their address: what they come to is worked out once, and spread over a column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover_labels.columns import Tags
from recover_labels.documents import Lines
from recover_labels.networks import SHAPES
from recover_labels.rows import MOST_ADDRESS, Label

One = Callable[[Lines, int], Label | None]
"""What one tag comes to, by its place; None where it labels nothing."""


def spread(tags: Tags, one: One, alone: One) -> dict[str, pa.Array] | None:
    """The labels of a bulk list as columns, in the order of its tags; None where each has to be looked at.

    `one` is asked for the first tag of each kind, and None of it sends the whole list back; `alone` for every tag
    whose address has no chain's shape.
    """
    addresses = tags.columns.get("address")
    if addresses is None or addresses.null_count or pc.max(pc.binary_length(addresses)).as_py() > MOST_ADDRESS:
        return None
    addresses = pc.ascii_trim(addresses, " ")
    shapes = _shapes(addresses)
    # The network and the address's own shape tell the chain: only what has the same of both is alike.
    kinds = _kinds([shapes, *(_codes(column) for key, column in tags.columns.items() if key != "address")])
    shaped = np.flatnonzero(shapes >= 0)
    numbers, firsts, which = np.unique(kinds[shaped], return_index=True, return_inverse=True)
    if 2 * len(numbers) > len(tags):
        return None
    labels: list[Label] = []
    for place in shaped[firsts].tolist():
        label = one(tags.one(place), place)
        if label is None:
            return None
        labels.append(label)
    chosen = np.full(len(tags), -1)
    chosen[shaped] = which
    for place in np.flatnonzero(shapes < 0).tolist():
        label = alone(tags.one(place), place)
        if label is not None:
            chosen[place] = len(labels)
            labels.append(label)
    kept = np.flatnonzero(chosen >= 0)
    return _columns(labels, pa.array(chosen[kept]), addresses.take(pa.array(kept)), pa.array(kept, pa.int64()))


def _columns(labels: list[Label], which: pa.Array, addresses: pa.Array, places: pa.Array) -> dict[str, pa.Array]:
    same = [name for name in Label.__slots__ if name not in ("address", "place")]
    found = {name: pa.array([getattr(label, name) for label in labels], pa.string()).take(which) for name in same}
    return {**found, "address": addresses, "place": places}


def _shapes(addresses: pa.Array) -> NDArray[np.int64]:
    """By address the number of the first shape that it has, -1 where it has none."""
    found = np.full(len(addresses), -1)
    for number, pattern in reversed(list(enumerate(SHAPES.values()))):
        has = pc.match_substring_regex(addresses, f"^(?:{pattern.pattern})$")
        found[has.to_numpy(zero_copy_only=False)] = number
    return found


def _codes(column: pa.Array) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = pc.fill_null(column.dictionary_encode().indices, -1).to_numpy().astype(np.int64)
    return codes


def _kinds(columns: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """One number for equal rows of all the columns."""
    kinds = np.zeros(len(columns[0]), np.int64)
    for codes in columns:
        _, kinds = np.unique(kinds * (int(codes.max()) + 2) + codes + 1, return_inverse=True)
    return kinds
