"""What one case exports, another reads: the same addresses and names, grades as the documents map them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from recover.plugins import registry
from recover.sdk import SCHEMAS, View
from recover.testing import exhibit, sample

TRON, ETHEREUM, BITCOIN = "tron:0x2b6653dc", "eip155:1", "bip122:000000000019d6689c085ae165831e93"
PLACES = (
    (TRON, "TV6MuMXfmLbBqPZvBHdwFsDnQeVfnmiuSi"),
    (ETHEREUM, "0x47ac0Fb4F2D84898e4D9E7b4DaB3C24507a6D503"),
    ("eip155:56", "0x47ac0Fb4F2D84898e4D9E7b4DaB3C24507a6D503"),
    (BITCOIN, "16rF2zwSJ9goQ9fZfYoti5LsUqqegb5RnA"),
    ("xrpl:0", "rN7n7otQDd6FczFgLdSqtcsAUxDkw6fzRH"),
)
CAPPED = {"A": "C", "B": "C", "C": "C", "D": "D", "E": "E"}
DAYS = {"A": "2024-05-01", "B": "2024-05-02", "C": "", "D": "2024-05-04", "E": ""}
"""When a name was asserted; of some nobody knows, and the day of the export is none."""
TOLD = ("chain", "address", "label", "grade", "service", "role", "asserted")
FORMS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "tagpack": ("tagpack.yaml", "tagpack", {**CAPPED, "A": "B", "B": "B"}),
    "stix": ("bundle.json", "stix", CAPPED),
    "misp": ("event.json", "misp", CAPPED),
    "ftm": ("entities.ftm.json", "ftm", CAPPED),
    "xlsx": ("case.xlsx", "recover-xlsx", CAPPED),
}


def _rows() -> Iterator[Mapping[str, Any]]:
    """A name of each grade at each place: of a service with a role, and of nobody in particular."""
    empty = {f.name: "" if pa.types.is_string(f.type) and not f.nullable else None for f in SCHEMAS["assertions"]}
    told = {"kind": "label", "method": "list", "version": "1", "params": "{}", "transactions": [], "place": 7}
    for number, (chain, address) in enumerate(PLACES):
        for grade in "ABCDE":
            said = {"chain": chain, "address": address, "grade": grade, "source": "a list", "exhibit": 1}
            service = "Acme" if number % 2 else ""
            label = f'{grade}: "hot", {number} – ชื่อ'
            role = {"service": service, "label": label, "role": "mixer", "category": "", "asserted": DAYS[grade]}
            yield {**empty, **told, **said, **role}


def _same(table: pa.Table) -> pa.Table:
    return table


def _view() -> View:
    base = sample.view()
    moves = [
        {"chain": chain, "tx": f"t{n}", "src": None, "dst": address, "asset": f"{chain}/token:coin", "seq": n}
        | {"kind": "transfer", "amount": 5, "exhibit": 1, "place": n, "time": sample.NOON}
        for n, (chain, address) in enumerate(PLACES)
    ]
    flows = [{"seq": n, "loss": "L1", "event": "move", "amount": 5} for n in range(len(PLACES))]
    made = {
        "transfers": pa.Table.from_pylist(moves, schema=base.tables["transfers"]().schema),
        "flows": pa.Table.from_pylist(flows, schema=base.tables["flows"]().schema),
        "assertions": pa.Table.from_pylist([*_rows()], schema=base.tables["assertions"]().schema),
    }
    return replace(
        base,
        edition="V2",
        offramps=(),
        case=replace(base.case, losses=()),
        tables={**base.tables, **{name: partial(_same, one) for name, one in made.items()}},
    )


@pytest.mark.parametrize("form", FORMS)
def test_names_come_back_the_same(form: str) -> None:
    file, source, grades = FORMS[form]
    plugins = registry.load()
    data = dict(plugins.exporters[form].files(_view()))[file]
    found = set()
    for batch in plugins.sources[source].decode(exhibit(file, data)):
        tables = batch.tables()
        assert "gaps" not in tables or "label-network" not in tables["gaps"]["code"].to_pylist()
        for row in tables["assertions"].to_pylist() if "assertions" in tables else []:
            found.add(tuple(row[name] for name in TOLD))
    wanted = {tuple({**row, "grade": grades[row["grade"]]}[name] for name in TOLD) for row in _rows()}
    if form == "tagpack":  # its actor is the id of the register; without one, the label is the service
        wanted = {(*row[:4], row[4].lower() or row[2], *row[5:]) for row in wanted}
    assert found == wanted


@pytest.mark.parametrize("form", [form for form in FORMS if form != "xlsx"])
def test_each_is_recognised_by_its_source_and_by_no_other(form: str) -> None:
    file, source, _ = FORMS[form]
    plugins = registry.load()
    head = dict(plugins.exporters[form].files(_view()))[file][:65_536]
    assert [
        one.info.id for one in plugins.sources.values() if one.info.primary and one.recognises(file, head)
    ] == [source]
