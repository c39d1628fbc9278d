"""Looking up one address among many labels gives what a search through all of them gives."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recover.linking.lookup import Lookup

NAMES = st.sampled_from(["a", "ab", "abc", "b", "0", "Z", "~", "é", "aé"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NAMES, max_size=12), NAMES)
def test_every_label_of_an_address_is_found_and_no_other(names: list[str], wanted: str) -> None:
    rows = pa.table({"address": pa.array(names, pa.string()), "n": pa.array(range(len(names)), pa.int64())})
    found = Lookup.of(rows).find(wanted)
    assert sorted(row["n"] for row in found) == [n for n, name in enumerate(names) if name == wanted]
