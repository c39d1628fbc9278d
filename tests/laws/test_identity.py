"""One place has one name, and one text on two chains is two places: through a whole case, to its figures.

Spelling: every form of every address of every installed chain, written by the source, the label, the loss, the
claim of coverage and the freeze, reaches the figures of the chain's own spelling. Chains: what a case says of one
chain is what it would say if the other were not in it, though both have the same texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from recover.case import derived, open_for_reading, open_for_writing
from recover.declared import losses
from recover.ledger.forms import asked
from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.sdk import (
    Address,
    Ask,
    Assertion,
    Asset,
    Batch,
    Chain,
    ChainInfo,
    Coverage,
    Event,
    Exhibit,
    Leg,
    NotRecognised,
    Recorder,
    Source,
    SourceInfo,
    State,
    Transaction,
    TxId,
    plugin,
)
from recover.sdk.batch import Record
from recover.sdk.identity import Spelling, spell
from recover.stages import collect, open, run


class Toy:
    """A chain whose addresses begin with a, and whose transactions begin with t: like its neighbour's."""

    def __init__(self, chain: str, model: Any) -> None:
        coin = Asset(id=f"{chain}/slip44:1", symbol="TOY", decimals=0)
        self.info = ChainInfo(id=chain, title=chain, model=model, native=coin, assets=(coin,))

    def parse(self, text: str) -> Address | TxId:
        if text[:1] in ("a", "t") and text.isascii() and text.isalnum():
            return (Address if text[0] == "a" else TxId)(chain=self.info.id, text=text)
        raise NotRecognised("toy", f"{text!r} is nothing here.", "It begins with neither a nor t.", "Mend it.")


TOYS = [Toy(f"{name}:1", model) for name, model in (("left", "account"), ("right", "account"))]
TOYS += [Toy(f"{name}:1", "utxo") for name in ("lcoin", "rcoin")]
RECORDS: dict[bytes, tuple[Record, ...]] = {}


class Told:
    """Exhibits are names of records kept here."""

    info = SourceInfo(
        id="told", version="1", title="T", chains=("*",), place="line", media="text", terms="Made for tests."
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith(b"told ")

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield Batch.of(*RECORDS[exhibit.data])


class Plugged:
    @plugin
    def recover_chains(self) -> list[Chain]:
        return list(TOYS)

    @plugin
    def recover_sources(self) -> list[Source]:
        return [Told()]


def load() -> Plugins:
    loaded = registry.load(extra=[Plugged()])
    assert not loaded.broken
    return Plugins(
        chains=loaded.chains,
        sources={"told": loaded.sources["told"]},
        exporters=loaded.exporters,
        templates=loaded.templates,
        origins=loaded.origins,
    )


PLUGINS = load()
REAL = [chain for name, chain in PLUGINS.chains.items() if name not in {toy.info.id for toy in TOYS}]


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def found(folder: Path, exhibits: Sequence[Sequence[Record]], lost: Sequence[Mapping[str, Any]]) -> Path:
    """A case over these exhibits and losses, run to its findings."""
    path = folder / "case"
    open.create(path, title="T", examiner="N", agency="A", rule="fifo")
    files = []
    for number, records in enumerate(exhibits):
        told = f"told {folder} {number}".encode()
        RECORDS[told] = tuple(records)
        files.append(folder / f"{number}.txt")
        files[-1].write_bytes(told)
    with open_for_writing(path, "test") as case:
        collect.files(case, PLUGINS, files, [], quiet)
        for loss in lost:
            losses.declare(case, PLUGINS, **loss)
        run.everything(case, PLUGINS, quiet, until="find")
    return path


_TABLES = ("ends", "offramps", "accounts", "findings", "gaps")
_NUMBERS = ("id", "seq", "first", "last", "place", "exhibits")


def figures(path: Path) -> dict[str, list[str]]:
    """Every row of every table that papers are written from, without the numbers that depend on what else is
    there."""
    case = open_for_reading(path)
    told = {}
    for name in _TABLES:
        rows = derived.read(case, name).to_pylist()
        told[name] = sorted(
            json.dumps({k: v for k, v in row.items() if k not in _NUMBERS}, default=str, sort_keys=True)
            for row in rows
        )
    return told


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


WHOLE = ("Ethereum", "Bitcoin", "Bitcoin Cash", "Litecoin", "Dogecoin", "TRON")
"""Chains tried through a whole case; others share the code of one of them, and are tried at the door."""

SPELT = [
    pytest.param(chain, text, way, id=f"{chain.info.title}-{way.strip()[:24]}-{len(way)}")
    for chain in REAL
    for text, ways in forms(chain).items()
    for way in ways
    if chain.info.title in WHOLE
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


def named(chain: str, address: str) -> Assertion:
    return Assertion(
        kind="label",
        chain=chain,
        address=address,
        grade="B",
        method="told",
        version="1",
        service="Kraken",
        label="Kraken",
        role="hot-wallet",
    )


def paid(chain: str, tx: str, src: str, dst: str, n: int, asset: str, height: int) -> Transaction:
    legs = (
        Leg(kind="transfer", address=src, asset=asset, amount=-n, pair=0, index=0),
        Leg(kind="transfer", address=dst, asset=asset, amount=n, pair=0, index=0),
    )
    return Transaction(chain=chain, id=tx, place=0, legs=legs, whole=True, height=height, index=0)


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
    spelt = plain(chain.info.id, text, service)
    assert theft(tmp_path / "way", chain, way, service) == spelt
    assert any("Kraken" in row for row in spelt["offramps"]), "lest both be empty"


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


# Two chains with the same texts.


NAMES = [f"a{n}" for n in range(6)]
SERVICES = ["", "Kraken", "Binance"]


def side(draw: st.DrawFn, chain: Toy) -> tuple[list[Record], dict[str, Any]]:
    """What one chain's exhibit says, and the loss on it; ids and addresses are those of the other chain too."""
    info, coin = chain.info, chain.info.native.id
    who, amount = st.sampled_from(NAMES), st.integers(1, 9)
    txs: list[Record] = []
    if info.model == "account":
        for number in range(draw(st.integers(1, 5))):
            src, dst, n = draw(who), draw(who), draw(amount)
            height = draw(st.integers(1, 3))
            txs.append(paid(info.id, f"t{number}", src, dst, n, coin, height))
    else:
        txs += coins(draw, info.id, coin)
    said: list[Record] = []
    for name in NAMES:
        if draw(st.booleans()):
            said.append(Coverage(chain=info.id, address=name))
        if service := draw(st.sampled_from(SERVICES)):
            role = draw(st.sampled_from(["hot-wallet", "other"]))
            said.append(replace(named(info.id, name), service=service, label=service, role=role))
        if info.model == "account" and draw(st.booleans()):
            said.append(State(kind="frozen", chain=info.id, address=name, asset=coin, amount=1, height=9))
        if info.model == "account" and draw(st.booleans()):
            said.append(
                Event(kind="freeze", chain=info.id, tx="t0", contract="a9", address=name, asset=coin, index=7)
            )
    if draw(st.booleans()):
        said.append(
            Assertion(
                kind="mix",
                chain=info.id,
                address="",
                grade="B",
                method="told",
                version="1",
                label="whirlpool",
                role="definite",
                transactions=("t1",),
            )
        )
    if draw(st.booleans()):
        return [*txs, *said], {"address": f"{info.id}:{draw(who)}"}
    return [*txs, *said], {"tx": f"{info.id}:t0"}


def coins(draw: st.DrawFn, chain: str, coin: str) -> list[Record]:
    """A coinbase, and a payment of it with change."""
    who = st.sampled_from(NAMES)
    first, change = draw(who), draw(st.integers(1, 8))
    reward = Leg(kind="reward", address=None, asset=coin, amount=-10, index=0)
    legs = [
        (reward, Leg(kind="output", address=first, asset=coin, amount=10, index=0)),
        (
            Leg(kind="input", address=first, asset=coin, amount=-10, spends=("t0", 0), index=0),
            Leg(kind="output", address=draw(who), asset=coin, amount=change, index=0),
            Leg(kind="output", address=draw(who), asset=coin, amount=10 - change, index=1),
        ),
    ]
    return [
        Transaction(chain=chain, id=f"t{n}", place=0, legs=one, whole=True, height=n + 1, index=0)
        for n, one in enumerate(legs)
    ]


@st.composite
def pairs(draw: st.DrawFn) -> list[tuple[list[Record], dict[str, Any]]]:
    model = draw(st.sampled_from([0, 2]))
    return [side(draw, toy) for toy in TOYS[model : model + 2]]


# Each example is three cases, so that a failing one is shown as it was found, and not made smaller first.
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pairs())
def test_what_is_said_of_one_chain_changes_nothing_on_another(
    tmp_path_factory: pytest.TempPathFactory, both: list[tuple[list[Record], dict[str, Any]]]
) -> None:
    alone = [figures(found(tmp_path_factory.mktemp("one"), [records], [lost])) for records, lost in both]
    together = figures(
        found(tmp_path_factory.mktemp("two"), [records for records, _ in both], [lost for _, lost in both])
    )
    # The second loss and the second exhibit are the first where the chain stands alone.
    second = {name: [_second(row) for row in rows] for name, rows in alone[1].items()}
    for name, rows in together.items():
        assert rows == sorted(alone[0][name] + second[name]), name


def _second(row: str) -> str:
    return (
        row.replace('"L1"', '"L2"')
        .replace("loss L1", "loss L2")
        .replace("L1", "L2")
        .replace("xhibit 1", "xhibit 2")
    )


# Two EVM chains.


ETHEREUM, BSC = "eip155:1", "eip155:56"
V, T, S = ("0x" + digit * 40 for digit in "123")


def chain_of(chain: str, *more: Record) -> list[Record]:
    coin = PLUGINS.chains[chain].info.native.id
    return [
        paid(chain, "0x" + "aa" * 32, V, T, 100, coin, 1),
        paid(chain, "0x" + "bb" * 32, T, S, 90, coin, 2),
        *more,
    ]


def test_a_complete_listing_on_one_chain_puts_nothing_at_rest_on_another(tmp_path: Path) -> None:
    claims = [Coverage(chain=ETHEREUM, address=who) for who in (V, T, S)]
    ends = []
    for number, records in enumerate((chain_of(BSC), [*chain_of(ETHEREUM, *claims), *chain_of(BSC)])):
        folder = tmp_path / str(number)
        folder.mkdir()
        told = figures(found(folder, [records], [{"address": f"{BSC}:{T}"}]))
        ends.append((told["ends"], told["gaps"]))
    assert ends[0] == ends[1]
    assert any("uncollected" in row and S in row for row in ends[0][0])


def test_a_label_on_another_chain_of_one_address_space_is_a_hint_and_no_name(tmp_path: Path) -> None:
    covered = [Coverage(chain=BSC, address=who) for who in (V, T, S)]
    path = found(tmp_path, [chain_of(BSC, *covered), [named(ETHEREUM, S)]], [{"address": f"{BSC}:{T}"}])
    rows = derived.read(open_for_reading(path), "labels").to_pylist()
    assert [(row["chain"], row["role"], row["grade"]) for row in rows] == [(BSC, "possible", "D")]


def test_a_transaction_id_on_two_chains_is_two_transactions(tmp_path: Path) -> None:
    exhibits = [chain_of(ETHEREUM, named(ETHEREUM, S)), chain_of(BSC)]
    lost = [{"tx": f"{ETHEREUM}:0x{'aa' * 32}"}]
    for number, given_ in enumerate((exhibits, exhibits[:1])):
        folder = tmp_path / str(number)
        folder.mkdir()
        ends = derived.read(open_for_reading(found(folder, given_, lost)), "ends").to_pylist()
        assert {row["asset"].split("/")[0] for row in ends} == {ETHEREUM}
