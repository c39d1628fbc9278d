"""Make this case's `transfers.csv` and `labels/exchange-wallets.csv` again from the files they were made from.

    python build.py transfers EXPORT.csv > transfers.csv
    python build.py labels WALLETS.csv > labels/exchange-wallets.csv

EXPORT is a TRON explorer's TRC-20 export with a wallet column in front. Only what the chain itself records is
taken from it: no tags, no marks of risk. WALLETS is a table exchange_slug,chain,address of wallets that exchanges
published for proof of reserves. Same input, same bytes.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

CHAIN = "tron:0x2b6653dc"
COMMIT = "1eb4e81d4dd0fa8e2c27a428fe8120b37c985689"
NO_EXCHANGE = frozenset({"mt-gox", "silkroad-fbifunds", "cygnus-btc", "sclite"})

TRANSFERS = (
    "#recover-transfers 1",
    "#source: facts of the TRON chain, as a TRON explorer listed them for 20 wallets",
    "#licence: facts that the chain itself publishes; no licence is needed for them",
    "#note: no explorer tags and no marks of risk were taken over",
    "#history: complete",
    "view,chain,tx,time,from,to,asset,amount,decimals,symbol,status",
)
LABELS = (
    "#recover-labels 1",
    "#source: DefiLlama adapters, wallets that exchanges published for proof of reserves",
    "#grade: B",
    f"#licence: ISC, DefiLlama/DefiLlama-Adapters at {COMMIT}",
    f"#url: https://github.com/DefiLlama/DefiLlama-Adapters/tree/{COMMIT}",
    "chain,address,service,label,role,category",
)


def transfers(path: Path) -> Iterator[list[str]]:
    """Rows in order of time, transaction, view and place in the export."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for row in sorted(rows, key=lambda r: (int(r["timestamp"]), r["tx_id"], r["wallet"])):
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(row["timestamp"]))
        done = row["contract_return"] == row["result"] == "SUCCESS"
        yield [
            row["wallet"],
            CHAIN,
            row["tx_id"].lower(),
            when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            row["from_address"],
            row["to_address"],
            f"{CHAIN}/trc20:{row['token_id']}",
            row["quant"],
            row["token_decimal"],
            row["token_abbr"],
            "ok" if done else "failed",
        ]


def labels(path: Path) -> Iterator[list[str]]:
    """The TRON wallets of exchanges, in order of exchange and address."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = {(r["exchange_slug"], r["address"]) for r in csv.DictReader(file) if r["chain"] == "tron"}
    for slug, address in sorted(rows):
        if slug not in NO_EXCHANGE:
            yield [CHAIN, address, slug, f"{slug} reserve wallet", "hot-wallet", "exchange"]


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0] not in ("transfers", "labels"):
        sys.stderr.write(__doc__ or "")
        return 2
    kind, path = arguments[0], Path(arguments[1])
    head, rows = (TRANSFERS, transfers(path)) if kind == "transfers" else (LABELS, labels(path))
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.writelines(f"{line}\n" for line in head)
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
