"""What partners send: each name a label of grade C at best, everything else counted, hostile files refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest

from recover.sdk import Error, NotRecognised, Source
from recover.testing import Expected, SourceKit, exhibit
from recover_labels import partners, recover_sources

SOURCES: dict[str, Source] = {source.info.id: source for source in recover_sources()}
TRON, BITCOIN, ETHEREUM = "tron:0x2b6653dc", "bip122:000000000019d6689c085ae165831e93", "eip155:1"
T1 = "TV6MuMXfmLbBqPZvBHdwFsDnQeVfnmiuSi"
E1 = "0x47ac0Fb4F2D84898e4D9E7b4DaB3C24507a6D503"
B1 = "16rF2zwSJ9goQ9fZfYoti5LsUqqegb5RnA"
OWN = {"extension_type": "property-extension", "chain": TRON, "grade": "A", "label": "hot 1", "role": "hot-wallet"}


def _wallet(value: str, **more: Any) -> dict[str, Any]:
    return {"type": "cryptocurrency-wallet", "id": f"w-{value}", "value": value, **more}


def _related(value: str, **more: Any) -> dict[str, Any]:
    ends = {"source_ref": f"w-{value}", "target_ref": "i-x"}
    return {
        "type": "relationship",
        "relationship_type": "related-to",
        "created": "2024-05-01T00:00:00Z",
        **ends,
        **more,
    }


OBJECTS: list[dict[str, Any]] = [
    {"type": "identity", "id": "i-x", "name": "Example", "identity_class": "organization"},
    {"type": "identity", "id": "i-p", "name": "Jane Roe", "identity_class": "individual"},
    _wallet(T1, holder_ref="i-p"),
    _wallet(E1),
    _wallet(B1),
    _related(T1, confidence=95, extensions={"extension-definition--x": OWN}),
    _related(E1, confidence=30, created_by_ref="i-x"),
    {"type": "note", "abstract": "seen", "object_refs": [f"w-{B1}"], "created": "2024-05-02T00:00:00Z"},
    {
        "type": "indicator",
        "name": "drainer",
        "pattern": f"[cryptocurrency-wallet:value = '{B1}']",
        "confidence": 80,
        "valid_from": "2024-05-03T00:00:00Z",
    },
    {"type": "cryptocurrency-transaction", "value": "abc", "symbol": "BTC"},
    {"type": "indicator", "name": "host", "pattern": "[domain-name:value = 'x.example']"},
]
BUNDLE = exhibit("bundle.json", json.dumps({"type": "bundle", "id": "bundle--1", "objects": OBJECTS}).encode())


def _row(relation: str, value: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"object_relation": relation, "type": kind, "value": value, **more}


_TOLD = json.dumps({"chain": TRON, "names": [{"grade": "B", "service": "Example", "label": "hot 1", "role": "x"}]})
_TAG = [{"name": 'admiralty-scale:information-credibility="4"'}]
EVENT = exhibit(
    "event.json",
    json.dumps(
        {
            "Event": {
                "info": "Drainer of May",
                "date": "2024-05-01",
                "Orgc": {"name": "CERT"},
                "Object": [
                    {"name": "coin-address", "Attribute": [_row("address-crypto", T1), _row("text", _TOLD)]},
                    {"name": "coin-address", "Attribute": [_row("address", B1, "btc", Tag=_TAG)]},
                    {"name": "coin-address", "Attribute": [_row("address-crypto", E1), _row("symbol", "ETH")]},
                    {"name": "cryptocurrency-transaction", "Attribute": [_row("transaction-number", "abc")]},
                ],
                "Attribute": [
                    {"type": "btc", "value": B1, "comment": "paid here"},
                    {"type": "domain", "value": "x"},
                ],
            }
        }
    ).encode(),
)


def _entity(ident: str, schema: str, **properties: str) -> str:
    return json.dumps({"id": ident, "schema": schema, "properties": {k: [v] for k, v in properties.items()}})


ENTITIES = exhibit(
    "entities.json",
    "\n".join(
        (
            _entity("w1", "CryptoWallet", publicKey=T1, blockchain="Tron"),
            _entity("w2", "CryptoWallet", publicKey=E1, currencySymbol="ETH", managingExchange="Example"),
            _entity("c", "Company", name="Example"),
            _entity("l", "UnknownLink", subject="w1", object="c", status="grade D", date="2024-05-01"),
            _entity("m", "UnknownLink", subject="w1", object="w2"),
            _entity("p", "Person", name="Jane Roe"),
        )
    ).encode(),
)


def _workbook(rows: list[list[str]]) -> bytes:
    """The least that is a workbook: one sheet `names` of inline strings."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    main, rels = "http://schemas.openxmlformats.org/", "application/vnd.openxmlformats-"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{main}package/2006/content-types"><Default Extension="rels" '
        f'ContentType="{rels}package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{rels}officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{main}package/2006/relationships"><Relationship Id="r1" '
        f'Type="{main}officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}spreadsheetml/2006/main" '
        f'xmlns:r="{main}officeDocument/2006/relationships"><sheets><sheet name="names" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{main}package/2006/relationships"><Relationship '
        f'Id="r1" Type="{main}officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}spreadsheetml/2006/main"><sheetData>{cells}'
        "</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in parts.items():
            packed.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


HEAD = ["kind", "chain", "address", "grade", "service", "label", "role", "asserted"]
NAMES = [
    ["label", TRON, T1, "A", "Example", "hot 1", "hot-wallet", "2024-05-01"],
    ["deposit-address", TRON, E1, "D", "Example", "", "other", ""],
    ["change", BITCOIN, B1, "C", "", "", "other", ""],
]
BOOK = exhibit("case.xlsx", _workbook([HEAD, *NAMES]))


def read(source: str, data: bytes | Any) -> tuple[list[tuple[str, ...]], list[tuple[str, str]]]:
    """(chain, address, grade, service, label, role, asserted) of each label, and (code, subject) of each gap."""
    labels, gaps = [], []
    columns = ("chain", "address", "grade", "service", "label", "role", "asserted")
    for batch in SOURCES[source].decode(exhibit("x", data) if isinstance(data, bytes) else data):
        tables = batch.tables()
        for row in tables["assertions"].to_pylist() if "assertions" in tables else []:
            labels.append(tuple(row[name] for name in columns))
        gaps += [(g["code"], g["subject"]) for g in (tables["gaps"].to_pylist() if "gaps" in tables else [])]
    return labels, gaps


STIX = [
    (TRON, T1, "C", "Example", "hot 1", "hot-wallet", ""),
    (ETHEREUM, E1, "D", "Example", "Example", "other", "2024-05-01"),
    (BITCOIN, B1, "E", "", "seen", "other", "2024-05-02"),
    (BITCOIN, B1, "C", "", "drainer", "other", "2024-05-03"),
]
MISP = [
    (TRON, T1, "C", "Example", "hot 1", "other", ""),
    (BITCOIN, B1, "D", "", "Drainer of May", "other", "2024-05-01"),
    (ETHEREUM, E1, "E", "", "Drainer of May", "other", "2024-05-01"),
    (BITCOIN, B1, "E", "", "paid here", "other", "2024-05-01"),
]
FTM = [
    (ETHEREUM, E1, "E", "Example", "Example", "other", ""),
    (TRON, T1, "D", "Example", "Example", "other", "2024-05-01"),
]
XLSX = [
    (TRON, T1, "C", "Example", "hot 1", "hot-wallet", "2024-05-01"),
    (TRON, E1, "D", "Example", "Example deposit address", "deposit", ""),
]
_TAKEN = "each file's own text, by hand, and data/partners.toml"


def _expected(example: Any, rows: Sequence[tuple[str, ...]], gaps: list[str]) -> tuple[Expected, ...]:
    names = ("chain", "address", "grade", "service", "label", "role", "asserted")
    said = tuple(dict(zip(names, row, strict=True)) for row in rows)
    told = {"assertions": said, "gaps": tuple({"subject": one} for one in gaps)}
    return (Expected(example=example, taken=_TAKEN, rows=told),)


class TestStix(SourceKit):
    source = SOURCES["stix"]
    examples = (BUNDLE,)
    expected = _expected(
        BUNDLE,
        STIX,
        [partners.PERSONAL, "STIX indicators of no wallet", "STIX objects of the type cryptocurrency-transaction"],
    )


class TestMisp(SourceKit):
    source = SOURCES["misp"]
    examples = (EVENT,)
    expected = _expected(EVENT, MISP, ["MISP: attribute of domain", "MISP: object cryptocurrency-transaction"])


class TestFtm(SourceKit):
    source = SOURCES["ftm"]
    examples = (ENTITIES,)
    expected = _expected(ENTITIES, FTM, ["entities of the schema Person", "links that tie no wallet to a service"])


class TestWorkbook(SourceKit):
    source = SOURCES["recover-xlsx"]
    examples = (exhibit("case.xlsx", _workbook([HEAD, NAMES[0], NAMES[2]])),)
    expected = _expected(examples[0], XLSX[:1], ["attributions of the kind change"])


ANSWER = exhibit(
    "answer.csv",
    f"""Deposits and withdrawals,,,,,
Exchange,User ID,Type,Coin,Network,Address,Amount,TxID,Time (UTC)
Example,77001,Deposit,USDT,TRX,{T1},10.5,aa,2024-05-01 10:00:00
Example,77001,Withdrawal,ETH,ETH,{E1},1,bb,2024-05-02 10:00:00
,77002,Deposit,BTC,BTC,{B1},1,cc,2024-05-03 10:00:00
Example,77002,Deposit,BTC,BTC,{B1},1,cc,2024-05-03 10:00:00
""".encode(),
)
DEPOSITS = [
    (TRON, T1, "C", "Example", "Example customer deposit", "deposit", "2024-05-01"),
    (BITCOIN, B1, "C", "Example", "Example customer deposit", "deposit", "2024-05-03"),
]


class TestExchangeAnswer(SourceKit):
    source = SOURCES["exchange-answer"]
    examples = (ANSWER,)
    expected = _expected(
        ANSWER,
        DEPOSITS,
        [
            "deposits of a service that no column names",
            "withdrawals, of which an exchange cannot say whose they are",
        ],
    )


@pytest.mark.parametrize(
    ("status", "remark", "gap"),
    [
        ("completed", "", ""),
        ("Completed (12 confirmations)", "VIP", ""),
        ("", "", ""),
        ("สำเร็จ", "", ""),
        ("rejected: not our address", "", "deposits that the answer itself does not call credited"),
        ("rejected", "", "deposits that the answer itself does not call credited"),
        ("not completed", "", "deposits that the answer itself does not call credited"),
        ("ไม่สำเร็จ", "", "deposits that the answer itself does not call credited"),
        ("completed", "no such address here", "deposits that the answer itself does not call credited"),
        ("", "not ours", "deposits that the answer itself does not call credited"),
        ("7", "", "deposits of a status that is not known here"),
        ("under review", "", "deposits of a status that is not known here"),
    ],
)
def test_a_row_counts_as_its_status_says(status: str, remark: str, gap: str) -> None:
    head = "exchange,deposit_address,txid,amount,asset,time,status,remark"
    data = f"{head}\nKraken,{T1},,1,USDT,2022-03-01 18:00,{status},{remark}\n".encode()
    labels, gaps = read("exchange-answer", data)
    assert [row[3] for row in labels] == ([] if gap else ["Kraken"])
    assert [subject for _, subject in gaps] == ([gap] if gap else [])


FEED = exhibit(
    "addresses.csv",
    f"""indicator,type,chain,category,grade,first_seen,last_seen,source_count,valid_until,tlp,withdrawn
{T1},address,{TRON},phishing,B,2022-03-01T00:00:00Z,2022-03-01T00:00:00Z,2,2027-05-29T21:03:18Z,green,
{E1},address,{ETHEREUM},romance,A,,,1,2027-05-29T21:03:18Z,green,2026-11-30T21:03:19Z
x.example,domain,,phishing,B,,,1,2027-05-29T21:03:18Z,green,
""".encode(),
)


class TestFeed(SourceKit):
    source = SOURCES["recover-feed"]
    examples = (FEED,)
    expected = _expected(
        FEED,
        [(TRON, T1, "C", "", "phishing", "other", ""), (ETHEREUM, E1, "C", "", "romance", "other", "")],
        ["entries of a feed of the type domain", partners.TAKEN_BACK],
    )


def test_who_the_customer_is_stands_in_no_label() -> None:
    for batch in SOURCES["exchange-answer"].decode(ANSWER):
        assert "7700" not in str([table.to_pylist() for table in batch.tables().values()])


def test_a_partners_claim_is_never_surer_than_moderate() -> None:
    for source, data, rows in (("stix", BUNDLE, STIX), ("misp", EVENT, MISP), ("ftm", ENTITIES, FTM)):
        assert sorted(read(source, data)[0]) == sorted(rows)
        assert {row[2] for row in rows} <= {"C", "D", "E"}
    assert read("recover-xlsx", BOOK)[0] == XLSX
    assert [partners.by_number(n) for n in (100, 50, 49, 25, 24, None, True, "95")] == [*"CCDDEEEE"]


@pytest.mark.parametrize(
    ("source", "data", "why"),
    [
        ("stix", b'{"type":"bundle","objects":', "it is no JSON"),
        ("stix", b'{"type":"bundle","objects":{}}', "outermost value"),
        ("stix", b'{"type":"report"}', "outermost value"),
        ("misp", b'{"Event":' + b"[" * 100_000, "it is no JSON"),
        ("misp", b'{"response":[]}', "outermost value"),
        ("ftm", b'{"id":"a","schema":"Person"}', "line 1: it is no entity"),
        ("ftm", b'{"id":"a","properties":{}}\nnot', "line 2: it is no entity"),
        ("exchange-answer", b"a,b\n1,2\n", "outermost value"),
        ("exchange-answer", b"PK\x03\x04", "it is no workbook"),
        ("recover-xlsx", b"PK\x03\x04", "it is no workbook"),
        ("recover-xlsx", _workbook([["a"]]), "has not the columns"),
    ],
)
def test_what_is_none_of_a_format_is_refused_with_the_reason(source: str, data: bytes, why: str) -> None:
    with pytest.raises(Error) as caught:
        read(source, data)
    assert why.casefold() in caught.value.why.casefold()


def test_a_file_with_more_records_than_any_honest_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from recover_labels import stix

    monkeypatch.setattr(stix, "MOST_OBJECTS", 3)
    with pytest.raises(NotRecognised):
        read("stix", BUNDLE)


def test_one_file_is_one_mouth_whatever_pages_it_names() -> None:
    """Two independent origins of grade C would lift a name to B."""
    own = [{**OWN, "origin": f"https://{n}.example/list", "label": n} for n in ("a", "b")]
    objects = [OBJECTS[0], _wallet(T1), *(_related(T1, extensions={"x": said}) for said in own)]
    data = exhibit("x", json.dumps({"type": "bundle", "objects": objects}).encode())
    found = [row for b in SOURCES["stix"].decode(data) for row in b.tables()["assertions"].to_pylist()]
    assert [(row["label"], row["origin"]) for row in found] == [(n, "https://a.example/list") for n in ("a", "b")]


def test_an_address_of_no_known_chain_and_a_text_without_end_cost_their_own_label() -> None:
    objects = [OBJECTS[0], _wallet("nobody"), _related("nobody"), _wallet(T1), _related(T1, extensions={"x": {}})]
    objects.append(_related(T1, extensions={"x": {**OWN, "label": "a" * 3000}}))
    bundle = json.dumps({"type": "bundle", "objects": objects}).encode()
    labels, gaps = read("stix", bundle)
    assert [row[:3] for row in labels] == [(TRON, T1, "E")]
    assert [code for code, _ in gaps] == ["label-network", "label-address"]
