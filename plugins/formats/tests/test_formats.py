"""Formats of colleagues: no victim's side, no digit lost, grades with every name, and the facts of each schema."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from recover.sdk import SCHEMAS, UINT256, Asset, Exporter, Loss, View, amounts
from recover.sdk.shareable import shareable
from recover.testing import ExporterKit, sample
from recover_formats.ftm import FollowTheMoney
from recover_formats.graph import EDGE, Graph
from recover_formats.misp import Misp
from recover_formats.stix import OWN, WALLET, Stix, observable
from recover_formats.tagpack import TagPack
from recover_formats.uco import CaseUco

BTC = "bip122:000000000019d6689c085ae165831e93"
OTHER = "toy:2"
PAID = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
EVERY: tuple[Exporter, ...] = (CaseUco(), FollowTheMoney(), Graph(), Misp(), Stix(), TagPack())


class TestCaseUco(ExporterKit):
    exporter = CaseUco()
    view = sample.view()


class TestFtm(ExporterKit):
    exporter = FollowTheMoney()
    view = sample.view()


class TestGraph(ExporterKit):
    exporter = Graph()
    view = sample.view()


class TestMisp(ExporterKit):
    exporter = Misp()
    view = sample.view()


class TestStix(ExporterKit):
    exporter = Stix()
    view = sample.view()


class TestTagPack(ExporterKit):
    exporter = TagPack()
    view = sample.view()


def _same(table: pa.Table) -> pa.Table:
    return table


def _view() -> View:
    """A loss by transaction on two chains: `payer` paid it; `deposit` on both, and an address of Bitcoin."""
    base = sample.view()
    coins = [Asset(id=f"{chain}/token:coin", symbol="COIN", decimals=18) for chain in (sample.CHAIN, OTHER, BTC)]
    narrow, wide = amounts.split(UINT256)
    shared = {"kind": "transfer", "time": sample.NOON, "exhibit": 1, "amount": narrow, "wide": wide}
    ends = (("payer", "first"), ("first", "deposit"), ("deposit", "hot"), ("first", "deposit"), ("first", PAID))
    chains = (*[sample.CHAIN] * 3, OTHER, BTC)
    rows = [
        {**shared, "seq": n, "tx": f"t{n}", "place": n, "src": src, "dst": dst, "chain": chain}
        | {"asset": f"{chain}/token:coin"}
        for n, ((src, dst), chain) in enumerate(zip(ends, chains, strict=True))
    ]
    flows = [
        {"seq": n, "loss": "L1", "event": "start" if n == 0 else "move", "amount": narrow, "wide": wide}
        for n in range(5)
    ]
    said = [
        _said("hot", "B", service="Acme", label=sample.HOSTILE, role="hot-wallet", category="exchange", exhibit=1),
        _said("deposit", "C", kind="deposit-address", service="Acme", method="deposit-address"),
        _said("first", "D", service="Jane Roe", label="Jane Roe (by hand)", method="person"),
        _said("first", "E", kind="change", method="change"),
        _said("first", "A", label="no service", role="contract", origin="register"),
    ]
    made = {
        "transfers": pa.Table.from_pylist(rows, schema=base.tables["transfers"]().schema),
        "flows": pa.Table.from_pylist(flows, schema=base.tables["flows"]().schema),
        "assertions": pa.Table.from_pylist(said, schema=base.tables["assertions"]().schema),
    }
    ramp = replace(base.offramps[0], transactions=("t1",))
    return replace(
        base,
        edition="V2",
        case=replace(base.case, losses=(Loss(id="L1", chain=sample.CHAIN, tx="t0"),)),
        assets={one.id: one for one in coins},
        offramps=(ramp,),
        tables={**base.tables, **{name: partial(_same, one) for name, one in made.items()}},
    )


def _said(address: str, grade: str, **more: Any) -> Mapping[str, Any]:
    empty = {f.name: "" if pa.types.is_string(f.type) and not f.nullable else None for f in SCHEMAS["assertions"]}
    told: dict[str, Any] = {
        "kind": "label",
        "chain": sample.CHAIN,
        "role": "other",
        "method": "list",
        "version": "1",
    }
    told |= {"params": "{}", "transactions": [], "place": 7, "source": "a list", "exhibit": 0}
    return {**empty, **told, "address": address, "grade": grade, **more}


def _files(exporter: Exporter) -> dict[str, str]:
    return {name: data.decode() for name, data in exporter.files(_view())}


@pytest.mark.parametrize("exporter", EVERY, ids=lambda one: one.info.id)
def test_no_format_has_the_victims_side_or_what_a_person_wrote(exporter: Exporter) -> None:
    files = _files(exporter)
    whole = "\n".join(files.values())
    assert not re.search(r"\bpayer\b", whole.replace("payers by whom", ""))
    assert "Jane Roe" not in whole
    assert "\u202e" not in whole
    left = files["README.txt"].split("Left out")[1]
    for what in ("a victim's side", "payers by whom a loss began", "names that a person of the case gave"):
        assert re.search(rf"^ +1  .*{what}", left, re.MULTILINE), what


@pytest.mark.parametrize("exporter", [FollowTheMoney(), Graph(), Misp(), Stix()], ids=lambda one: one.info.id)
def test_the_widest_amount_keeps_every_digit(exporter: Exporter) -> None:
    whole = "\n".join(_files(exporter).values())
    assert str(UINT256) in whole
    assert f"{UINT256 // 10**18}.{UINT256 % 10**18}" in whole


def test_what_is_shareable_knows_the_parts_of_a_place() -> None:
    found = {(one.chain, one.address): one.parts for one in shareable(_view()).holders}
    assert found == {
        (BTC, PAID): ("carried",),
        (BTC, "first"): ("carried",),
        (sample.CHAIN, "deposit"): ("carried", "credited"),
        (sample.CHAIN, "first"): ("carried",),
        (sample.CHAIN, "hot"): ("carried", "service"),
        (OTHER, "deposit"): ("carried",),
        (OTHER, "first"): ("carried",),
    }


def test_a_victim_who_was_paid_back_is_left_out_there_too() -> None:
    view = _view()
    rows = view.tables["transfers"]().to_pylist()
    rows[2]["dst"] = "payer"
    table = pa.Table.from_pylist(rows, schema=view.tables["transfers"]().schema)
    back = shareable(replace(view, tables={**view.tables, "transfers": lambda: table}))
    assert "payer" not in {one.address for one in back.holders}
    assert [move.dst for move in back.moves][2] is None


def test_a_tag_says_its_grade_by_its_confidence_and_in_its_context() -> None:
    pack = _files(TagPack())["tagpack.yaml"]
    head, *tags = re.split(r"^- ", pack, flags=re.MULTILINE)
    assert [line.split(":")[0] for line in head.splitlines()] == ["title", "creator", "description", "tags"]
    found = [dict(re.findall(r"^ *(\w+): (.*)$", tag, re.MULTILINE)) for tag in tags]
    said = [
        (json.loads(t["address"]), json.loads(t["confidence"]), json.loads(json.loads(t["context"]))["grade"])
        for t in found
    ]
    assert said == [
        ("deposit", "forensic_investigation", "C"),
        ("first", "ledger_immanent", "A"),
        ("hot", "service_data", "B"),
    ]
    mandatory = {"label", "source", "currency", "network", "confidence", "address"}
    assert all(mandatory <= set(tag) for tag in found)
    assert "is_cluster_definer" not in pack
    assert json.loads(found[2]["actor"]) == "acme"


def test_a_wallets_id_comes_from_its_text_alone_and_its_chains_stand_beside() -> None:
    # The id that a published example of the extension has for this text.
    example = observable("cryptocurrency-wallet", {"value": "bc1qexamplewallet0000000000000000000000000"})
    assert example == "cryptocurrency-wallet--63c69546-406d-5b56-8079-ecd9c86d38df"
    bundle = json.loads(_files(Stix())["bundle.json"])
    wallets = [one for one in bundle["objects"] if one["type"] == "cryptocurrency-wallet"]
    chains = {one["value"]: one["extensions"][OWN]["chains"] for one in wallets}
    assert chains["deposit"] == [sample.CHAIN, OTHER]
    assert all(one["extensions"][WALLET] == {"extension_type": "new-sco"} for one in wallets)


def test_every_object_of_a_bundle_has_what_stix_asks() -> None:
    objects = json.loads(_files(Stix())["bundle.json"])["objects"]
    known = {one["id"] for one in objects}
    assert len(known) == len(objects)
    for one in objects:
        assert one["spec_version"] == "2.1"
        assert re.fullmatch(r"[a-z-]+--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one["id"])
        refs = [one[key] for key in ("source_ref", "target_ref") if key in one] + one.get("object_refs", [])
        refs += [row["address_ref"] for key in ("input", "output") for row in one.get(key, ())]
        assert set(refs) <= known, one["id"]
        if one["type"] in ("relationship", "grouping", "note", "identity"):
            assert one["created"] <= one["modified"]
    kinds = {one["type"] for one in objects}
    assert "indicator" not in kinds
    related = [one for one in objects if one["type"] in ("relationship", "note")]
    assert [(one["confidence"], one["extensions"][OWN]["grade"]) for one in related] == [
        (50, "C"),
        (95, "A"),
        (75, "B"),
    ]


def test_only_bitcoin_is_an_address_of_the_type_btc() -> None:
    event = json.loads(_files(Misp())["event.json"])["Event"]
    first = [one["Attribute"][0] for one in event["Object"] if one["name"] == "coin-address"]
    assert {(one["value"], one["object_relation"], one["type"]) for one in first} == {
        (PAID, "address", "btc"),
        *((name, "address-crypto", "text") for name in ("first", "deposit", "hot")),
    }
    assert not event["published"]
    every = [a for one in event["Object"] for a in one["Attribute"]]
    assert not any(a["to_ids"] for a in every)
    assert len({one["uuid"] for one in event["Object"]}) == len(event["Object"])
    evidence = next(one for one in event["Object"] if one["name"] == "forensic-evidence")
    assert {"case-number", "evidence-number"} <= {a["object_relation"] for a in evidence["Attribute"]}


def test_entities_have_what_their_schema_requires_and_no_holder() -> None:
    lines = [json.loads(line) for line in _files(FollowTheMoney())["entities.ftm.json"].splitlines()]
    known = {one["id"] for one in lines}
    for one in lines:
        properties = one["properties"]
        assert all(isinstance(text, str) for values in properties.values() for text in values)
        if one["schema"] == "UnknownLink":
            assert {*properties["subject"], *properties["object"]} <= known
        else:
            assert properties["name"]
        assert not {"holder", "topics", "privateKey", "balance"} & set(properties)


def test_the_graph_is_well_formed_and_its_tables_say_the_same() -> None:
    files = _files(Graph())
    space = "{http://graphml.graphdrawing.org/xmlns}"
    root = ET.fromstring(files["graph.graphml"])
    nodes = {node.get("id") for node in root.iter(f"{space}node")}
    edges = [(edge.get("source"), edge.get("target")) for edge in root.iter(f"{space}edge")]
    assert {end for edge in edges for end in edge} <= nodes
    links = list(csv.DictReader(io.StringIO(files["links.csv"], newline="")))
    assert [(row["from"], row["to"]) for row in links] == edges
    assert tuple(links[0]) == EDGE
    entities = list(csv.DictReader(io.StringIO(files["entities.csv"], newline="")))
    assert {row["id"] for row in entities} == nodes
    assert not [c for row in (*links, *entities) for c in row.values() if c.startswith(("=", "+", "@"))]


def test_every_exhibit_has_its_hash_and_how_it_was_taken_in() -> None:
    made = json.loads(_files(CaseUco())["case.jsonld"])
    nodes = {one["@id"]: one for one in made["@graph"]}
    record = next(one for one in nodes.values() if one["@type"].endswith("ProvenanceRecord"))
    file = nodes[record["uco-core:object"][0]["@id"]]
    hashed = file["uco-core:hasFacet"][0]["uco-observable:hash"][0]
    assert hashed["uco-types:hashValue"]["@value"] == "ef" * 32
    assert any(one["@type"].endswith("InvestigativeAction") for one in nodes.values())
