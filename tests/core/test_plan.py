"""A plan of seizure: whose wallets it names, and a proposed transaction held against the right target of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.core.test_statements import CHAIN, USDT, Tool, export, tool, tx, who

from recover.cli import main as program
from recover.plugins import registry
from recover.report import render
from recover.report.elements import Brief, Section, table
from recover.returns import leaves

__all__ = ["tool"]


def plan(tool: Tool, command: str, *words: str, code: int = 0) -> Any:
    found = program.main(["plan", command, str(tool.case), *words, "--json"])
    out, err = tool.capsys.readouterr()
    assert found == code, out + err
    return json.loads(out)


def test_a_wallet_that_paid_a_declared_loss_is_never_a_place_to_seize(tool: Tool, tmp_path: Path) -> None:
    tool.open(export([("victim", "own", 50), ("own", "victim", 5), ("own", "thief", 30)], ["own"]))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    found = plan(tool, "show", "--out", str(tmp_path / "papers"))
    assert {p["address"] for p in found["places"]} == {who("own"), who("thief")}
    assert [(p["address"], p["traced"]) for p in found["came_back"]] == [(who("victim"), "5000000")]
    for name in ("order-schedule.csv", "watch.json"):
        assert who("victim") not in (tmp_path / "papers" / name).read_text()
    said = ("--asset", USDT, "--authority", "Warrant 1", "--by", "A")
    refused = plan(tool, "set", "--at", f"{CHAIN}:{who('victim')}", *said, code=2)
    assert refused["error"]["code"] == "plan-victims-wallet"
    assert plan(tool, "set", "--at", f"{CHAIN}:{who('thief')}", *said)["id"] == "S1"


def test_what_is_in_custody_is_no_place_to_seize_from(tool: Tool, tmp_path: Path) -> None:
    tool.open(export([("victim", "thief", 50), ("thief", "agency", 40)], ["thief", "agency"]))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    assert {p["address"] for p in plan(tool, "show")["places"]} == {who("thief"), who("agency")}
    said = ("--asset", USDT, "--authority", "Warrant 1", "--by", "A")
    plan(tool, "set", "--at", f"{CHAIN}:{who('thief')}", *said)
    for name in ("B", "C"):
        to = ("--to", f"{CHAIN}:{who('agency')}", "--by", name, "--device", f"of {name}")
        plan(tool, "destination", "S1", *to)
    assert program.main(["custody", "record", str(tool.case), "--tx", f"{CHAIN}:{tx(2)}", "--by", "S"]) == 0
    tool.capsys.readouterr()
    found = plan(tool, "show", "--out", str(tmp_path / "papers"))
    assert [(p["address"], p["traced"]) for p in found["places"]] == [(who("thief"), "10000000")]
    assert [(p["address"], p["traced"]) for p in found["in_custody"]] == [(who("agency"), "40000000")]
    listed = (tmp_path / "papers/order-schedule.csv").read_text().splitlines()[1:]
    assert [line.split(",")[2] for line in listed] == [who("thief")], "the agency's is no row"
    page = "".join(p.extract_text() for p in PdfReader(tmp_path / "papers/plan.pdf").pages)
    assert ("In custody already" in page, "‘First in, first out’" in page) == (True, True)


def test_a_long_table_at_the_end_of_a_paper_goes_on_over_its_pages(tmp_path: Path) -> None:
    plugins = registry.load()
    rows = [(f"V-{n:05d}", "Example", "1.0") for n in range(150)]
    last = table("", (("Victim", "text"), ("Service", "text"), ("Amount", "number")), rows)
    made = Brief(
        language="en", title="T", subtitle="S", author="A", mark="M", running="R", footer="F",
        page="{page} {pages}", contents="", exhibit="{numbers}", exhibits="{numbers}", date=(2026, 1, 1),
        cover=(), sections=(Section(id="1", title="Table", blocks=(last,)),), letterhead=("A",),
    )  # fmt: skip
    (tmp_path / "t.pdf").write_bytes(render.pdf(plugins.templates[leaves.LAYOUT], made))
    pages = [page.extract_text() for page in PdfReader(tmp_path / "t.pdf").pages]
    assert len(pages) == 3
    assert all(40 < page.count("V-0") < 62 for page in pages), "as many rows as there is room for"


TEST = (
    "cHNidP8BAHECAAAAAT8SLKMgV1ARAdo7EjVO47XSrs1TAb3G9f4NoSHs4YMeAAAAAAD9////AoCWmAAAAAAAFgAUxLKvRyLuVOMXZyh1"
    "stjPSaqIS/WASl0FAAAAABYAFN5dSzLKgppuPiejzyOBL1ERNSWJAAAAAAABAFICAAAAARERERERERERERERERERERERERERERERERER"
    "ERERERERAAAAAAD/////ARAI9gUAAAAAFgAU3l1LMsqCmm4+J6PPI4EvURE1JYkAAAAAAQEfEAj2BQAAAAAWABTeXUsyyoKabj4no88j"
    "gS9RETUliQAAAA=="
)
"""A PSBT that spends 1.0001 of the source: 0.1 to the agency, 0.9 back, 0.0001 as the fee."""

OTHER_CHAIN = (
    "0x02f86d0a07843b9aca008506fc23ac0082fde894dac17f958d2ee523a2206206994597c13d831ec780b844a9059cbb00000000"
    "0000000000000000c4b2af4722ee54e317672875b2d8cf49aa884bf5000000000000000000000000000000000000000000000000"
    "000000001dcd6500c0"
)
"""The planned transfer of the token, but for the chain of number 10."""

APPROVAL = (
    "0a0212342208abababababababab4080f0cc86a6375aae01081f12a9010a31747970652e676f6f676c65617069732e636f6d2f70"
    "726f746f636f6c2e54726967676572536d617274436f6e747261637412740a1541de5d4b32ca829a6e3e27a3cf23812f51113525"
    "89121541a614f803b6fd780986a42c78ec9c7f77e6ded13c2244095ea7b3000000000000000000000000c4b2af4722ee54e31767"
    "2875b2d8cf49aa884bf5000000000000000000000000000000000000000000000000000000003b9aca0070e092ebc2b134900180"
    "87a70e"
)
"""An approval of 1,000 of the token to the agency, made by the planned source."""

BTC = "bip122:000000000019d6689c085ae165831e93"
TRON = "tron:0x2b6653dc"
TARGETS = (
    (
        f"{TRON}:TWExmoqQSJL759DX3FEvkftxPQqCoGuUQR",
        f"{TRON}/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        f"{TRON}:TTuFVtPsf9ojs7qhtz4CcqqGfddVNFXhQN",
        "1000.0",
        "1.0",
    ),
    (
        f"{CHAIN}:0xde5d4b32ca829a6e3e27a3cf23812f5111352589",
        USDT,
        f"{CHAIN}:0xc4b2af4722ee54e317672875b2d8cf49aa884bf5",
        "500.0",
        "0.001",
    ),
    (
        f"{BTC}:bc1qmew5kvk2s2dxu038508j8qf02ygn2fvfyvllnl",
        f"{BTC}/slip44:0",
        f"{BTC}:bc1qcje273ezae2wx9m89p6m9kx0fx4gsjl4t6yxfg",
        "1.0",
        "0.001",
    ),
)


@pytest.fixture
def planned(tool: Tool) -> Tool:
    """Three targets on three chains, of assets with 6, 6 and 8 decimals; each destination entered by two."""
    tool.open()
    for number, (at, asset, to, units, fee) in enumerate(TARGETS, 1):
        said = ("--units", units, "--fee-most", fee, "--authority", "Warrant 1", "--by", "A")
        assert plan(tool, "set", "--at", at, "--asset", asset, *said)["id"] == f"S{number}"
        for name, device in (("Ann", "one"), ("Ben", "two"), ("ann", "three")):
            plan(tool, "destination", f"S{number}", "--to", to, "--by", name, "--device", device)
    return tool


def checked(tool: Tool, data: str, *words: str, code: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answer, and its findings by name: (whether it holds, what was said)."""
    path = tool.folder / "proposed"
    path.write_text(data)
    found = plan(tool, "check", str(path), *words, code=code)
    return found, {f["what"]: (f["holds"], f["said"]) for f in found["findings"]}


def test_another_amount_is_read_in_the_asset_of_the_target_that_is_held_against(planned: Tool) -> None:
    """A test transfer of coins has change; without the option the same bytes are not what is planned."""
    for words in ((), ("--target", "S3")):
        found, said = checked(planned, TEST, "--amount", "0.1", *words, code=0)
        assert found["target"] == "S3"
        assert said["amount"] == (True, "0.10000000 BTC go to the destination; you asked for 0.10000000 BTC.")
        assert said["change"][0] is True
    _, said = checked(planned, TEST, "--amount", "0.001", code=3)
    assert [said[what][0] for what in ("amount", "change")] == [False, False]
    _, said = checked(planned, TEST, code=3)
    assert [said[what][0] for what in ("amount", "change")] == [False, False]
    assert said["plan"][1].endswith("was entered by Ann and Ben, apart.")


def test_bytes_for_another_chain_are_said_to_be_for_it(planned: Tool) -> None:
    _, said = checked(planned, OTHER_CHAIN, code=3)
    assert said["chain"] == (False, "It is for the chain eip155:10; S2 of the plan is on eip155:1.")
    assert said["fee"] == (
        False,
        "It costs 0.001950000000000000 ETH at most; the plan allows 0.001000000000000000 ETH.",
    )
    none = planned.folder / "none"
    none.write_text("c0")
    refused = plan(planned, "check", str(none), code=2)["error"]
    assert refused["what"] == "This is no proposed transaction of any chain of the plan."


def test_who_sends_is_told_where_the_bytes_say_it_and_amounts_stand_in_units(planned: Tool) -> None:
    found, said = checked(planned, APPROVAL, code=3)
    assert said["source"][0] is True
    assert any("take up to 1,000.000000 USDT later" in line for line in found["words"])
    assert found["lets"][0]["amount"] == "1000000000"


def test_figures_and_receipts_print_what_speaks_against_the_account(tool: Tool, tmp_path: Path) -> None:
    """Of 50 that were seized one left, which no event names; a person attested 49."""
    moves = [("victim", "thief", 50), ("thief", "agency", 50), ("agency", "unknown", 1)]
    tool.open(export(moves, ["thief", "agency"]))
    tool("run", "--until", "decode")
    at = f"{CHAIN}:{who('agency')}"
    plan(
        tool,
        "set",
        *("--at", f"{CHAIN}:{who('thief')}", "--asset", USDT, "--authority", "Warrant 1", "--by", "A"),
    )
    for name in ("B", "C"):
        plan(tool, "destination", "S1", "--to", at, "--by", name, "--device", f"of {name}")

    def custody(*words: str) -> None:
        assert program.main(["custody", words[0], str(tool.case), *words[1:]]) == 0, tool.capsys.readouterr()

    held = ("--address", at, "--asset", USDT, "--by", "S")
    custody("record", "--tx", f"{CHAIN}:{tx(2)}", "--by", "S")
    custody("attest", *held, "--units", "49.0")
    out = ("--out", str(tmp_path / "papers"))
    custody("hand-over", *held, "--units", "20.0", "--to", "V-1", "--authority", "Order 1", *out)
    tool("figures", *out)
    for name in ("figures.pdf", "receipt-K3.pdf"):
        page = "".join(p.extract_text() for p in PdfReader(tmp_path / "papers" / name).pages)
        assert "1.000000 USDT left" in " ".join(page.split()), name
        assert "Mrs Jane Roe" in page, "of which case it is"
