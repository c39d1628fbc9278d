"""The described variants of the samples, made from them: each change as the table words it, in bytes.

What is right for each stands in `faults.toml`, from the protocols alone. A change that cannot be made of files
alone (a recorded request beside the bytes) is in `NOT_MADE`, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from tests.faults.changes import Change, Files, beside, encoded, only, parsed, rows, text, whole

NOT_MADE: Mapping[str, str] = {
    "02-pages-v2": "needs a request recorded beside the bytes; the pages of `chains/tron/tests` are recorded so",
    "25-ltc-old.yaml-v1": "as those of the newer form, which are made",
    "25-bch-caps.yaml-v1": "as those of the bare form, which are made",
    "25-bch-old.yaml-v1": "as those of the bare form, which are made",
    "44-v1": "another script is another id, and the table leaves the payer open; see `chains/bitcoin/tests`",
    "44-v2": "as 44-v1",
    "44-v3": "as 44-v1",
    "52-contract-bsc-lower.csv-v1": "its table has no figure: a stop at a bridge is tested in `tests/core`",
}


P, Q, X = (
    "TTw4dRYwZX2eHrQREYH5CkCRXuUnQBRgvt",
    "TMJubN1US9gwZtiHM3L9BXgwLaT6WNMufB",
    "TLiQoJ1cxq84yYJ2wgk74HV2CENeARpP3G",
)
USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
EVM_P, EVM_X = "0xbb05cc1fae26f290224847b8bfbd9e70641dc05f", "0xd2b959be3efdfe3707c976d464a43408a33d0862"
SUICIDE = "0xea3295a47d9206bcc9e6dc7de2d2625670c6032a"
TRACE = "0xe53968d73d38599a83434c5da73c98b49fe24816abe3ab66a4ef48112e69bceb"
MWEB = "90ea0253a042437d7f872aad12205dde1171e7cc821c0e35af938106b620dc6b"
HEAD = "013c1ae800653007dd466af4a4a137ba29e103334975475674c3c3eebe37b3a5dd0100000000ffffffff"
PAYS = f"0140420f0000000000225820{MWEB}"


def _five(page: dict[str, Any]) -> None:
    second = page["data"][1]
    rest = [item for item in page["data"] if item != second]
    page["data"] = [rest[0], *[second] * 5, *rest[1:]]
    page["meta"]["page_size"] = len(page["data"])


def _of_q(files: Files) -> Files:
    page = json.loads(files["whole.json"])
    page["data"] = [item for item in page["data"] if item["to"] == Q]
    page["meta"]["page_size"] = len(page["data"])
    return {**files, "q.json": json.dumps(page).encode()}


def _again(files: Files) -> Files:
    page = json.loads(files["whole.json"])
    page["meta"]["at"] += 1000
    return {**files, "again.json": json.dumps(page).encode()}


def _paged(*sizes: int) -> Change:
    """The items of both pages, cut into pages of these sizes, each but the last with a fingerprint."""

    def made(files: Files) -> Files:
        pages = [json.loads(files[name]) for name in ("page1.json", "page2.json")]
        items = [item for page in pages for item in page["data"]]
        found, start = Files(), 0
        for number, size in enumerate(sizes, start=1):
            meta = {"at": 1700000000000, "page_size": size}
            if number < len(sizes):
                meta["fingerprint"] = chr(96 + number) * 3  # type: ignore[assignment]
            page = {"data": items[start : start + size], "success": True, "meta": meta}
            found[f"page{number}.json"], start = json.dumps(page).encode(), start + size
        return found

    return Change(make=made)


def _internal(page: dict[str, Any]) -> None:
    page["data"].append(
        {
            "internal_tx_id": "ab" * 32,
            "tx_id": "cd" * 32,
            "from_address": "4175dcfdf1725a4c304eaf2ec616469c172269913d",
            "to_address": "41c50a71579d0db9a5eb9e44b904138c9a71285d1d",
            "block_timestamp": 1650176103000,
            "data": {"note": "call", "rejected": False, "call_value": {"_": 7000000}},
        }
    )


def _asset(page: dict[str, Any]) -> None:
    (contract,) = page["data"][0]["raw_data"]["contract"]
    contract["type"] = "TransferAssetContract"
    contract["parameter"]["type_url"] = "type.googleapis.com/protocol.TransferAssetContract"
    contract["parameter"]["value"]["asset_name"] = "1002000"


def _spending(txs: list[dict[str, Any]]) -> None:
    """A fourth transaction, in no block, that spends the output of the one that was replaced."""
    replaced, mined = txs[1], txs[2]
    more = json.loads(json.dumps(replaced))
    more["vin"][0]["txid"], more["vin"][0]["prevout"] = replaced["txid"], replaced["vout"][0]
    more["vout"] = [{**mined["vout"][0], "value": 99_970_000}]
    more["txid"] = _id(more)
    txs.append(more)


def _id(tx: dict[str, Any]) -> str:
    """The id of a transaction of one input with an empty script and one output: of its bytes without witnesses."""
    spent, paid = tx["vin"][0], tx["vout"][0]
    script = bytes.fromhex(paid["scriptpubkey"])
    body = (
        tx["version"].to_bytes(4, "little")
        + b"\x01"
        + bytes.fromhex(spent["txid"])[::-1]
        + spent["vout"].to_bytes(4, "little")
        + b"\x00"
        + spent["sequence"].to_bytes(4, "little")
        + b"\x01"
        + paid["value"].to_bytes(8, "little")
        + bytes([len(script)])
        + script
        + tx["locktime"].to_bytes(4, "little")
    )
    return sha256(sha256(body).digest()).digest()[::-1].hex()


def _mined(txs: list[dict[str, Any]]) -> None:
    txs[1]["status"] = {**txs[2]["status"], "block_hash": "ee" * 32}


def _trace(kind: str, src: str, dst: str, value: str, at: str, height: int) -> str:
    called = "call" if kind == "call" else ""
    ends = f"100000,50000,1,{at},,1,{height},{kind}_{TRACE}_{at}"
    return f"{TRACE},0,{src},{dst},{value},0x,,{kind},{called},,{ends}"


def _created(listed: list[str]) -> list[str]:
    made = _trace(
        "create", "0x34809b24a725a9e8556e4d41f4ce2bd5a89d6099", SUICIDE, "2000000000000000000", "", 19_500_000
    )
    return [listed[0], made, listed[2].replace("1605122", "19500000")]


def _late(listed: list[str]) -> list[str]:
    return [*listed, _trace("call", EVM_P, SUICIDE, "1000000000000000000", "1", 1_605_122)]


def _failed(listed: list[str]) -> list[str]:
    # transaction_hash .. trace_address, error, status, block_number, trace_id
    cells = [row.split(",") for row in listed[1:]]
    return [listed[0], *(",".join([*c[:14], "Out of gas", "0", *c[16:]]) for c in cells)]


def _geth(listed: list[str]) -> list[str]:
    cells = listed[2].split(",")
    return [*listed[:2], ",".join([*cells[:2], "", "", "", *cells[5:]])]


def _created_by_receipt(files: Files) -> Files:
    """The second transaction creates a contract, and succeeds."""
    sent, told = (files[name].decode().splitlines() for name in ("transactions.csv", "receipts.csv"))
    sent[2] = sent[2].replace(f",{EVM_P},7", ",,7")
    told[2] = told[2].replace(",50000,,,0,", f",50000,{CREATED},,1,")
    return {"transactions.csv": _sheet(sent), "receipts.csv": _sheet(told)}


def _old(files: Files) -> Files:
    """Before Byzantium: a receipt has the root of the state, and no status."""
    found = {name: data.replace(b"15000000", b"4000000") for name, data in files.items()}
    told = found["receipts.csv"].decode().splitlines()
    told[1] = told[1].replace(",,,1,", f",,0x{'ab' * 32},,")
    told[2] = told[2].replace(",,,0,", f",,0x{'ab' * 32},,")
    return {**found, "receipts.csv": _sheet(told)}


def _sheet(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _log(change: Callable[[dict[str, Any]], None]) -> Change:
    return parsed("web3py.json", lambda receipt: change(receipt["logs"][0]))


def _token_id(log: dict[str, Any]) -> None:
    log["topics"].append("0x" + "0" * 63 + "7")
    log["data"] = "0x"


def _pending(change: Callable[[dict[str, Any]], None]) -> Change:
    return parsed("tx.json", lambda answer: change(answer["result"]))


def _in_block(tx: dict[str, Any]) -> None:
    tx.update(blockNumber="0xe4e1c0", blockHash="0x" + "b1" * 32, transactionIndex="0x0")


def _absent(tx: dict[str, Any]) -> None:
    for name in ("blockHash", "blockNumber", "transactionIndex"):
        del tx[name]


def _took_its_place(files: Files) -> Files:
    """Another transaction with the same sender and nonce, in a block, with its receipt."""
    sent = json.loads(files["tx.json"])["result"]
    _in_block(sent)
    sent.update(hash="0x" + "d5" * 32, to=EVM_X)
    receipt = {name: sent[name] for name in ("blockHash", "blockNumber", "transactionIndex", "from", "to")}
    receipt |= {
        "transactionHash": sent["hash"],
        "status": "0x1",
        "gasUsed": "0x5208",
        "cumulativeGasUsed": "0x5208",
    }
    receipt |= {"effectiveGasPrice": "0x0", "logs": [], "logsBloom": "0x" + "0" * 512, "contractAddress": None}
    answers = [{"jsonrpc": "2.0", "id": n, "result": r} for n, r in ((1, sent), (2, {**receipt, "type": "0x0"}))]
    return {**files, "mined.json": json.dumps(answers).encode()}


CREATED = "0x447dabeec22533b5f4a2f5bdb342fd3d27dcab54"
"""Where the sender's transaction of nonce 1 creates a contract (Yellow Paper 7)."""
PAID = "0xb02a4034515002cc2c9c2543e6bc9316e1b9d696aeac4b81814500f7d67bd10a"
LOST_P = ("--address", P)

MADE: Mapping[str, Change] = {
    "02-whole-v1": parsed("whole.json", _five),
    "02-whole-v2": Change(make=_again),
    "02-whole-v3": Change(make=_of_q),
    "02-pages-v1": only("page2.json", "page1.json"),
    "02-all-v1": only("whole.json", "page1.json", "page2.json"),
    "02-all-v2": text("page2.json", ('"value": "5000000"', '"value": "6000000"')),
    "04-v1": text("page.json", ('"contractRet": "SUCCESS"', '"contractRet": "REVERT"')),
    "04-v2": parsed("page.json", _asset),
    "04-v3": replace(
        parsed("page.json", _internal),
        names={"<tx_id>": "cd" * 32},
    ),
    "05-v1": text("transfers.json", ('"confirmed": true', '"confirmed": false')),
    "05-v2": text(
        "transfers.json",
        ('"finalResult": "SUCCESS", "revert": false', '"finalResult": "REVERT", "revert": true'),
        ('"contractRet": "SUCCESS"', '"contractRet": "REVERT"'),
        ('"status": 0', '"status": 1'),
    ),
    "05-v3": text("transfers.json", ('"total": 1, "rangeTotal": 1', '"total": 10001, "rangeTotal": 10001')),
    "05-v4": text("transfers.json", (USDT, X)),
    "06-v1": text("export.csv", ("1,234.56", "1.234,56")),
    "06-v2": text("export.csv", ("1,234.56", "1,234")),
    "06-v3": text("export.csv", ('"SUCCESS"', '"FAIL"')),
    "06-v4": text("export.csv", ("Time(UTC)", "Time(UTC+7)"), ("06:15:03", "13:15:03")),
    "10-v1": only("page1.json"),
    "10-v2": _paged(3, 1),
    "10-v3": _paged(2, 1, 1),
    "13-v1": rows("receipts.csv", lambda listed: listed[:2]),
    "13-v2": Change(make=_old),
    "13-v3": Change(make=_created_by_receipt, names={"<contract_address>": CREATED}),
    "13-alone-v1": Change(make=lambda files: {"receipts.csv": files["receipts.csv"]}, more=("receipts.csv",)),
    "15-v1": rows("a.csv", lambda r: [*r[:2], r[2].replace(",100000000,", ",100000001,"), *r[3:]]),
    "15-v2": only("b.csv", "a.csv"),
    "15-v3": text("b.csv", ("0x26a34e8452c1be74", "0x26A34E8452C1BE74"), (EVM_P, "0x" + EVM_P[2:].upper())),
    "21-v1": parsed("txs.json", _spending),
    "21-v2": parsed("txs.json", _mined),
    "21-unc-v1": Change(more=("txs.json",)),
    "21-two-v1": parsed("two-unconfirmed.json", lambda txs: txs.reverse()),
    "25-ltc-v1": text(
        "ltc-new.yaml",
        ("MDsfeBoKtoiNU23DdnGwkiGTbK92ZiuWHW", "37fXLJPMwgrwfWmKXuHbw524GcYaVNHBcq"),
        ("LTC", "BTC"),
    ),
    "25-ltc-v2": text(
        "ltc-new.yaml", ("MDsfeBoKtoiNU23DdnGwkiGTbK92ZiuWHW", "ltc1q53wr9xnuxjvvgwgxyqp83ky8ecpl665xxf20xc")
    ),
    "25-ltc-v3": text("ltc.json", ("MDsfeBoKtoiNU23DdnGwkiGTbK92ZiuWHW", "37fXLJPMwgrwfWmKXuHbw524GcYaVNHBcq")),
    "25-bch-v1": text(
        "bch-bare.yaml",
        ("ppqcs7gptjlalcaet55tpp52jhvpt0dw3ya254rqja", "rpqcs7gptjlalcaet55tpp52jhvpt0dw3y6q8tdxdw"),
    ),
    "25-bch-v2": text("bch-bare.yaml", ("ppqcs7", "bitcoincash:Ppqcs7")),
    "25-bch-v3": text(
        "bch-bare.yaml",
        ("ppqcs7gptjlalcaet55tpp52jhvpt0dw3ya254rqja", "bchtest:ppqcs7gptjlalcaet55tpp52jhvpt0dw3yecsjph4p"),
    ),
    "25-doge-v1": text("doge.yaml", ("BQQJ", "BQQK")),
    "25-doge-v2": text("doge.yaml", ("9xQn59TG1kjqZt8nx2x2BCeRyBvcaRBQQJ", "37fXLJPMwgrwfWmKXuHbw524GcYaVNHBcq")),
    "26-b58.yaml-v1": text("b58.yaml", (X, X.lower())),
    "26-hex.yaml-v1": text(
        "hex.yaml", ("4175dcfdf1725a4c304eaf2ec616469c172269913d", '"0x75dcfdf1725a4c304eaf2ec616469c172269913d"')
    ),
    "26-hex.csv-v1": text(
        "hex.csv", ("4175dcfdf1725a4c304eaf2ec616469c172269913d", "4175DCFDF1725A4C304EAF2EC616469C172269913D")
    ),
    "26-badcheck.yaml-v1": text("badcheck.yaml", ("ARpP3a", "ARpPG3")),
    "26-space.yaml-v1": text("space.yaml", (f"'{X} '", f'"\\u00a0{X}\\t"')),
    "26-zwsp.yaml-v1": text("zwsp.yaml", (f'"{X}\\u200b"', f'"\\u202e{X}"')),
    "26-conflict-v1": text("conflict2.csv", (",Binance.com,", ",OKX,")),
    "26-conflict-v2": text("conflict2.csv", (",Binance.com,", ",Binance.us,")),
    "30-v1": text("traces.csv", (",1605122,", ",19500000,")),
    "30-v2": rows("traces.csv", _created),
    "30-v3": rows("traces.csv", _late),
    "30-v4": rows("traces.csv", _geth),
    "30-v5": rows("traces.csv", _failed),
    "30-other-v1": rows(
        "traces2.csv", lambda r: [*r[:2], r[2].replace(",2000000000000000000,", ",3000000000000000000,")]
    ),
    "32-bs-v1": text(
        "blockscout.csv",
        ("TokenSymbol,TokensTransferred", "TokenSymbol,TokenDecimals,TokensTransferred"),
        ("6,USDT,100000000", "6,USDT,6,100000000"),
    ),
    "32-bs-v2": text("blockscout.csv", (",ok,", ",error,Reverted")),
    "32-bs-v3": text("blockscout.csv", (",115703500000000,", ",Max of 115703500000000,")),
    "32-el-v1": encoded("electrum.csv", lambda data: data.replace(b",", b";").replace(b"-0.5", b"-0,5")),
    "32-el-v2": text("electrum.csv", (",10,", ",0,"), ("2022-06-21 02:28", "")),
    "32-es-v1": whole("etherscan-v1.json", '{"status": "0", "message": "No transactions found", "result": []}'),
    "32-es-v2": whole(
        "etherscan-v1.json", '{"status": "0", "message": "NOTOK", "result": "Max rate limit reached"}'
    ),
    "32-es-v3": parsed("etherscan-v1.json", lambda answer: answer["result"].append(answer["result"][0])),
    "32-es-v4": text("etherscan-v1.json", ('"tokenDecimal": "6"', '"tokenDecimal": "18"')),
    "32-esc-v1": text("etherscan.csv", ("0xdac17f958d2ee523a2206206994597c13d831ec7", "0x" + "7c" * 20)),
    "32-esc-v2": text("etherscan.csv", ('"1,234.56"', '"0.1234567"')),
    "32-esc-v3": text("etherscan.csv", ("0x34809b24a725a9e8556e4d41f4ce2bd5a89d6099", "0x" + "0" * 40)),
    "32-w3-v1": parsed("web3py.json", lambda receipt: receipt.update(status=0, logs=[])),
    "32-w3-v2": _log(lambda log: log.update(removed=True)),
    "32-w3-v3": _log(_token_id),
    "35-ok.csv-v1": encoded("ok.csv", lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r")),
    "35-bom.csv-v1": encoded("bom.csv", lambda data: data.decode("utf-8-sig").replace(",", "\t").encode("utf-16")),
    "35-nomillis.csv-v1": text("nomillis.csv", ("2022-04-17T06:15:03Z", "2022-04-17 06:15:03")),
    "35-offset.csv-v1": text("offset.csv", ("13:15:03.000+07:00", "13:15:03.000")),
    "35-padded.csv-v1": text("padded.csv", (",100000000,", ",1E+08,")),
    "35-semicolon.csv-v1": text("semicolon.csv", (";100000000;", ";100.000.000;")),
    "36-padded.csv-v1": text("padded.csv", ("#source: Example,,,,,", '"#source: Example, Ltd.",,,,,')),
    "36-padded.csv-v2": rows("padded.csv", lambda listed: [*listed, ",,,,,"]),
    "36-quoted.csv-v1": text("quoted.csv", ('"Binance hot"', '"Binance ""hot"" 3"')),
    "36-quoted.csv-v2": text("quoted.csv", ('hot-wallet","exchange"', 'hot-wallet","exchange')),
    "36-semicolon.csv-v1": text("semicolon.csv", (";", "\t")),
    "36-semicolon.csv-v2": rows("semicolon.csv", lambda r: [*r[:-1], r[-1].replace(";", ",")]),
    "36-date.csv-v1": text("date.csv", ("01/05/2024", "45413")),
    "36-date.csv-v2": text("date.csv", ("01/05/2024", "13/05/2024")),
    "41-v1": Change(loss=(*LOST_P, "--from", "2022-04-17", "--to", "2022-04-17")),
    "41-v2": Change(loss=(*LOST_P, "--from", "2022-04-18", "--to", "2022-04-17")),
    "41-v3": Change(loss=(*LOST_P, "--from", "2022-04-17T06:15:04Z")),
    "41-asset-v1": Change(loss=(*LOST_P, "--asset", "usdt")),
    "41-asset-v2": Change(loss=(*LOST_P, "--asset", f"tron:0x2b6653dc/trc20:{X}")),
    **{
        key: Change(loss=("--tx", "@id", "--asset", "USDT", "--amount", amount))
        for key, amount in (
            ("42-1-v1", "1,000"),
            ("42-1-v2", "1000.0000001"),
            ("42-1-v3", "1000.000001"),
            ("42-2-v1", "1.000,5"),
            ("42-2-v2", "5e1"),
            ("42-2-v3", "0"),
        )
    },
    "46-v1": whole("tx.hex", f"020000000009{HEAD}{PAYS}0101000000000000"),
    "46-v2": whole("tx.hex", f"020000000008{HEAD}{PAYS}010000000000000000"),
    "46-v3": whole("tx.hex", f"020000000008{HEAD}000000000000"),
    "46-v4": whole("tx.hex", f"020000000002{HEAD}{PAYS}0000000000"),
    "46-v5": Change(chain="bip122:000000000019d6689c085ae165831e93"),
    "47-v1": replace(
        text(
            "token_transfers.csv",
            ("\n56,", "\n1,"),
            ("0x55d398326f99059ff775485246999027b3197955", "0xdac17f958d2ee523a2206206994597c13d831ec7"),
            (",100000000000000000000,", ",100000000,"),
        ),
        loss=("--tx", f"eip155:1:{PAID}"),
    ),
    "47-v2": replace(text("eth.yaml", ("currency: ETH", "currency: BSC")), loss=("--tx", f"eip155:56:{PAID}")),
    "47-v3": rows("token_transfers.csv", lambda r: [*r, r[1].replace("56,", "1,", 1)]),
    "47-v4": rows("token_transfers.csv", lambda r: [row.partition(",")[2] for row in r]),
    "50-v1": _pending(_in_block),
    "50-v2": Change(make=_took_its_place, names={"<other>": "0x" + "d5" * 32}),
    "50-v3": whole("tx.json", '{"jsonrpc": "2.0", "id": 1, "result": null}'),
    "50-v4": _pending(_absent),
    "52-checksum.yaml-v1": text("checksum.yaml", ("0x28C6c06298d514Db", "0x28c6C06298d514Db")),
    "52-upper.yaml-v1": text("upper.yaml", ("'0x28C6", "'0X28C6")),
    "52-labels.csv-v1": text("labels.csv", ("eip155:1,", "EIP155:1,")),
    "52-lower.csv-v1": text("lower.csv", (",0x28c6", ",28c6")),
    "52-contract-bsc.csv-v1": beside(
        "labels.csv",
        "#recover-labels 1\n#source: s\n#grade: B\nchain,address,service,label,role,category\n"
        "eip155:1,0x28C6c06298d514Db089934071355E5743bf21d60,Binance,Binance hot,hot-wallet,exchange\n",
    ),
}
