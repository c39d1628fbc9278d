"""A seizure staged on real nodes: plan, proposed transactions, certificate, attestation, sale, allocation."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.live.nodes import need_anvil, need_bitcoind

from recover.cli import main as program
from recover_chain_bitcoin.testing import node
from recover_chain_bitcoin.testing.node import Node
from recover_chain_evm import rlp
from recover_chain_evm.testing import anvil
from recover_chain_evm.testing.stage import ETHER, Stage

pytestmark = [pytest.mark.slow, pytest.mark.nodes]

BTC = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
ETH = "eip155:1"
USDT_AT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
USDT = f"{ETH}/erc20:{USDT_AT}"
LOST = 150_000_000


class Recover:
    """The command on one case, in this process."""

    def __init__(self, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.case, self.capsys = case, capsys

    def __call__(self, *words: str, codes: Sequence[int] = (0, 5)) -> Any:
        head, *rest = words
        verb = [head] if head not in GROUPS else [head, rest.pop(0)]
        code = program.main([*verb, str(self.case), *rest, "--json"])
        out, err = self.capsys.readouterr()
        assert code in codes, f"{words}: {code}\n{out}\n{err}"
        return json.loads(out) if out.startswith(("{", "[")) else out

    def settled(self, source: str, asset: str, to: str, *more: str) -> None:
        """A target with its destination, entered by two persons on two devices."""
        said = ("--authority", "Warrant 12/2026", "--by", "Cpt. A", "--role", "operator=B", "--role", "verifier=C")
        made = self("plan", "set", "--at", source, "--asset", asset, *said, *more)
        assert made["to"] is None
        once = self("plan", "destination", made["id"], "--to", to, "--by", "B", "--device", "laptop 1")
        assert once["to"] is None
        twice = self("plan", "destination", made["id"], "--to", to, "--by", "C", "--device", "telephone 2")
        assert twice["to"] is not None

    def checked(self, data: str | bytes, *more: str) -> tuple[bool, set[str]]:
        """Whether a proposed transaction matches, and what does not hold."""
        path = self.case.parent / "proposed"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        found = self("plan", "check", str(path), *more, codes=(0, 3))
        return found["matches"], {one["what"] for one in found["findings"] if one["holds"] is False}


GROUPS = ("plan", "custody", "claims")


def printed(path: Path) -> str:
    """The words of a paper, without what the layout puts between them."""
    return "".join("".join(page.extract_text() for page in PdfReader(path).pages).split()).replace("\u2060", "")


@pytest.fixture
def bitcoind(tmp_path: Path) -> Iterator[Node]:
    need_bitcoind()
    with node.start(tmp_path / "node") as running:
        yield running


def test_a_seizure_of_coins(
    bitcoind: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOVER_BITCOIN_RPC", bitcoind.secret)
    for name in ("victim", "thief", "agency", "stranger"):
        bitcoind.wallet(name)
    bitcoind.fund("victim")
    held = bitcoind.address("thief")
    theft = bitcoind.pay("victim", held, "1.5")
    bitcoind.mine(6)
    out = next(o["n"] for o in bitcoind.rpc("getrawtransaction", theft, 1)["vout"] if str(o["value"])[:3] == "1.5")
    recover = Recover(tmp_path / "case", capsys)
    recover(
        *("open", "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo"),
        *("--source", f"bitcoin-core={bitcoind.endpoint}"),
    )
    recover("loss", "--tx", f"{BTC}:{theft}:{out}")
    recover("run")
    coin = f"{BTC}/slip44:1"
    (place,) = [p for p in recover("plan", "show")["places"] if p["address"] == held]
    assert (place["traced"], place["ways"]) == (str(LOST), ["self"])
    coin = place["asset"]
    to, other = bitcoind.address("agency"), bitcoind.address("stranger")
    recover.settled(f"{BTC}:{held}", coin, to, "--units", str(LOST), "--fee-most", "20000")

    def psbt(*outputs: tuple[str, int]) -> str:
        paid = [{address: f"{units // 10**8}.{units % 10**8:08d}"} for address, units in outputs]
        bare = bitcoind.rpc("createpsbt", [{"txid": theft, "vout": out}], paid)
        filled: str = bitcoind.rpc("walletprocesspsbt", bare, False, wallet="thief")["psbt"]
        return filled

    fee = 10_000
    right = psbt((to, LOST - fee))
    assert recover.checked(right) == (True, set())
    assert recover.checked(base64.b64decode(right)) == (True, set())
    assert recover.checked(psbt((other, LOST - fee))) == (False, {"destination", "amount"})
    assert recover.checked(psbt((to, LOST // 2), (held, LOST // 2 - fee))) == (False, {"amount", "change"})
    assert recover.checked(psbt((to, LOST // 2), (other, LOST // 2 - fee))) == (False, {"amount", "change"})
    assert recover.checked(psbt((to, LOST - 50_000))) == (False, {"fee"})
    truth, lie = ((LOST + more).to_bytes(8, "little") for more in (0, 7))
    (tmp_path / "lie").write_bytes(base64.b64decode(right).replace(truth, lie))
    assert not recover("plan", "check", str(tmp_path / "lie"), codes=(2, 3)).get("matches")
    # The same bytes without what a PSBT says beside them: nobody can tell what goes to the fee.
    bare = bitcoind.rpc("decodepsbt", right)["tx"]["txid"]
    raw = bitcoind.rpc("createrawtransaction", [{"txid": theft, "vout": out}], [{to: "1.49990000"}])
    assert "unread" in recover.checked(raw)[1]
    key = (
        bitcoind.rpc("listdescriptors", True, wallet="thief")["descriptors"][0]["desc"]
        .split("(")[-1]
        .split("/")[0]
    )
    (tmp_path / "key").write_text(key)
    assert recover("plan", "check", str(tmp_path / "key"), codes=(2,))["error"]["code"] in (
        "plan-secret",
        "proposal-form",
    )

    signed = bitcoind.rpc("walletprocesspsbt", right, True, wallet="thief")
    seized = bitcoind.rpc("sendrawtransaction", bitcoind.rpc("finalizepsbt", signed["psbt"])["hex"])
    assert seized == bare
    bitcoind.mine(3)
    assert (
        recover("custody", "record", "--tx", seized, "--by", "S", codes=(2,))["error"]["code"] == "custody-unseen"
    )
    recover("loss", "--address", f"{BTC}:{to}", "--label", "watched, to have its history collected")
    recover("loss", "--drop", "L2")
    (tmp_path / "seized.json").write_bytes(bitcoind.answer("getrawtransaction", seized, 2))
    recover("import", str(tmp_path / "seized.json"))
    recover("run")
    papers = tmp_path / "papers"
    recorded = recover(
        *("custody", "record", "--tx", seized, "--by", "S", "--value", "not valued", "--out", str(papers))
    )
    (event,) = recorded["events"]
    mined = bitcoind.rpc("getblockheader", bitcoind.rpc("getrawtransaction", seized, 1)["blockhash"])
    page = printed(papers / "certificate-K1.pdf")
    sums = (f"({LOST - fee:,})", "0.00010000", f"Block{mined['height']}")
    for wanted in (seized, held, to, *sums, "Asplannedyes"):
        assert wanted in page, wanted
    shown = recover("plan", "show")
    assert to not in {place["address"] for place in shown["places"]}, "what is seized is no place to seize from"
    assert [(p["address"], p["traced"]) for p in shown["in_custody"]] == [(to, str(LOST - fee))]
    assert (event["units"], event["fee"], event["source"]) == (str(LOST - fee), str(fee), f"{BTC}:{held}")
    assert (event["planned"], event["payers"]) == (True, [held])
    assert (
        recover("custody", "record", "--tx", seized, "--by", "S", codes=(2,))["error"]["code"] == "custody-twice"
    )
    at = ("--address", f"{BTC}:{to}", "--asset", coin)
    seen = int(bitcoind.rpc("getreceivedbyaddress", to, wallet="agency").replace(".", ""))
    assert (
        recover("custody", "attest", *at, "--units", str(seen), "--block", "110", "--by", "C")["difference"]
        is None
    )
    off = recover("custody", "attest", *at, "--units", str(seen - 1), "--by", "C")
    assert off["difference"].startswith("0.00000001")
    recover("custody", "attest", *at, "--units", str(seen), "--by", "C")
    sold = (
        "--units",
        "50000000",
        "--money",
        "1234567",
        "--currency",
        "EUR",
        "--authority",
        "Order 7",
        "--by",
        "S",
    )
    recover("custody", "convert", *at, *sold)
    too_much = ("--units", str(LOST), "--to", "V-1", "--authority", "Order 8", "--by", "S")
    refused = recover("custody", "hand-over", *at, *too_much, codes=(2,))
    assert refused["error"]["code"] == "custody-too-much"
    shared = recover("allocate", "--asset", coin, "--pool", str(LOST - fee - 50_000_000), "--mode", "prorata_loss")
    assert shared["modes"][0]["sum"] == str(LOST - fee - 50_000_000)
    recover(
        "custody", "hand-over", *at, "--units", "99990000", "--to", "L1", "--authority", "Order 8", "--by", "S"
    )
    accounts = recover("custody", "show")
    assert [(a["received"], a["handed"], a["converted"], a["held"]) for a in accounts["units"]] == [
        (str(LOST - fee), "99990000", "50000000", "0")
    ]
    assert accounts["money"] == {"EUR": "1234567"}
    recover("verify", codes=(0,))


@pytest.fixture
def running() -> Iterator[anvil.Anvil]:
    need_anvil()
    with anvil.node() as found:
        yield found


def test_a_seizure_of_a_token(running: anvil.Anvil, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(node=running)
    stage.actor("faucet", "issuer", "victim", "thief", "agency", "stranger")
    stage.place("usdt", "LegacyDollar", USDT_AT, owner="issuer")
    for name in ("issuer", "victim", "thief"):
        stage.pay("faucet", name, ETHER)
    stage.send("issuer", "usdt", "issue", 10**12)
    stage.send("issuer", "usdt", "transfer", "victim", 10**11)
    theft = stage.send("victim", "usdt", "transfer", "thief", LOST)
    recover = Recover(tmp_path / "case", capsys)
    recover(
        *("open", "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo"),
        *("--source", f"evm-rpc={running.url}"),
    )
    recover("loss", "--tx", f"{ETH}:{theft}", "--asset", USDT)
    recover("run")
    source, to, other = (stage.names[name] for name in ("thief", "agency", "stranger"))
    (place,) = [p for p in recover("plan", "show")["places"] if p["address"] == source]
    assert (place["traced"], place["ways"], place["issuer"]) == (str(LOST), ["issuer", "self"], "Tether")
    recover.settled(f"{ETH}:{source}", USDT, f"{ETH}:{to}", "--units", str(LOST), "--fee-most", str(10**16))

    def unsigned(to: str, amount: int, *, chain: int = 1, method: str = "a9059cbb", token: str = USDT_AT) -> str:
        data = bytes.fromhex(method) + bytes(12) + bytes.fromhex(to[2:]) + amount.to_bytes(32, "big")
        parts = [chain, 0, 10**9, 3 * 10**9, 100_000]
        body: list[Any] = [*(rlp.number(n) for n in parts), bytes.fromhex(token[2:]), b"", data, []]
        return "0x02" + rlp.encode(body).hex()

    assert recover.checked(unsigned(to, LOST)) == (True, set())
    fields = {"from": source, "to": USDT_AT, "chainId": 1, "gas": 100_000, "gasPrice": 10**9, "nonce": 1}
    call = "0xa9059cbb" + "0" * 24 + to[2:] + f"{LOST:064x}"
    assert recover.checked(json.dumps({**fields, "data": call})) == (True, set())
    assert recover.checked(json.dumps({**fields, "from": other, "data": call})) == (False, {"source"})
    assert recover.checked(unsigned(other, LOST)) == (False, {"destination", "amount"})
    assert recover.checked(unsigned(to, LOST - 1)) == (False, {"amount"})
    assert recover.checked(unsigned(to, 1_000_000), "--amount", "1000000") == (True, set())
    assert recover.checked(unsigned(to, LOST, token=other)) == (False, {"asset", "amount"})
    assert "unread" in recover.checked(unsigned(to, LOST, method="095ea7b3"))[1]
    assert recover.checked(unsigned(to, LOST, chain=10)) == (False, {"chain", "asset", "amount"})

    # The node's clock began in 2023, and the plan is of this minute: it came before what is seized now.
    running.call("evm_setNextBlockTimestamp", int(time.time()) + 1)
    seized = stage.send("thief", "usdt", "transfer", "agency", LOST)
    stage.send("issuer", "usdt", "transfer", "agency", 5)
    recover("loss", "--address", f"{ETH}:{to}", "--asset", USDT, "--label", "to collect its history")
    recover("run")
    recover("loss", "--drop", "L2")
    recover("run")
    papers = tmp_path / "papers"
    said_ = ("--tx", f"{ETH}:{seized}", "--by", "S", "--out", str(papers))
    (event,) = recover("custody", "record", *said_)["events"]
    page = printed(papers / "certificate-K1.pdf")
    for wanted in (seized, source, to, f"({LOST:,})", "Asplannedyes"):
        assert wanted in page, wanted
    assert (event["units"], event["planned"], event["target"]) == (str(LOST), True, "S1")
    said = {alert["tx"] for alert in recover("custody", "show")["alerts"]}
    assert seized not in said
    assert len(said - {None}) == 1, "what came from nobody knows where is unexpected"
    at = ("--address", f"{ETH}:{to}", "--asset", USDT)
    seen = stage.ask("usdt", "balanceOf", to)
    off = recover("custody", "attest", *at, "--units", str(seen), "--by", "C")
    assert off["difference"].startswith("0.000005 USDT more")
    shared = recover(
        "allocate", "--asset", USDT, "--pool", str(LOST), *("--mode", "traced_first", "--at", f"{ETH}:{source}")
    )
    assert shared["modes"][0]["shares"][0]["share"] == str(LOST)
    recover("claims", "add", "--claimant", "Lender", "--asset", USDT, "--amount", "50000001", "--by", "N")
    rest = LOST - 1_000_001
    recover(
        *("custody", "convert", *at, "--units", "1000001", "--money", "99", "--currency", "USD"),
        *("--authority", "Order 7", "--by", "S"),
    )
    shares = recover("allocate", "--asset", USDT, "--pool", str(rest), "--mode", "prorata_loss")["modes"][0]
    lender = rest * 50_000_001 // (LOST + 50_000_001)
    given = {one["claimant"]: int(one["share"]) for one in shares["shares"]}
    assert sum(given.values()) == rest
    assert given["Lender"] in (lender, lender + 1)
    for who, units in given.items():
        told = ("--units", str(units), "--to", who, "--authority", "Order 8", "--by", "S", "--out", str(papers))
        recover("custody", "hand-over", *at, *told)
    receipts = [printed(path).replace(",", "") for path in sorted(papers.glob("receipt-*.pdf"))]
    assert all(str(units) in page for page, units in zip(receipts, given.values(), strict=True))
    (account,) = recover("custody", "show")["units"]
    assert (account["handed"], account["converted"], account["held"]) == (str(rest), "1000001", "0")
    assert seen == LOST + 5, "and the five that nobody accounts for are still there"
    recover("verify", codes=(0, 5))
