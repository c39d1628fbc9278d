"""The sources of labels on small lists: what each line becomes, what is counted, what is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from recover.sdk import Error, Exhibit, NotRecognised, Source
from recover.testing import Expected, SourceKit, exhibit
from recover_labels import recover_sources, tagpack

SOURCES: dict[str, Source] = {source.info.id: source for source in recover_sources()}
TRON, BITCOIN, ETHEREUM = "tron:0x2b6653dc", "bip122:000000000019d6689c085ae165831e93", "eip155:1"
T1 = "TV6MuMXfmLbBqPZvBHdwFsDnQeVfnmiuSi"
E1 = "0x47ac0Fb4F2D84898e4D9E7b4DaB3C24507a6D503"
B1 = "16rF2zwSJ9goQ9fZfYoti5LsUqqegb5RnA"


def read(source: str, name: str, data: bytes | str) -> tuple[list[dict[str, Any]], list[tuple[str, str, str]]]:
    """(labels, gaps as (code, subject, why)), after checking the published columns."""
    labels: list[dict[str, Any]] = []
    gaps: list[tuple[str, str, str]] = []
    for batch in SOURCES[source].decode(exhibit(name, data.encode() if isinstance(data, str) else data)):
        tables = batch.tables()
        labels += tables["assertions"].to_pylist() if "assertions" in tables else []
        found = tables["gaps"].to_pylist() if "gaps" in tables else []
        gaps += [(g["code"], g["subject"], g["why"]) for g in found]
    return labels, gaps


def refused(source: str, name: str, data: bytes | str) -> str:
    with pytest.raises(Error) as caught:
        read(source, name, data)
    assert name in caught.value.what
    return caught.value.why


PACK = f"""\
title: Example wallets
creator: Somebody
confidence: service_data
category: exchange
currency: TRX
label: example reserve wallets
source: https://example.org/reserves
lastmod: 2022-11-16
actor: example
tags:
- address: {T1}
- address: {B1}
  currency: BTC
  confidence: web_crawl
  label: example user deposit
  context: '{{"seen": "once"}}'
  lastmod: 2020-01-02
- address: {E1}
  currency: USDT
  category: mixing_service
  concepts: [mixing_service, service]
- tx_hash: abc
- address: 4abc
  currency: XMR
- address: 0x00
  currency: ETH
- address: 4def
  currency: XMR
- address: {T1}
  confidence: strong
"""


def test_a_tag_inherits_from_its_pack() -> None:
    labels, _ = read("tagpack", "pack.yaml", PACK)
    assert labels[0] == {
        "kind": "label",
        "chain": TRON,
        "address": T1,
        "grade": "B",
        "method": "tagpack",
        "version": "1",
        "service": "example",
        "label": "example reserve wallets",
        "role": "hot-wallet",
        "category": "exchange",
        "source": "TagPack Example wallets by Somebody",
        "origin": "https://example.org/reserves",
        "asserted": "2022-11-16",
        "other": None,
        "asset": None,
        "transactions": [],
        "params": '{"actor":"example","confidence":"service_data"}',
        "note": "",
        "height": None,
        "place": 0,
    }


def test_a_tag_overrides_its_pack_and_nothing_is_lost_in_silence() -> None:
    labels, gaps = read("tagpack", "pack.yaml", PACK)
    brief = [(x["place"], x["chain"], x["grade"], x["role"], x["asserted"]) for x in labels]
    assert brief == [
        (0, TRON, "B", "hot-wallet", "2022-11-16"),
        (1, BITCOIN, "D", "deposit", "2020-01-02"),
        (2, ETHEREUM, "B", "mixer", "2022-11-16"),
        (7, TRON, "E", "hot-wallet", "2022-11-16"),
    ]
    assert json.loads(labels[1]["params"])["context"] == '{"seen": "once"}'
    assert [(code, subject, why.split(" ")[0]) for code, subject, why in gaps] == [
        ("label-network", "ETH", "1"),
        ("label-network", "XMR", "2"),
        ("label-transaction-tags", "tx_hash", "1"),
        ("label-confidence", "strong", "1"),
    ]


@pytest.mark.parametrize(
    ("confidence", "grade"),
    [
        ("ownership", "A"),
        ("ledger_immanent", "A"),
        ("manual_transaction", "B"),
        ("service_api", "B"),
        ("service_data", "B"),
        ("authority_data", "B"),
        ("trusted_provider", "C"),
        ("forensic_investigation", "C"),
        ("forensic", "C"),
        ("untrusted_transaction", "D"),
        ("web_crawl", "D"),
        ("heuristic", "D"),
        ("override", "D"),
        ("unknown", "E"),
        ("", "E"),
    ],
)
def test_ladder(confidence: str, grade: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = f"title: t\ncreator: c\nconfidence: {confidence}\ntags:\n- address: {B1}\n  currency: BTC\n  label: l\n"
    listed = frozenset((hashlib.sha256(pack.encode()).hexdigest(),))
    for known, wanted in ((frozenset(), max(grade, "B")), (listed, grade)):
        monkeypatch.setattr(tagpack, "_published", lambda known=known: known)
        labels, gaps = read("tagpack", "p.yaml", pack)
        assert ([x["grade"] for x in labels], gaps) == ([wanted], [])


def test_a_mention_names_no_service() -> None:
    labels, _ = read("tagpack", "p.yaml", PACK.replace("lastmod: 2022-11-16", "tag_type: mention"))
    assert (labels[0]["role"], labels[0]["service"]) == ("other", "")


def test_an_address_with_a_remark_costs_only_its_own_label() -> None:
    pack = f"title: t\ntags:\n- address: {B1}\n  currency: BTC\n- address: '{B1} (old)'\n  currency: BTC\n"
    labels, gaps = read("tagpack", "p.yaml", pack)
    assert [x["place"] for x in labels] == [0]
    assert [(code, subject) for code, subject, _ in gaps] == [("label-address", "tag 1")]


BOMB = "title: t\na: &a [x, x]\nb: &b [*a, *a]\ntags: [*b, *b]\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(BOMB, "line 3: aliases (*a) are not accepted", id="alias bomb"),
        pytest.param("title: t\ntags: " + "[" * 500, "line 2: nested deeper than 12 levels", id="nesting"),
        pytest.param("title: t\ntags: " + "[" * 100_000, "maximum nesting depth", id="deepest nesting"),
        pytest.param("".join(" " * n + f"k{n}:\n" for n in range(500)), "nested deeper", id="indent"),
        pytest.param("tags:\n- address: a\n  address: b\n", "the key 'address' stands twice", id="twice"),
        pytest.param("title: t\ntags:\n- {address: a\n", "line 4", id="cut off"),
        pytest.param("title: t\n---\ntags: []\n", "2 documents", id="two documents"),
        pytest.param("? [a, b]\n: c\n", "a key that is no text", id="odd key"),
        pytest.param(b"title: t\ntags: \xff\xfe\n", "about line 2", id="not UTF-8"),
        pytest.param("title: t\ntags: \x07\n", "control characters are not allowed", id="control character"),
        pytest.param("", "0 documents", id="empty"),
        pytest.param("title: t\ntags:\n- x\n- label: y\n", "tag 0: it is no mapping", id="no mapping"),
        pytest.param("title: t\ntags:\n- x\n- label: y\n", "tag 1 (line 4): it has neither", id="no address"),
    ],
)
def test_hostile_or_broken_packs(data: str | bytes, said: str) -> None:
    assert said in refused("tagpack", "p.yaml", data)


def test_a_yaml_object_stays_text() -> None:
    pack = f"tags:\n- address: {B1}\n  currency: BTC\n  label: !!python/object/apply:os.system ['true']\n"
    labels, _ = read("tagpack", "p.yaml", pack)
    assert labels[0]["label"] == ""


def test_too_large_a_pack() -> None:
    assert "the most is" in refused("tagpack", "p.yaml", b"#" * (64 * 2**20 + 1))


def test_other_yaml_is_no_pack() -> None:
    with pytest.raises(NotRecognised):
        read("tagpack", "actors.yaml", "title: t\nactors: []\n")


LIST = f"""\
#recover-labels 1
#source: Example Exchange, statement of 2024-05-01
#as_of: 2024-05-01
#grade: B
#licence: CC0-1.0
#url: https://example.org
chain,address,service,label,role,category,asserted,note
{TRON},{T1},Example,"Example, hot 1",hot-wallet,exchange,,
{ETHEREUM},{E1},,Known thief,other,theft,2023-01-31,"he ""said"" so"
"""


def test_labels_csv() -> None:
    labels, gaps = read("labels-csv", "l.csv", LIST)
    keys = ("chain", "address", "grade", "service", "label", "role", "category", "asserted", "note", "place")
    assert [tuple(x[k] for k in keys) for x in labels] == [
        (TRON, T1, "B", "Example", "Example, hot 1", "hot-wallet", "exchange", "2024-05-01", "", 8),
        (ETHEREUM, E1, "B", "", "Known thief", "other", "theft", "2023-01-31", 'he "said" so', 9),
    ]
    assert {(x["source"], x["origin"], x["params"]) for x in labels} == {
        ("Example Exchange, statement of 2024-05-01", "https://example.org", '{"licence":"CC0-1.0"}')
    }
    assert gaps == []
    assert read("labels-csv", "l.csv", b"\xef\xbb\xbf" + LIST.replace("\n", "\r\n").encode())[0] == labels


def test_labels_csv_names_every_bad_line() -> None:
    bad = [
        f"tron,{T1},S,l,other,c,,",
        f"{TRON},,S,l,other,c,,",
        f"{TRON},{T1},S,l,chief,c,,",
        f"{TRON},{T1},,,other,c,,",
        f"{TRON},{T1},S,l,other,c,31.1.2023,",
        f"{TRON},{T1},S,l,other",
        f'{TRON},{T1},"S,l,other,c,,',
        f'{TRON},{T1},Example,"Example, hot 1",hot-wallet,exchange,,',
        f"{TRON},T\u202e1,S,l,other,c,,",
        "",
    ]
    why = refused("labels-csv", "l.csv", LIST + "\n".join([*bad, LIST.splitlines()[-1] + "x"]))
    assert [line.split(":")[0].strip() for line in why.split("\n")] == [f"line {n}" for n in range(10, 21)]
    assert "the same as line 8" in why
    many = refused("labels-csv", "l.csv", LIST + "x\n" * 25)
    assert many.count("line ") == 20
    assert many.endswith("... and 5 more")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#recover-labels 1", "#recover-labels 2", "line 1: '#recover-labels 2'"),
        ("#grade: B", "#grade: F", "must give one of A, B, C, D, E"),
        ("#source: Example Exchange, statement of 2024-05-01\n", "", "`#source: ...` is missing"),
        ("#url", "#colour", "line 6: '#colour: https://example.org' is not one of"),
        ("#as_of: 2024-05-01", "#as_of: May", "'May' is no date"),
        ("service,label", "label,service", "line 7: the columns are"),
    ],
)
def test_labels_csv_head(old: str, new: str, said: str) -> None:
    assert said in refused("labels-csv", "l.csv", LIST.replace(old, new))


def test_labels_csv_not_utf8() -> None:
    assert "line 10: byte 0xff is not UTF-8" in refused("labels-csv", "l.csv", LIST.encode() + b"\xff")


WALLETS = f"""\
exchange_slug,chain,address
mexc-cex,tron,{T1}
okex,bitcoin,{B1}
mt-gox,bitcoin,{B1}
mt-gox,bitcoin,1other
okex,moonsafe,m1
"""


def test_exchange_wallets() -> None:
    labels, gaps = read("exchange-wallets", "w.csv", WALLETS)
    keys = ("chain", "address", "service", "grade", "role", "category", "place")
    assert [tuple(x[k] for k in keys) for x in labels] == [
        (TRON, T1, "mexc-cex", "B", "hot-wallet", "exchange", 2),
        (BITCOIN, B1, "okex", "B", "hot-wallet", "exchange", 3),
    ]
    assert [(code, subject, why[:6]) for code, subject, why in gaps] == [
        ("label-network", "moonsafe", "1 labe"),
        ("label-not-an-exchange", "mt-gox", "2 rows"),
    ]
    assert "line 7: 2 cells instead of 3" in refused("exchange-wallets", "w.csv", WALLETS + "okex,tron\n")


@pytest.mark.parametrize(
    "name",
    ["sanctioned_addresses.json", "sanctioned_addresses (1).json", "ofac_sanctioned_addresses - copy.txt"],
)
def test_a_list_whose_name_lost_its_currency_is_read_by_the_form_of_its_addresses(name: str) -> None:
    assert SOURCES["ofac"].recognises(
        name, json.dumps([T1, E1, B1]).encode() if name.endswith("json") else T1.encode()
    )
    data = json.dumps([T1, E1, B1]) if name.endswith("json") else "\n".join((T1, E1, B1))
    labels, _ = read("ofac", name, data)
    assert [label["chain"] for label in labels] == [
        "tron:0x2b6653dc",
        "eip155:1",
        "bip122:000000000019d6689c085ae165831e93",
    ]


def test_ofac() -> None:
    labels, _ = read("ofac", "sanctioned_addresses_TRX.json", json.dumps([T1]))
    keys = ("chain", "address", "grade", "service", "label", "role", "category", "note")
    assert [tuple(x[k] for k in keys) for x in labels] == [
        (TRON, T1, "B", "", "OFAC SDN address", "sanctioned", "sanctioned", "")
    ]
    labels, gaps = read("ofac", "sanctioned_addresses_USDT.json", json.dumps([T1, E1, B1, "?"]))
    assert [x["chain"] for x in labels] == [TRON, ETHEREUM, BITCOIN]
    assert all("form of the address" in x["note"] for x in labels)
    assert [(code, subject) for code, subject, _ in gaps] == [("label-network", "USDT")]
    dated = json.dumps({"lastUpdated": "2026-03-22", "addresses": [B1]})
    labels, _ = read("ofac", "ofac-addresses-btc.json", dated)
    assert [(x["chain"], x["asserted"]) for x in labels] == [(BITCOIN, "2026-03-22")]


@pytest.mark.parametrize(
    ("data", "said"),
    [('[1, null, " "]', "item 1: it is no text"), ("[", "it is not JSON"), ("[" * 200_000, "it is not JSON")],
)
def test_ofac_refuses(data: str, said: str) -> None:
    assert said in refused("ofac", "sanctioned_addresses_TRX.json", data)


@pytest.mark.parametrize(
    ("name", "head", "source"),
    [
        ("a.yaml", PACK, "tagpack"),
        ("a.csv", LIST, "labels-csv"),
        ("a.csv", WALLETS, "exchange-wallets"),
        ("sanctioned_addresses_TRX.json", '["T"]', "ofac"),
        ("ofac-addresses-btc.json", '{"lastUpdated": "2026-03-22", "addresses": []}', "ofac"),
        ("a.json", '["T"]', None),
        ("actors.yaml", "title: t\ncreator: c\nactors: []\n", None),
        ("a.csv", "wallet,timestamp,tx_id\n", None),
        ("a.yaml", "", None),
    ],
)
def test_each_file_is_known_by_at_most_one_source(name: str, head: str, source: str | None) -> None:
    found = [id for id, s in SOURCES.items() if s.recognises(name, head.encode())]
    assert found == ([] if source is None else [source])


def labelled(example: Exhibit, *wanted: dict[str, Any]) -> tuple[Expected, ...]:
    taken = "The list itself, entry by entry."
    return (Expected(example=example, taken=taken, rows={"assertions": wanted}),)


class TestTagPack(SourceKit):
    source = SOURCES["tagpack"]
    examples = (exhibit("pack.yaml", PACK.encode()),)
    expected = labelled(
        examples[0],
        {"chain": TRON, "address": T1, "label": "example reserve wallets", "grade": "B", "asserted": "2022-11-16"},
        {"chain": BITCOIN, "address": B1, "label": "example user deposit", "role": "deposit"},
    )
    foreign = (("actors.yaml", b"title: t\ncreator: c\nactors: []\n"),)


class TestLabelsCsv(SourceKit):
    source = SOURCES["labels-csv"]
    examples = (exhibit("list.csv", LIST.encode()),)
    expected = labelled(
        examples[0],
        {"chain": TRON, "address": T1, "service": "Example", "label": "Example, hot 1", "role": "hot-wallet"},
        {"chain": ETHEREUM, "label": "Known thief", "category": "theft", "note": 'he "said" so'},
    )
    foreign = (("wallets.csv", WALLETS.encode()),)


class TestExchangeWallets(SourceKit):
    source = SOURCES["exchange-wallets"]
    examples = (exhibit("wallets.csv", WALLETS.encode()),)
    expected = labelled(
        examples[0],
        {"chain": TRON, "address": T1, "service": "mexc-cex"},
        {"chain": BITCOIN, "address": B1, "service": "okex"},
    )
    foreign = (("list.csv", LIST.encode()),)


class TestOfac(SourceKit):
    source = SOURCES["ofac"]
    examples = (
        exhibit("sanctioned_addresses_USDT.json", json.dumps([T1, E1, B1]).encode()),
        exhibit("ofac-addresses-btc.json", json.dumps({"lastUpdated": "2026-03-22", "addresses": [B1]}).encode()),
    )
    expected = labelled(
        examples[0],
        {"chain": TRON, "address": T1, "role": "sanctioned"},
        {"chain": ETHEREUM, "address": E1, "role": "sanctioned"},
        {"chain": BITCOIN, "address": B1, "role": "sanctioned"},
    )
    foreign = (("addresses.json", b'["T"]'),)
