"""One place has one name, in whatever form it is written: through a whole case, to its figures.

Every form of every address of every installed chain, written by the source, the label, the loss, the claim of
coverage and the freeze, reaches the figures of the chain's own spelling.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.laws.places import PLUGINS, REAL, figures, found, named, paid

from recover.case import derived, open_for_reading
from recover.ledger.forms import asked
from recover.sdk import (
    Address,
    Assertion,
    Batch,
    Chain,
    Coverage,
    Event,
    Leg,
    NotRecognised,
    State,
    Transaction,
)
from recover.sdk.batch import Record
from recover.sdk.identity import Spelling, spell

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
NATIVE = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"

# Spelling: every form of every address.


def forms(chain: Chain) -> dict[str, list[str]]:
    """An address in its chain's spelling -> every other text that means it, as people and files write it."""
    made: dict[str, list[str]] = {}
    for text, _ in chain.info.examples:
        read = chain.parse(text)
        if not isinstance(read, Address):
            continue
        ways = {text, read.text, read.text.upper(), f"bitcoincash:{read.text}", f"BITCOINCASH:{read.text.upper()}"}
        ways |= {f" {read.text}\n", f"0X{read.text[2:]}", *_others(chain, read.text)}
        made.setdefault(read.text, []).extend(sorted(way for way in ways if _means(chain, way, read)))
    return {text: sorted(set(ways) - {text}) for text, ways in made.items()}


def _means(chain: Chain, way: str, read: Address) -> bool:
    try:
        return chain.parse(way) == read
    except NotRecognised:
        return False


def _others(chain: Chain, text: str) -> list[str]:
    """Forms that take another checksum: EIP-55, base58 of another version byte, hexadecimal."""
    from recover_chain_bitcoin import base58
    from recover_chain_evm import address as evm
    from recover_chain_tron import address as tron

    if chain.info.id.startswith("eip155:"):
        return [evm.checksummed(text)]
    if chain.info.id.startswith("tron:"):
        raw = tron.decode(text).hex()
        return [raw, raw.upper(), f"0x{raw}"]
    if chain.info.id.startswith("xrpl:"):
        return _tagged(text)
    from recover_chain_bitcoin import networks, script

    locking = script.address(networks.of(chain.info.id), text)
    older = [
        base58.encode(bytes([version]) + locking[start:end]) for version, start, end in ((0, 3, 23), (5, 2, 22))
    ]
    return [f"raw({locking.hex()})", f"raw({locking.hex().upper()})", *older]


def _tagged(text: str) -> list[str]:
    """X-addresses, without a tag and with the tag 7 (XLS-5d); an entry that holds value has none."""
    import base58

    from recover_chain_xrpl import addresses

    if "." in text:
        head, _, index = text.rpartition(".")
        return [f"{head}.{index.lower()}"]
    said = b"\x05\x44" + addresses.raw(text)
    ways = (said + bytes(9), said + b"\x01" + (7).to_bytes(8, "little"))
    return [base58.b58encode_check(way, alphabet=base58.XRP_ALPHABET).decode() for way in ways]


WHOLE = ("Ethereum", "Bitcoin", "Bitcoin Cash", "TRON")
"""Chains of which every form goes through a whole case; of the others, which share the code of one of them, one
form of each address does, and all with `make identity`."""
ALL = os.environ.get("RECOVER_IDENTITY") == "all"

SPELT = [
    pytest.param(chain, text, way, id=f"{chain.info.title}-{way.strip()[:24]}-{len(way)}")
    for chain in REAL
    for text, ways in forms(chain).items()
    for number, way in enumerate(ways)
    if ALL or chain.info.title in WHOLE or not number
]


def stranger(chain: Chain, number: int) -> str:
    """An address that no example shows."""
    digest = bytes([number]) * 20
    space = chain.info.id.partition(":")[0]
    if space == "xrpl":
        from recover_chain_xrpl.addresses import classic

        return classic(digest)
    text = {"eip155": f"0x{digest.hex()}", "tron": f"41{digest.hex()}"}.get(
        space, f"raw(76a914{digest.hex()}88ac)"
    )
    return chain.parse(text).text


def told(chain: Chain, name: str) -> list[Record]:
    """`name` was paid what was stolen, paid a service, and was frozen; all of it covered."""
    info, thief, service, lost = chain.info, name, stranger(chain, 7), stranger(chain, 8)
    coin = info.native.id
    if info.model == "utxo":
        legs = [
            (("reward", None, -100, None, 0), ("output", thief, 100, None, 0)),
            (("input", thief, -100, ("aa" * 32, 0), 0), ("output", service, 90, None, 0)),
        ]
        ids = ["aa" * 32, "bb" * 32]
        txs = [
            Transaction(
                chain=info.id,
                id=tx,
                place=0,
                whole=True,
                height=number,
                index=0,
                legs=tuple(
                    Leg(kind=kind, address=who, asset=coin, amount=n, spends=spends, index=at)  # type: ignore[arg-type]
                    for kind, who, n, spends, at in moved
                ),
            )
            for number, (tx, moved) in enumerate(zip(ids, legs, strict=True), 1)
        ]
    else:
        head = "0x" if info.id.startswith("eip155") else ""
        txs = [
            paid(info.id, f"{head}{digits * 32}", src, dst, n, coin, number)
            for number, (digits, src, dst, n) in enumerate(
                (("aa", lost, thief, 100), ("bb", thief, service, 90)), 1
            )
        ]
    label = named(info.id, service)
    frozen = State(kind="frozen", chain=info.id, address=thief, asset=coin, amount=1, height=9)
    event = Event(kind="freeze", chain=info.id, tx=txs[0].id, contract=lost, address=thief, asset=coin, index=5)
    claims = [Coverage(chain=info.id, address=who) for who in (thief, lost)]
    return [*txs, label, *claims, frozen, *([event] if info.model == "account" else [])]


def theft(folder: Path, chain: Chain, name: str, service: bool) -> dict[str, list[str]]:
    """The figures of a case in which `name` is the thief, or else the service that was paid."""
    folder.mkdir(parents=True)
    thief = stranger(chain, 9) if service else name
    records = told(chain, thief)
    if service:
        records = [*records, named(chain.info.id, name), *paying(chain, thief, name)]
    lost = {"address": f"{chain.info.id}:{thief}", "assets": [chain.info.native.id]}
    return figures(found(folder, [records], [lost]))


def paying(chain: Chain, thief: str, service: str) -> list[Record]:
    coin = chain.info.native.id
    if chain.info.model == "account":
        head = "0x" if chain.info.id.startswith("eip155") else ""
        return [paid(chain.info.id, f"{head}{'cc' * 32}", thief, service, 10, coin, 3)]
    legs = (
        Leg(kind="reward", address=None, asset=coin, amount=-10, index=0),
        Leg(kind="output", address=service, asset=coin, amount=10, index=0),
    )
    return [Transaction(chain=chain.info.id, id="cc" * 32, place=0, legs=legs, whole=True, height=3, index=0)]


@cache
def plain(name: str, text: str, service: bool) -> dict[str, list[str]]:
    chain = PLUGINS.chains[name]
    with TemporaryDirectory() as folder:
        return theft(Path(folder) / "plain", chain, text, service)


@pytest.mark.parametrize("service", [False, True], ids=["thief", "service"])
@pytest.mark.parametrize(("chain", "text", "way"), SPELT)
def test_every_form_of_an_address_reaches_the_same_figures(
    chain: Chain, text: str, way: str, service: bool, tmp_path: Path
) -> None:
    if not service and _memo(chain, way) is not None:
        pytest.skip("as a loss, an address with a tag is what arrived with that tag: tests/core/test_loss_memo.py")
    spelt = plain(chain.info.id, text, service)
    assert theft(tmp_path / "way", chain, way, service) == spelt
    assert any("Kraken" in row for row in spelt["offramps"]), "lest both be empty"


def _memo(chain: Chain, way: str) -> str | None:
    asked_for = getattr(chain, "memo", None)
    return None if asked_for is None else asked_for(way)


@pytest.mark.parametrize("chain", REAL, ids=lambda chain: chain.info.title)
def test_every_form_of_an_address_is_spelt_in_one_way_in_every_table(chain: Chain) -> None:
    tried = 0
    for text, ways in forms(chain).items():
        wanted, refused = spell(Batch.of(*told(chain, text)), Spelling(chains=PLUGINS.chains))
        assert not refused
        for way in ways:
            made, refused = spell(Batch.of(*told(chain, way)), Spelling(chains=PLUGINS.chains))
            assert not refused
            assert made.tables() == wanted.tables(), way
            tried += 1
    assert tried, "an address with one form only tries nothing"


# A key that is paid bare.


KEY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
COINS = [c for c in REAL if c.info.title in ("Bitcoin", "Bitcoin Cash", "Dogecoin")]


def bare(chain: Chain, thief: str, service: str, listed: str) -> list[Record]:
    """`thief` is paid and pays `service`, which a list names as `listed`."""
    coin = chain.info.native.id
    moved = [
        (Leg(kind="reward", address=None, asset=coin, amount=-9, index=0), ("aa" * 32, thief, 9)),
        (
            Leg(kind="input", address=thief, asset=coin, amount=-9, spends=("aa" * 32, 0), index=0),
            ("bb" * 32, service, 9),
        ),
    ]
    txs = [
        Transaction(
            chain=chain.info.id,
            id=tx,
            place=0,
            whole=True,
            height=height,
            index=0,
            legs=(leg, Leg(kind="output", address=who, asset=coin, amount=n, index=0)),
        )
        for height, (leg, (tx, who, n)) in enumerate(moved, 1)
    ]
    claims = [Coverage(chain=chain.info.id, address=who) for who in (thief, service)]
    return [*txs, named(chain.info.id, listed), *claims]


@pytest.mark.slow
@pytest.mark.parametrize("chain", COINS, ids=lambda chain: chain.info.title)
def test_a_label_and_a_loss_by_any_address_of_a_bare_key_reach_it(chain: Chain, tmp_path: Path) -> None:
    opened = asked(PLUGINS, chain.info.id)
    assert opened is not None
    key = f"pk({KEY})"
    other = opened("pk(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5)")[0]
    plain = None
    for number, form in enumerate((key, *opened(key))):
        folder = tmp_path / f"label{number}"
        folder.mkdir()
        path = found(folder, [bare(chain, other, key, form)], [{"address": f"{chain.info.id}:{other}"}])
        told = _ramps(path)
        assert told == [("Kraken", key, "9")], form
        plain = plain or told
    for number, form in enumerate((key, *opened(key))):
        folder = tmp_path / f"loss{number}"
        folder.mkdir()
        path = found(folder, [bare(chain, key, other, other)], [{"address": f"{chain.info.id}:{form}"}])
        assert _ramps(path) == [("Kraken", other, "9")], form
    # The ledger may show the address, and a list the key.
    for number, form in enumerate(opened(key)):
        folder = tmp_path / f"key{number}"
        folder.mkdir()
        path = found(folder, [bare(chain, other, form, key)], [{"address": f"{chain.info.id}:{other}"}])
        assert _ramps(path) == [("Kraken", form, "9")], form
        folder = tmp_path / f"from{number}"
        folder.mkdir()
        path = found(folder, [bare(chain, form, other, other)], [{"address": f"{chain.info.id}:{key}"}])
        assert _ramps(path) == [("Kraken", other, "9")], form


def _ramps(path: Path) -> list[tuple[str, ...]]:
    """Service, its wallets that were paid, and what of the loss came there."""
    rows = derived.read(open_for_reading(path), "offramps").to_pylist()
    return [(row["service"], *row["hot_wallets"], row["amount"]) for row in rows]


def test_a_history_of_one_form_is_no_history_of_another(tmp_path: Path) -> None:
    """An index keeps a bare key and the address that hashes it apart, so one may move when the other rests."""
    chain = next(c for c in COINS if c.info.title == "Bitcoin")
    opened = asked(PLUGINS, chain.info.id)
    assert opened is not None
    key = f"pk({KEY})"
    records = bare(chain, key, opened(key)[0], "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    records = [r for r in records if not (isinstance(r, Coverage) and r.address == key)]
    ends = figures(found(tmp_path, [records], [{"address": f"{chain.info.id}:{key}"}]))
    assert any("history-partial" in row and KEY in row for row in ends["gaps"])


@pytest.mark.parametrize(
    ("to", "other", "kept"),
    [
        (BITCOIN, NATIVE.upper(), NATIVE),
        (BITCOIN, "no address anywhere", None),
        ("nowhere:1", "as it is told there", "as it is told there"),
        ("", NATIVE, NATIVE),
    ],
)
def test_a_crossing_s_recipient_is_of_the_chain_that_it_leads_to(to: str, other: str, kept: str | None) -> None:
    said = Assertion(
        kind="cross",
        chain="eip155:1",
        address="0x" + "1" * 40,
        grade="A",
        method="bridge-any",
        version="1",
        source="recover",
        other=other,
        params=json.dumps({"to_chain": to}),
    )
    same = replace(said, kind="same-owner", other="0x" + "2" * 40, params="{}")
    made, refused = spell(Batch.of(said, same), Spelling(chains=PLUGINS.chains))
    assert refused == []
    assert made.assertions is not None
    assert made.assertions["other"].to_pylist() == [kept, same.other]
    assert [other in note for note in made.assertions["note"].to_pylist()] == [kept is None, False]


@pytest.mark.parametrize("to_tx", ["f" * 64, "no transaction anywhere", ""])
@pytest.mark.parametrize("sender", ["0x" + "1" * 40, "nobody's address", ""])
def test_what_a_crossing_names_is_spelt_or_left_out_and_never_stops_a_run(to_tx: str, sender: str) -> None:
    """Each name by the chain that it is on; what the logs made up is told in the note."""
    here = "0x" + "A" * 64
    said = Assertion(
        kind="cross",
        chain="eip155:1",
        address=sender,
        grade="A",
        method="bridge-any",
        version="1",
        source="recover",
        transactions=tuple(tx for tx in ((here, to_tx) if sender else (to_tx,)) if tx),
        params=json.dumps({"to_chain": BITCOIN, "to_tx": to_tx.upper(), "into": f"{BITCOIN}/slip44:0"}),
    )
    made, refused = spell(Batch.of(said), Spelling(chains=PLUGINS.chains))
    assert refused == []
    assert made.assertions is not None
    (row,) = made.assertions.to_pylist()
    there = to_tx if to_tx == "f" * 64 else ""
    assert json.loads(row["params"])["to_tx"] == there
    assert row["address"] == (sender if sender.startswith("0x") else "")
    assert row["transactions"] == [
        *([here.lower()] if row["address"] else [*([here] if sender else [])]),
        *([there] if there else []),
    ]
    assert ("no transaction anywhere".upper() in row["note"]) == (to_tx.startswith("no"))
    assert ("nobody" in row["note"]) == sender.startswith("nobody")
