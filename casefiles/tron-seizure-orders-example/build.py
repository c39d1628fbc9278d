"""Make this case's `transfers.csv` again from the file it was made from.

    python build.py EXPORT.csv > transfers.csv

EXPORT is a TRON explorer's TRC-20 export with a wallet column in front. Only what the chain itself records is
taken from it: no tags, no marks of risk. Same input,
same bytes.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

CHAIN = "tron:0x2b6653dc"

TRANSFERS = (
    "#recover-transfers 1",
    "#source: facts of the TRON chain, as a TRON explorer listed them for 20 wallets",
    "#licence: facts that the chain itself publishes; no licence is needed for them",
    "#note: no explorer tags and no marks of risk were taken over",
    "#history: complete",
    "view,chain,tx,time,from,to,asset,amount,decimals,symbol,status",
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


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.writelines(f"{line}\n" for line in TRANSFERS)
    csv.writer(sys.stdout, lineterminator="\n").writerows(transfers(Path(arguments[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
