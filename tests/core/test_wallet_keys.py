"""A wallet's public key in a case: one entity where the case merges by it; a seed leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recover.cli import main as program

pytest.importorskip("recover_wallet_discovery", reason="recover-wallet-discovery is not installed")

ZPUB = (
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3Ef"
    "H1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
)
CHAIN = "bip122:000000000019d6689c085ae165831e93"
FIRST, SECOND = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"
OTHER = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"  # a vector of BIP 39


@pytest.fixture(autouse=True)
def case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    facts = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    assert program.main(["open", "c", *facts]) == 0


def ledger() -> str:
    """Two addresses of the wallet are paid by somebody else."""
    head = "#recover-transfers 1\n#source: a test\n#licence: CC0\n#history: complete\n"
    names = "view,chain,tx,time,from,to,asset,amount,decimals,symbol,status"
    rows = [
        f"{OTHER},{CHAIN},{n:064x},2024-05-0{n}T00:00:00.000Z,{OTHER},{to},{CHAIN}/slip44:0,5000,8,BTC,ok"
        for n, to in ((1, FIRST), (2, SECOND))
    ]
    return head + "\n".join([names, *rows]) + "\n"


@pytest.mark.parametrize("merged", [True, False])
def test_its_addresses_are_one_entity_if_the_case_says_so(
    merged: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("keys.txt").write_text(f"{ZPUB} gap=3\n")
    Path("t.csv").write_text(ledger())
    assert program.main(["import", "c", "keys.txt", "--as", "wallet-discovery"]) == 0
    assert program.main(["import", "c", "t.csv"]) == 0
    if merged:
        settings = Path("c/case.toml").read_text()
        Path("c/case.toml").write_text(settings.replace('"common-input",', '"common-input", "wallet-discovery",'))
    assert program.main(["run", "c", "--until", "link"]) in (0, 5)
    capsys.readouterr()
    assert program.main(["show", "c", "assertions", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    labelled = {row["address"] for row in said if row["method"] == "wallet-discovery" and row["kind"] == "label"}
    assert labelled == {FIRST, SECOND}
    assert program.main(["show", "c", "entities", "--json"]) == 0
    joined = [set(row["addresses"]) for row in json.loads(capsys.readouterr().out)]
    assert ({FIRST, SECOND} in joined) is merged


def test_seed_words_leave_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    Path("seed.txt").write_text(SEED)
    capsys.readouterr()
    assert program.main(["import", "c", "seed.txt", "--as", "wallet-discovery"]) == 2
    out, err = capsys.readouterr()
    assert "private-key" in err
    kept = [path.read_bytes() for path in Path("c").rglob("*") if path.is_file()]
    assert not any(b"sausage" in data for data in (*kept, out.encode(), err.encode()))
    assert not list(Path("c/exhibits").iterdir())
