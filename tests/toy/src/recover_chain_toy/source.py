"""A source in eight lines of decoding: a file of payments, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recover.sdk import Ask, Batch, Error, Exhibit, Leg, NotRecognised, Recorder, SourceInfo, Transaction
from recover_chain_toy.chain import CHAIN, COIN

_LINE = re.compile(
    r"(?P<id>[1-9]\d{0,8}) (?P<src>toy-[a-z]{1,16}) (?P<dst>toy-[a-z]{1,16}) (?P<n>\d{1,77})", re.ASCII
)
_HEAD = b"# toy payments\n"


class Payments:
    """Lines of `id payer payee amount` under a title line."""

    info = SourceInfo(
        id="toy-payments",
        version="1",
        title="Payments on the toy chain",
        chains=(CHAIN,),
        place="line",
        media="text",
        terms="Made for tests.",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith(_HEAD)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        for line, found in enumerate(_lines(exhibit), start=2):
            n = int(found["n"])
            legs = (
                Leg(kind="transfer", address=found["src"], asset=COIN.id, amount=-n, pair=0),
                Leg(kind="transfer", address=found["dst"], asset=COIN.id, amount=n, pair=0),
            )
            yield Batch.of(Transaction(chain=CHAIN, id=found["id"], place=line, legs=legs, whole=True))


def _lines(exhibit: Exhibit) -> list[re.Match[str]]:
    if not exhibit.data.startswith(_HEAD):
        raise NotRecognised("toy-title", f"{exhibit.name} has no title line.", "It must be known.", "Add it.")
    lines = exhibit.data[len(_HEAD) :].decode("ascii", "replace").splitlines()
    found = [_LINE.fullmatch(line) for line in lines]
    bad = [f"line {n}: {lines[n - 2][:40]!r}" for n, match in enumerate(found, start=2) if match is None]
    ids = [match["id"] for match in found if match]
    bad += [f"id {id} is given twice" for id in sorted(set(ids)) if ids.count(id) > 1]
    if bad:
        raise Error(
            "toy-line", f"{exhibit.name} cannot be read.", "; ".join(bad[:20]), "Write: id payer payee amount."
        )
    return [match for match in found if match]
