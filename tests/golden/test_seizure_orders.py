"""The case from seizure orders 15/22 and 19/23: every swept total to the unit, every account closed."""

from __future__ import annotations

import csv
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from recover.case import Case, derived, open_for_writing
from recover.declared import losses
from recover.findings import stored
from recover.linking import installed
from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.sdk import Finding, OffRamp
from recover.stages import collect, open, run

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "casefiles" / "tron-seizure-orders-example"
EXPORT = ROOT.parent / "shared" / "data" / "tron-cases" / "seizure-orders" / "trc20_xfers_dev.csv"
HUB = "TAUN6FwrnwwmaEqYcckffC7wYmbaS6cBiX"
TOTALS = {"OKX": (12_156_293_990_044, 428), "Binance": (6_532_930_648_911, 566), "MEXC": (265_543_086_651, 142)}


@dataclass(frozen=True)
class Worked:
    ramps: tuple[OffRamp, ...]
    findings: tuple[Finding, ...]
    origins: list[dict[str, str]]
    names: dict[str, str]


def work(path: Path, imports: list[tuple[Path, list[str]]], named: bool = False) -> Worked:
    plugins = registry.load()
    open.create(path, title="Orders", examiner="N", agency="A", rule="fifo")
    with open_for_writing(path, "test") as case:
        for file, sources in imports:
            collect.files(case, plugins, [file], sources, quiet)
        for loss in recipe()["loss"]:
            losses.declare(case, plugins, address=loss["address"], assets=["USDT"], label=loss["label"])
        if named:
            pin(case, plugins)
        run.everything(case, plugins, quiet, until="find")
        names = {r["address"]: r["service"] for r in derived.read(case, "labels").to_pylist() if r["service"]}
        return Worked(
            stored.offramps(case), stored.findings(case), derived.read(case, "origins").to_pylist(), names
        )


def pin(case: Case, plugins: Plugins) -> None:
    """The installed base of labels, as `recover run` pins it."""
    for base in installed.installed(plugins.templates):
        installed.take(case, plugins, base)


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def recipe() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = tomllib.loads((EXAMPLE / "demo.toml").read_text())
    return found


def wallets() -> Iterator[dict[str, str]]:
    yield from tomllib.loads((EXAMPLE / "expected.toml").read_text())["wallet"]


def swept(ramps: tuple[OffRamp, ...]) -> dict[str | None, tuple[int, int]]:
    totals: dict[str | None, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for ramp in ramps:
        amount, count = totals[ramp.service]
        totals[ramp.service] = (amount + ramp.swept, count + ramp.sweeps)
    return dict(totals)


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    if not EXPORT.is_file():
        pytest.skip(
            f"THE EVALUATION DATA IS ABSENT: {EXPORT.name} is not beside this checkout, so nothing was compared"
        )
    both = ["tron-explorer-trc20", "tron-explorer-tags"]
    return work(tmp_path_factory.mktemp("tagged") / "case", [(EXPORT, both)])


@pytest.fixture(scope="module")
def licensed(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    files = [EXAMPLE / step["file"] for step in recipe()["import"]]
    sources = [[step["source"]] for step in recipe()["import"]]
    return work(tmp_path_factory.mktemp("licensed") / "case", list(zip(files, sources, strict=True)), named=True)


@pytest.mark.shared
def test_with_the_explorers_tags_every_total_is_exact(tagged: Worked) -> None:
    assert swept(tagged.ramps) == TOTALS


@pytest.mark.shared
def test_with_the_explorers_tags_every_wallet_has_its_kind(tagged: Worked) -> None:
    found = {ramp.address: ramp.service for ramp in tagged.ramps}
    assert found == {w["address"]: w["service"] for w in wallets() if w.get("service")}
    assert len(found) == 17


@pytest.mark.shared
def test_an_inference_from_explorer_tags_is_never_graded_above_them(tagged: Worked) -> None:
    assert {ramp.grade for ramp in tagged.ramps} == {"D"}


def test_with_the_installed_base_alone_every_figure_agrees_or_is_an_unlabelled_hub(licensed: Worked) -> None:
    totals = swept(licensed.ramps)
    assert totals["OKX"] == TOTALS["OKX"]
    assert totals["MEXC"] == TOTALS["MEXC"]
    assert tuple(a + b for a, b in zip(totals["Binance"], totals[None], strict=True)) == TOTALS["Binance"]
    assert {w for r in licensed.ramps if r.service is None for w in r.hot_wallets} == {HUB}


def test_no_wallet_is_given_a_wrong_name(licensed: Worked) -> None:
    right = {w["address"]: w.get("service") for w in wallets()}
    wrong = [(r.address, r.service) for r in licensed.ramps if r.service not in (None, right[r.address])]
    assert wrong == []
    assert not {r.address for r in licensed.ramps} & {a for a, service in right.items() if service is None}


@pytest.mark.parametrize("labels", ["tagged", "licensed"])
def test_every_account_closes_to_the_unit(labels: str, request: pytest.FixtureRequest) -> None:
    worked: Worked = request.getfixturevalue(labels)
    accounts = [f for f in worked.findings if f.kind == "account"]
    assert {f.subject for f in accounts} == {w["address"] for w in wallets()}
    for f in accounts:
        slot = {name: value for name, value in f.slots.items() if isinstance(value, int)}
        left = slot.get("at_rest", 0) + slot.get("not_seen_leaving", 0)
        assert slot["arrived"] + slot["opening"] == slot["swept"] + slot["passed_on"] + left, f.subject
        assert slot["opening"] == 0, f.subject


@pytest.mark.parametrize("labels", ["tagged", "licensed"])
def test_every_loss_is_conserved(labels: str, request: pytest.FixtureRequest) -> None:
    worked: Worked = request.getfixturevalue(labels)
    rows = [f for f in worked.findings if f.kind == "conservation"]
    assert len(rows) == 20
    assert [f.subject for f in rows if f.slots["began"] != f.slots["ended"]] == []


@pytest.mark.shared
def test_wallets_that_pay_each_other_are_counted_once(tagged: Worked) -> None:
    began = sum(int(str(f.slots["began"])) for f in tagged.findings if f.kind == "loss")
    own = {w["address"] for w in wallets()}
    with EXPORT.open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["token_abbr"] == "USDT" and r["result"] == "SUCCESS"]
    inflows = {
        (r["tx_id"], r["from_address"], r["to_address"], r["quant"]) for r in rows if r["to_address"] in own
    }
    arrived = sum(int(quantity) for *_, quantity in inflows)
    between = sum(int(quantity) for _, source, _, quantity in inflows if source in own)
    assert between > 0
    assert began == arrived - between


def test_the_shipped_case_ships_no_tags() -> None:
    head = (EXAMPLE / "transfers.csv").read_text()[:4000]
    assert (
        "tag" not in head.splitlines()[next(n for n, x in enumerate(head.splitlines()) if not x.startswith("#"))]
    )
    assert json.dumps(sorted(p.name for p in EXAMPLE.iterdir())).count("risk") == 0


TWO_PLACES = "TXdNFmv2wngkc9WT4sT9HdFgVWbYyfX21L"
EMPTIED = "8a34e4b264ceab419a4a9b61482f9e135df40b73ac9942c9a0e80ba0d501ab1b"
"""50,000 USDT into `TWO_PLACES`, months after its last payment to Binance."""


def test_an_address_that_pays_two_places_passes_on_by_lots(licensed: Worked) -> None:
    """Worked out apart from the engine, with queues of lots over the shipped transfers."""
    found = {r.service: r.by_loss["L17"] for r in licensed.ramps if r.through == TWO_PLACES}
    assert found == {"Binance": 36_461_014_673, None: 31_110_582_177}
    every = [r for r in licensed.ramps if r.service == "Binance"]
    assert sum(r.by_loss.get("L17", 0) for r in every) == 36_461_014_673 + 18_597_000_000 + 1_247_000_000


def test_every_row_accounts_for_what_credited_its_address(licensed: Worked) -> None:
    for r in licensed.ramps:
        assert r.credited == r.amount + r.resting + r.elsewhere
        assert r.elsewhere == sum(r.elsewhere_at.values())
    (mexc,) = [r for r in licensed.ramps if r.service == "MEXC"]
    assert dict(mexc.elsewhere_at) == {"TRN3eeVfLoA2THgCe2rkpYscjk7nkJHzMy": 11_719_221_950}


def test_value_that_came_after_the_last_payment_never_reached_that_service(tmp_path: Path) -> None:
    plugins = registry.load()
    open.create(tmp_path / "case", title="Late", examiner="N", agency="A", rule="fifo")
    with open_for_writing(tmp_path / "case", "test") as case:
        for step in recipe()["import"]:
            collect.files(case, plugins, [EXAMPLE / step["file"]], [step["source"]], quiet)
        pin(case, plugins)
        losses.declare(case, plugins, tx=EMPTIED, assets=["USDT"])
        run.everything(case, plugins, quiet, until="find")
        ramps = stored.offramps(case)
    found = {(r.service, r.through): r for r in ramps}
    binance, hub = found["Binance", TWO_PLACES], found[None, TWO_PLACES]
    assert set(binance.by_rule.values()) == {0}
    assert set(hub.by_rule.values()) == {50_000_000_000}
    assert (binance.credited, binance.elsewhere) == (50_000_000_000, 50_000_000_000)


USDT = "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


def test_no_more_came_back_from_a_place_than_had_gone_there(licensed: Worked) -> None:
    """Worked out from the shipped transfers alone: what the twenty wallets paid is traced value, all of it.

    Only the names are the program's. The four sums of the places that were reached and of all others are written
    out too, so that a fault that both share is seen.
    """
    own = {w["address"] for w in wallets()}
    with (EXAMPLE / "transfers.csv").open(newline="") as file:
        rows = [r for r in csv.DictReader(line for line in file if not line.startswith("#")) if r["asset"] == USDT]
    # Each movement stands in the view of each of its wallets; as often as it happened in any one of them.
    views: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for r in (r for r in rows if r["status"] == "ok"):
        views[r["time"], r["tx"], r["from"], r["to"], r["amount"]][r["view"]] += 1
    gone: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    after: dict[str, int] = defaultdict(int)
    twice: dict[str, int] = defaultdict(int)
    kept, reached = 0, set[str]()
    for (_, _, src, dst, text), seen in sorted(views.items()):
        for _ in range(max(seen.values())):
            amount = int(text)
            if src in own and dst in own and src != dst and src in reached:
                kept += amount  # it carries the loss of the wallet that pays, which keeps it
            reached |= {dst} & own
            if src in own and dst not in own:
                gone[licensed.names.get(dst, dst)] += amount
                left[licensed.names.get(dst, dst)] += amount
            elif dst in own and src not in own and gone[place := licensed.names.get(src, src)]:
                known = place if src in licensed.names or place == HUB else ""
                back = min(amount, left[place])
                after[known], twice[known], left[place] = (
                    after[known] + amount,
                    twice[known] + back,
                    left[place] - back,
                )
    told: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in (row for row in licensed.origins if row["kind"] != "loss"):
        told[row["name"]][0] += int(row["after"])
        told[row["name"]][1] += int(row["twice"])
    losses = [row for row in licensed.origins if row["kind"] == "loss"]
    assert (sum(int(r["after"]) for r in losses), sum(int(r["twice"]) for r in losses)) == (kept, 0)
    assert {name: tuple(sums) for name, sums in told.items() if sums[0]} == {
        name: (after[name], twice[name]) for name in after
    }
    assert (after[""], twice[""]) == (471_951_614_606, 75_773_735_009)
    assert (after[HUB], twice[HUB]) == (4_434_364_931_223, 3_643_447_417_800)
    assert sum(after.values()) == 6_270_921_228_719
    assert sum(twice.values()) == 4_803_644_363_639
