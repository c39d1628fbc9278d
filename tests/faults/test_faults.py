"""Situations that came out wrong somewhere, and forms that people hold, each held to a table written from the
protocols alone by somebody who had not seen this program (`faults.toml`, `forms.toml`).

The real commands run on every sample. What the table calls a gap may carry another code here; `SAME` says which.
`SHORT` lists where the program falls short of the table, or departs from it, each with its reason: a case that is
listed there and comes out right fails, so that the list stays true.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from tests.faults import variants
from tests.faults.changes import Change

from recover.cli import main as program
from recover.plugins import registry

HERE = Path(__file__).parent
OPEN = ("--title", "T", "--examiner", "E", "--agency", "A", "--rule", "fifo")
REFUSED, GAPS = 2, 5

HINT = "(a label that is shown as possible)"

SAME: Mapping[str, frozenset[str]] = {
    "page-cut": frozenset({"page-cut"}),
    "page-missing": frozenset({"page-cut", "history-unnamed"}),
    "page-unknown": frozenset({"history-unnamed"}),
    "payer-unknown": frozenset({"history-unnamed", "payer-unknown"}),
    "internal-unknown": frozenset({"history-unnamed"}),
    "fee-unknown": frozenset({"history-unnamed", "fee-unknown"}),
    "tokens-elsewhere": frozenset({"calls-elsewhere"}),
    "internal-elsewhere": frozenset({"calls-elsewhere"}),
    "equal-rows": frozenset({"equal-rows", "history-unnamed"}),
    "status-unknown": frozenset({"outcome-unknown"}),
    "decimals-unknown": frozenset({"decimals-unknown"}),
    "value-unknown": frozenset({"value-unknown"}),
    "replaced": frozenset({"replaced"}),
    "unconfirmed": frozenset({"unconfirmed"}),
    "double-spend": frozenset({"double-spend", "contradiction"}),
    "contradiction": frozenset({"contradiction"}),
    "label-conflict": frozenset({"label-conflict"}),
    "selfdestruct-unknown": frozenset({"self-destruct-unknown"}),
    "transaction-missing": frozenset({"payer-unknown"}),
    "not-found": frozenset({"answer-empty"}),
    "reorganised": frozenset({"log-removed", "reorganised"}),
    "amount-ambiguous": frozenset({"amount-ambiguous"}),
    "date-ambiguous": frozenset({"date-ambiguous"}),
    "mweb": frozenset({"extension-block"}),
    "input-unknown": frozenset({"inputs-unknown"}),
    "loss-empty": frozenset({"loss-empty"}),
    "label-other-chain": frozenset({HINT, "label-refused"}),
    "address-bad": frozenset({"label-address", "label-refused", "label-network"}),
    "address-invisible": frozenset({"label-address", "label-refused"}),
}
SAID_OTHERWISE = frozenset({"decimals-assumed", "asset-not-listed", "time-unknown", "label-same-key"})
"""Not gaps here: the register's decimals are the asset's, a look-alike is excluded by name, blocks order, and a
label of a key's address is read as one of the bare key, with a note that says so."""

SHORT: Mapping[str, str] = {
    "02-all-v2": "TronGrid's items have no number and the files do not say whose history they are: an item that"
    " only one of them lists cannot be told from one that the other leaves out",
    "10-v1": "an item that a page shows is a movement of at least that much; it is followed, and a gap says that"
    " the transaction may have moved more, as the table accepts for both pages together",
    "13-v3": "no gap of its own for what code moved: such files claim no history, so nothing is at rest by them",
    "26-hex.yaml-v1": "0x and 40 digits are every EVM chain's; as TRON's they are refused, with a gap",
    "47-v3": "a file of two chains is refused, and the error says to split it",
    "47-v4": "a file that names no chain is read as Ethereum's, with a gap that says so and how to settle it",
    "50-v2": "the transaction in no block is not followed; the gap says that another can take its place, not that"
    " one did, for a nonce is not compared across exhibits",
    "50-v3": "an empty answer is refused at import, in words, and is no exhibit",
    "52-lower.csv-v1": "40 digits without 0x are the form of many hashes: the label is left out with a gap",
}
"""Where the program falls short of the table, or departs from it, and why; each is held to stay so."""

LOSSES: Mapping[str, tuple[str, ...]] = {
    "25-ltc": ("--tx", "@ltc.id"),
    "25-bch": ("--tx", "@bch.id"),
    "25-doge": ("--tx", "@doge.id"),
    "26": ("--tx", "@id"),
    "36": ("--address", "TTw4dRYwZX2eHrQREYH5CkCRXuUnQBRgvt"),
    "44": ("--tx", "d201a43076154c8dcb77b490970b5ac190017b8e5ee0791d4925dc2cda30719a"),
    "47": ("--address", "eip155:56:0xbb05cc1fae26f290224847b8bfbd9e70641dc05f"),
    "52": ("--address", "eip155:1:0xbb05cc1fae26f290224847b8bfbd9e70641dc05f"),
}
"""What a case of a folder has lost, where its table speaks of services; `@` stands for what a file holds."""

BESIDE = {"36": "35-transfers-excel/ok.csv"}
"""A file that a folder's samples need beside them, as their table says."""


@dataclass(slots=True, kw_only=True)
class Came:
    """What the commands gave. `nets` are of what counts as moved, by transaction, address and asset."""

    imported: int
    said: str
    exit: int = 0
    nets: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    followed: frozenset[str] = frozenset()
    gaps: frozenset[str] = frozenset()
    offramps: frozenset[tuple[str, str]] = frozenset()
    labels: frozenset[tuple[str, str]] = frozenset()


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The plugins are found once for all cases: finding them takes longer than a case."""
    monkeypatch.setattr(registry, "load", lambda: PLUGINS)
    monkeypatch.chdir(tmp_path)


PLUGINS = registry.load()


def faults() -> Iterator[Any]:
    for one in tomllib.loads((HERE / "faults.toml").read_text("utf-8"))["fault"]:
        yield pytest.param(one, id=one["id"], marks=short(one["id"]))


def forms() -> Iterator[Any]:
    for form in tomllib.loads((HERE / "forms.toml").read_text("utf-8"))["form"]:
        whole = form["name"] == "blockscout-json-rpc"  # its net needs both of its files
        alone = [[file] for file in (*form["files"], *[form["second"]["file"] for _ in (0,) if "second" in form])]
        for files in [form["files"]] if whole else alone:
            name = f"{form['name']}/{'+'.join(files)}"
            yield pytest.param(form, files, id=name, marks=short(name))


def short(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(reason=SHORT[name], strict=True)] if name in SHORT else []


@pytest.mark.parametrize("one", list(faults()))
def test_a_fault_comes_out_as_the_protocol_has_it(one: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    folder, right = HERE / "samples" / one["folder"], one["right"]
    files = [folder / name for name in one["file"]]
    began = next((key for key in LOSSES if one["id"].startswith(key)), None)
    files[:0] = [HERE / "samples" / BESIDE[key] for key in BESIDE if one["id"].startswith(key)]
    loss = [_held(folder, word) for word in LOSSES[began]] if began else []
    command = right.get("command")
    if command:
        loss = command.split(" CASE ")[1].split()
    came = run(files, one["chain"], loss, capsys)
    if command and right["outcome"].startswith("refuse") and came.imported == REFUSED:
        return
    held(came, right, right["outcome"])


def changed() -> Iterator[Any]:
    for one in tomllib.loads((HERE / "faults.toml").read_text("utf-8"))["fault"]:
        for variant in one.get("variant", ()):
            if (change := variants.MADE.get(variant["id"])) is not None:
                yield pytest.param(one, variant["right"], change, id=variant["id"], marks=short(variant["id"]))


@pytest.mark.parametrize(("one", "right", "change"), list(changed()))
def test_a_described_variant_comes_out_as_the_protocol_has_it(
    one: dict[str, Any], right: dict[str, Any], change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = HERE / "samples" / one["folder"]
    began = next((key for key in LOSSES if one["id"].startswith(key)), None)
    loss = change.loss or (LOSSES[began] if began else ())
    first = [HERE / "samples" / BESIDE[key] for key in BESIDE if one["id"].startswith(key)]
    files = change.make({name: (folder / name).read_bytes() for name in (*one["file"], *change.more)})
    right = {**right, "net": [{**net, **_named(net, change.names)} for net in right.get("net", ())]}
    for name, data in files.items():
        Path(name).write_bytes(data)
    said = one["chain"] if change.chain is None else change.chain
    came = run([*first, *map(Path, files)], said, [_held(folder, word) for word in loss], capsys)
    held(came, right, right["outcome"])


def _named(net: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {key: names[net[key]] for key in ("tx", "address") if net[key] in names}


def test_a_single_token_is_listed_as_itself_and_never_as_an_amount(capsys: pytest.CaptureFixture[str]) -> None:
    files = {"web3py.json": (HERE / "samples/32-json/web3py.json").read_bytes()}
    Path("receipt.json").write_bytes(variants.MADE["32-w3-v3"].make(files)["web3py.json"])
    run([Path("receipt.json")], "eip155:1", [], capsys)
    (row,) = [row for row in shown("transfers", capsys) if row["kind"] == "transfer"]
    assert row["asset"] == "eip155:1/erc721:0xdac17f958d2ee523a2206206994597c13d831ec7/7"
    assert (row["amount"], row["excluded"]) == ("1", "single token")


def test_every_variant_is_made_or_says_why_not() -> None:
    listed = tomllib.loads((HERE / "faults.toml").read_text("utf-8"))["fault"]
    ids = {variant["id"] for one in listed for variant in one.get("variant", ())}
    assert set(variants.MADE) | set(variants.NOT_MADE) == ids
    assert not set(variants.MADE) & set(variants.NOT_MADE)


@pytest.mark.parametrize(("form", "files"), list(forms()))
def test_a_form_that_people_hold(
    form: dict[str, Any], files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = [each for each in form.get("per_file", ()) if each["file"] in files]
    right, outcome = form, said[0]["outcome"] if said else form["outcome"]
    second = form.get("second", {})
    if second.get("file") in files:
        right = {**second, "gaps": [{"code": second["gap"]}]}
    came = run([HERE / "forms" / form["name"] / file for file in files], form["chain"], [], capsys)
    if came.imported == 0 and not right.get("net"):
        right = {**right, "net": []}
    held(came, right, outcome)
    if came.imported == 0:
        assert {(each["chain"], each["address"].lower()) for each in form.get("labels", ())} <= came.labels


def held(came: Came, right: Mapping[str, Any], outcome: str) -> None:
    """Exit code, figures and gaps beside the table's."""
    # One bad label of a list is left out with a gap; that the table says `refuse` and names that gap is the same.
    may_refuse, must_refuse = "refuse" in outcome, outcome == "refuse" and not right.get("gaps")
    if came.imported != 0:
        assert may_refuse, f"refused, and the table says {outcome}: {came.said}"
        assert came.imported == REFUSED
        assert "\n  why:" in came.said
        assert "\n  do:" in came.said
        return
    assert not must_refuse, "read, and the table says that it must be refused"
    assert came.exit in (0, GAPS)
    wanted = {
        (net["tx"], net["address"].lower(), net["asset"]): int(net["amount"])
        for net in right.get("net", ())
        if int(net["amount"])
    }
    if not outcome.startswith("gap-or-bounded"):
        assert came.nets == wanted
    # What the table has a net for moves something and is listed; not to be followed is what passes through it, as
    # `test_value_is_not_followed_through_an_extension_block` holds.
    shown_there = {net["tx"] for net in right.get("net", ()) if int(net["amount"])}
    assert not came.followed & (set(right.get("unfollowed", ())) - shown_there) or outcome == "gap-or-bounded"
    for gap in right.get("gaps", ()):
        if gap["code"] not in SAID_OTHERWISE:
            assert came.gaps & SAME[gap["code"]], f"nothing says {gap['code']}: {sorted(came.gaps)}"
            assert came.exit == GAPS
    for ramp in (*right.get("offramps", ()), *right.get("offramp_or_hint", ())):
        assert (ramp["service"], ramp["amount"]) in came.offramps
    if "offramps" in right and not right["offramps"] and "offramp_or_hint" not in right:
        # An end that a hint stands beside is a row that names nobody.
        assert not {service for service, _ in came.offramps if service}


def run(files: Sequence[Path], chain: str, loss: Sequence[str], capsys: pytest.CaptureFixture[str]) -> Came:
    """The commands on a case of these files. A loss that is not accepted counts as a refusal."""
    said = ["--chain", chain] if chain else []
    assert program.main(["open", "c", *OPEN]) == 0
    # The table knows only the labels that it brings: what is installed beside may name a real address.
    settings = Path("c/case.toml")
    settings.write_text(settings.read_text().replace("[link]\n", "[link]\nbase = false\n"))
    for file in files:
        capsys.readouterr()
        if code := program.main(["import", "c", str(file), *said]):
            return Came(imported=code, said=capsys.readouterr().err)
    if loss and (code := program.main(["loss", "c", *loss])):
        return Came(imported=code, said=capsys.readouterr().err)
    code = program.main(["run", "c", "--until", "find" if loss else "link"])
    capsys.readouterr()
    transfers = shown("transfers", capsys)
    return Came(
        imported=0,
        said="",
        exit=code,
        nets=_nets(transfers),
        followed=frozenset(row["tx"] for row in transfers if not row["excluded"] and row["kind"] != "fee"),
        gaps=frozenset(row["code"] for row in (shown("gaps", capsys) if loss else _decoded()))
        | {HINT for row in shown("assertions", capsys) if row["role"] == "possible"},
        offramps=frozenset((row["service"], row["amount"]) for row in (shown("offramps", capsys) if loss else ())),
        labels=frozenset(
            (row["chain"], row["address"].lower())
            for file in Path("c/derived/decoded").glob("*/assertions.parquet")
            for row in parquet.read_table(file).to_pylist()
        ),
    )


def _decoded() -> list[dict[str, Any]]:
    """The gaps of a case that declares no loss: they have no command before there are findings."""
    found: list[dict[str, Any]] = parquet.read_table("c/derived/ledger/gaps.parquet").to_pylist()
    return found


def shown(what: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    code = program.main(["show", "c", what, "--json", "--limit", "0"])
    out = capsys.readouterr().out
    found: list[dict[str, Any]] = json.loads(out) if code in (0, GAPS) else []
    return found


def _nets(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], int]:
    """Per transaction, address and asset; what a failed transaction tried counts for nothing, its fee does."""
    nets: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        aside = row["excluded"] in ("failed", "outcome unknown", "contradicted", "reorganised")
        # A token by its number is listed and is no amount: see `test_a_single_token_is_listed`.
        if (aside and row["kind"] != "fee") or row["amount"] is None or row["excluded"] == "single token":
            continue
        for side, sign in (("src", -1), ("dst", 1)):
            if row[side]:
                nets[row["tx"], row[side].lower(), row["asset"]] += sign * int(row["amount"])
    return {key: net for key, net in nets.items() if net}


def _held(folder: Path, word: str) -> str:
    before, at, file = word.partition("@")
    return before + (folder / file).read_text("utf-8").strip() if at else word


def test_value_is_not_followed_through_an_extension_block(capsys: pytest.CaptureFixture[str]) -> None:
    """What was pegged in meets the pool, and what comes out of the next integrating transaction is anybody's."""
    paid = _coins((("11" * 32, 0),), ((500, "5920" + "77" * 32),))
    before = _coins((("22" * 32, 0),), ((8_600, "5820" + "89" * 32),), flag=8)
    integrating = _coins(((_id(paid), 0), (_id(before), 0)), ((9_000, "5820" + "90" * 32),), flag=8)
    after = _coins(((_id(integrating), 0),), ((8_000, "5820" + "91" * 32), (900, "0014" + "33" * 20)), flag=8)
    Path("ltc.hex").write_text("\n".join((paid, before, integrating, after)) + "\n", "utf-8")
    came = run([Path("ltc.hex")], LITECOIN, ("--tx", f"{LITECOIN}:{_id(paid)}"), capsys)
    assert came.imported == 0, came.said
    assert {flow["tx"] for flow in shown("flows", capsys)} == {_id(paid)}, "nothing of it goes further"
    found = {row["kind"]: row for row in shown("findings", capsys)}
    assert (found["mix"]["subject"], found["mix"]["slots"]["class"]) == (_id(integrating), "extension-block")
    assert found["conservation"]["slots"]["mixer"] == "500"


LITECOIN = "bip122:12a765e31ffd4059bada1e25190f6e98"


def _coins(spent: Sequence[tuple[str, int]], paid: Sequence[tuple[int, str]], flag: int = 0) -> str:
    """A transaction as hexadecimal digits. With the flag 8, one zero byte stands before the lock time."""
    inputs = "".join(
        bytes.fromhex(tx)[::-1].hex() + n.to_bytes(4, "little").hex() + "00ffffffff" for tx, n in spent
    )
    outputs = "".join(v.to_bytes(8, "little").hex() + f"{len(s) // 2:02x}{s}" for v, s in paid)
    body = f"{len(spent):02x}{inputs}{len(paid):02x}{outputs}"
    return f"02000000{f'00{flag:02x}' if flag else ''}{body}{'00' if flag else ''}00000000"


def _id(tx: str) -> str:
    bare = tx.replace("020000000008", "02000000", 1)
    bare = bare if bare == tx else bare[:-10] + bare[-8:]
    return sha256(sha256(bytes.fromhex(bare)).digest()).digest()[::-1].hex()
