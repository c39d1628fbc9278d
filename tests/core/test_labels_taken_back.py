"""What a partner took back, replaced or let run out names nothing; nobody's person becomes a label."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recover.linking.ladder import standing, word
from recover.sdk import Source
from recover.testing import exhibit
from recover_labels import partners, recover_sources

SOURCES: dict[str, Source] = {source.info.id: source for source in recover_sources()}
T1, T2 = "TV6MuMXfmLbBqPZvBHdwFsDnQeVfnmiuSi", "TDNXd96XwavY6nfhCvHNqpFDZGErqy4zeR"


def read(source: str, data: bytes) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The labels' rows, and by subject of a gap why it is there."""
    labels: list[dict[str, Any]] = []
    gaps: dict[str, str] = {}
    for batch in SOURCES[source].decode(exhibit("x", data)):
        tables = batch.tables()
        labels += tables["assertions"].to_pylist() if "assertions" in tables else []
        gaps |= {g["subject"]: g["why"] for g in (tables["gaps"].to_pylist() if "gaps" in tables else [])}
    return labels, gaps


def named(labels: list[dict[str, Any]], first: str = "") -> set[tuple[str, str]]:
    """(address, service or label) of what counts where transfers begin on the day `first`."""
    found = [(row, standing([word(row)], first).words[0]) for row in labels]
    return {(row["address"], row["service"] or row["label"]) for row, one in found if not one.counts}


def bundle(*objects: dict[str, Any]) -> bytes:
    return json.dumps({"type": "bundle", "objects": objects}).encode()


def tie(**more: Any) -> dict[str, Any]:
    ends = {"source_ref": "w", "target_ref": "i", "confidence": 90}
    made = {"created": "2022-04-01T00:00:00Z", "modified": "2022-05-01T00:00:00Z"}
    return {"type": "relationship", "id": "r", **ends, **made, **more}


WALLET = {"type": "cryptocurrency-wallet", "id": "w", "value": T1}
ACME = {"type": "identity", "id": "i", "name": "Acme", "identity_class": "organization"}
LATER = "2023-01-01T00:00:00.5Z"


@pytest.mark.parametrize(
    ("objects", "names"),
    [
        ((tie(), ACME), {(T1, "Acme")}),
        ((tie(revoked=False), ACME), {(T1, "Acme")}),
        ((tie(revoked=True), ACME), set()),
        ((tie(revoked="maybe"), ACME), set()),
        ((tie(), {**ACME, "revoked": True}), set()),
        ((tie(), tie(revoked=True, modified=LATER), ACME), set()),
        ((tie(revoked=True, modified=LATER), tie(), ACME), set()),
        ((tie(revoked=True), tie(modified=LATER), ACME), {(T1, "Acme")}),
        ((tie(), ACME, {**ACME, "revoked": True, "modified": LATER}), set()),
        ((tie(), tie(revoked=True, modified="yesterday"), ACME), set()),
    ],
)
def test_what_is_revoked_names_nothing_and_of_versions_the_latest_counts(
    objects: tuple[dict[str, Any], ...], names: set[tuple[str, str]]
) -> None:
    labels, gaps = read("stix", bundle(WALLET, *objects))
    assert named(labels) == names
    assert (partners.TAKEN_BACK in gaps) == (not names)
    assert (partners.REPLACED in gaps) == (len(objects) > 2)


def indicator(pattern: str, **more: Any) -> dict[str, Any]:
    return {"type": "indicator", "id": "n", "name": "drain", "pattern": pattern, "confidence": 90, **more}


def test_a_revoked_indicator_names_nothing_and_one_that_ran_out_says_until_when() -> None:
    pattern = f"[cryptocurrency-wallet:value = '{T1}']"
    dated = {"valid_from": "2022-04-01T00:00:00Z", "valid_until": "2022-04-02T00:00:00Z"}
    labels, _ = read("stix", bundle(indicator(pattern, **dated)))
    assert named(labels, "2022-04-02") == {(T1, "drain")}
    assert not named(labels, "2022-04-03")
    labels, gaps = read("stix", bundle(indicator(pattern, **dated, revoked=True)))
    assert not named(labels, "2022-04-01")
    assert partners.TAKEN_BACK in gaps
    labels, _ = read("stix", bundle(WALLET, ACME, tie(stop_time="2022-06-30T00:00:00Z")))
    assert not named(labels, "2022-07-01")


@pytest.mark.parametrize(
    ("pattern", "addresses", "gap"),
    [
        ("[{w} = '{a}' OR {w} = '{b}']", {T1, T2}, ""),
        ("[{w} = '{a}'] OR [{w}='{b}']", {T1, T2}, ""),
        ("[{w} IN ('{a}', '{b}')]", {T1, T2}, ""),
        ("[({w} = '{a}' OR domain-name:value = 'x OR [y]')]", {T1}, ""),
        ("[{w} != '{a}']", set(), "STIX indicators of no wallet"),
        ("[{w} NOT = '{a}']", set(), "STIX indicators of no wallet"),
        ("[{w} = '{a}' AND {w} = '{b}']", set(), "STIX patterns that ask for more than one of several wallets"),
        ("[{w} = '{a}'] FOLLOWEDBY [{w} = '{b}']", set(), "STIX patterns that ask for more than one of several"),
        ("[domain-name:value = '{a}']", set(), "STIX indicators of no wallet"),
    ],
)
def test_a_pattern_names_every_wallet_that_it_offers_and_none_that_it_does_not(
    pattern: str, addresses: set[str], gap: str
) -> None:
    said = pattern.format(w="cryptocurrency-wallet:value", a=T1, b=T2)
    labels, gaps = read("stix", bundle(indicator(said)))
    assert {row["address"] for row in labels} == addresses
    assert [subject for subject in gaps if not gap or not subject.startswith(gap)] == []
    assert bool(gaps) == bool(gap)


def coin(address: str, title: str, **more: Any) -> dict[str, Any]:
    told = json.dumps({"chain": "tron:0x2b6653dc", "names": [{"grade": "B", "service": title, "label": title}]})
    rows = [
        {"object_relation": "address-crypto", "type": "text", "value": address},
        {"object_relation": "text", "type": "text", "value": told},
    ]
    return {"name": "coin-address", "uuid": "o", "timestamp": "1650000000", "Attribute": rows, **more}


def event(*objects: dict[str, Any], attributes: tuple[dict[str, Any], ...] = (), **more: Any) -> bytes:
    told = {"info": "x", "date": "2022-05-01", "Object": objects, "Attribute": attributes, **more}
    return json.dumps({"Event": told}).encode()


def _part(at: int) -> dict[str, Any]:
    rows = coin(T1, "Acme")["Attribute"]
    return coin(T1, "Acme", Attribute=[{**row, "deleted": n == at} for n, row in enumerate(rows)])


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (event(coin(T1, "Acme")), {(T1, "Acme")}),
        (event(coin(T1, "Acme", deleted="0")), {(T1, "Acme")}),
        (event(coin(T1, "Acme", deleted=True)), set()),
        (event(coin(T1, "Acme", deleted="1")), set()),
        (event(coin(T1, "Acme"), deleted=True), set()),
        (event(_part(0)), set()),
        (event(_part(1)), {(T1, "x")}),
        (event(coin(T1, "Acme"), coin(T1, "Acme", deleted=True, timestamp="1660000000")), set()),
        (event(attributes=({"type": "btc", "value": T1, "comment": "Acme"},)), {(T1, "Acme")}),
        (event(attributes=({"type": "btc", "value": T1, "comment": "Acme", "deleted": 1},)), set()),
    ],
)
def test_what_is_deleted_in_an_event_names_nothing(data: bytes, names: set[tuple[str, str]]) -> None:
    labels, gaps = read("misp", data)
    assert named(labels) == names
    assert names == {(T1, "Acme")} or partners.TAKEN_BACK in gaps


def _line(ident: str, schema: str, **properties: str) -> str:
    return json.dumps({"id": ident, "schema": schema, "properties": {k: [v] for k, v in properties.items()}})


JANE = {"type": "identity", "id": "p", "name": "Jane Private", "identity_class": "individual"}
PERSONAL = {
    "ftm holder": (
        "ftm",
        "\n".join(
            (_line("w", "CryptoWallet", publicKey=T1, holder="p"), _line("p", "Person", name="Jane Private"))
        ),
    ),
    "ftm owner": (
        "ftm",
        "\n".join(
            (
                _line("w", "CryptoWallet", publicKey=T1, managingExchange="jane  PRIVATE (KYC)"),
                _line("p", "Person", name="Jane Private"),
                _line("l", "Ownership", owner="p", asset="w"),
            )
        ),
    ),
    "stix relationship": ("stix", bundle(WALLET, JANE, tie(target_ref="p")).decode()),
    "stix holder": ("stix", bundle({**WALLET, "holder_ref": "p"}, JANE).decode()),
    "stix of no class": ("stix", bundle(WALLET, {**JANE, "identity_class": None}, tie(target_ref="p")).decode()),
    "stix note": (
        "stix",
        bundle(
            WALLET, JANE, {"type": "note", "abstract": "Wallet of Jane Private", "object_refs": ["w"]}
        ).decode(),
    ),
    "misp": (
        "misp",
        event(
            coin(T1, "Jane Private"),
            {
                "name": "person",
                "Attribute": [
                    {"object_relation": "first-name", "type": "first-name", "value": "Jane"},
                    {"object_relation": "last-name", "type": "last-name", "value": "Private"},
                ],
            },
        ).decode(),
    ),
    "tagpack": (
        "tagpack",
        f"title: t\ncreator: c\ncategory: user\ncurrency: TRX\nlabel: Jane Private\ntags:\n- address: {T1}\n",
    ),
}


@pytest.mark.parametrize("case", PERSONAL)
def test_a_person_is_no_label_of_an_address(case: str) -> None:
    source, text = PERSONAL[case]
    labels, gaps = read(source, text.encode())
    assert "private" not in str(labels).casefold()
    assert "private" not in str(gaps).casefold()
    assert [subject for subject in gaps if "person" in subject]


def test_an_organisation_beside_a_person_stays_a_label() -> None:
    labels, _ = read("stix", bundle(WALLET, ACME, JANE, tie()))
    assert named(labels) == {(T1, "Acme")}
