"""Papers at size: one loss that reaches 5,000 deposit addresses at 500 services; seconds and memory of `write`.

python benchmarks/papers.py [--ramps 5000] [--services 500]
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
call, renamed = (getattr(import_module("case"), name) for name in ("call", "renamed"))

CHAIN, USDT = "tron:0x2b6653dc", "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
SEED = "TC7VZ9F3v34byjjdLN9t9c3juzfBisPE4u"
HEAD = """#recover-transfers 1
#source: generated
#licence: CC0-1.0
#history: complete
view,chain,tx,time,from,to,asset,amount,decimals,symbol,status
"""
LABELS = """#recover-labels 1
#source: generated
#grade: B
#licence: CC0-1.0
#url: https://example.invalid
chain,address,service,label,role,category
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ramps", type=int, default=5000)
    parser.add_argument("--services", type=int, default=500)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recover-bench-") as spot:
        case, folder = Path(spot) / "case", Path(spot)
        lost = fill(folder, chosen.ramps, chosen.services)
        call(["open", str(case), "--title", "Bench", "--examiner", "N", "--agency", "A", "--rule", "fifo"])
        call(["import", str(case), str(folder / "transfers.csv"), str(folder / "labels.csv")])
        call(["loss", str(case), "--address", lost, "--asset", "USDT"])
        for stage in ("decode", "link", "trace", "find", "write"):
            print(f"  {stage:8} {call([stage, str(case)])}", flush=True)
        papers = [file for file in (case / "out").rglob("*") if file.is_file()]
        print(f"  {len(papers)} files, {sum(file.stat().st_size for file in papers) / 2**20:.1f} MiB")


def fill(folder: Path, ramps: int, services: int) -> str:
    """The transfers and the labels of such a case; the address of its loss."""
    payer, thief = renamed(SEED, 1), renamed(SEED, 2)
    wallets = [renamed(SEED, 10 + number) for number in range(services)]
    rows = [_row(thief, payer, thief, 0, ramps * 1_000_000_000, 0)]
    for number in range(ramps):
        deposit = renamed(SEED, 10_000 + number)
        amount = 1_000_000_000 - number
        rows.append(_row(thief, thief, deposit, 2 * number + 1, amount, 1 + number))
        rows.append(_row(deposit, thief, deposit, 2 * number + 1, amount, 1 + number))
        rows.append(_row(deposit, deposit, wallets[number % services], 2 * number + 2, amount, 20_000 + number))
    (folder / "transfers.csv").write_text(HEAD + "".join(rows))
    named = (f"{CHAIN},{w},Service {n:03},wallet,hot-wallet,exchange\n" for n, w in enumerate(wallets))
    (folder / "labels.csv").write_text(LABELS + "".join(named))
    return str(thief)


def _row(view: str, src: str, dst: str, number: int, amount: int, second: int) -> str:
    tx = hashlib.sha256(f"{src} {dst} {number}".encode()).hexdigest()
    day, rest = divmod(second, 86_400)
    time = f"2024-01-{1 + day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.000Z"
    return f"{view},{CHAIN},{tx},{time},{src},{dst},{USDT},{amount},6,USDT,ok\n"


if __name__ == "__main__":
    main()
