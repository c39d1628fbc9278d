"""Airdrops taken many times: recipients who pass the same gift on to one address, block by block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import contracts, labelled, plain
from recover_heuristics_account.cards import card
from recover_heuristics_account.sweeps import counted

_ROLES = ("hot-wallet", "deposit", "contract", "mixer", "bridge")
_KEYS = ["chain", "asset", "amount", "wide"]


class AirdropParticipation:
    """Asserts `same-owner` of recipients of one airdrop who passed exactly it on to one address at one time."""

    info = HeuristicInfo(
        id="airdrop-participation",
        version="1",
        card=card("airdrop-participation"),
        title="One airdrop taken many times",
        models=("account",),
        asserts=("same-owner",),
        citation="F. Victor, Address Clustering Heuristics for Ethereum, FC 2020; the exclusions are rules of "
        "this project; not measured",
        fails=(
            "people who sell a gift to one buyer in the same minute look the same",
            "a collecting service or an exchange without a label looks like one owner",
            "a ledger that holds a part of a distribution does not show that it is one",
        ),
        parameters={
            "recipients": (1000, "addresses that one sender gave the same amount of one token at least"),
            "gap": (2, "blocks between the passings on, at the median, at most"),
            "most": (100, "recipients that one address may collect from; above it, it is a service"),
        },
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a recipient beyond the first, in order; `other` is the first recipient of its group.

        Left aside: collectors with a label of a service or a machine, contracts, those who collect from more than
        `most`, and the sender of the airdrop. Grade E. `params`: {"collector": address, "recipients": n}.
        """
        value = {n: scope.parameters.get(n, default) for n, (default, _) in self.info.parameters.items()}
        table = ledger.transfers()
        table = table.filter(pc.and_(counted(table), pc.is_valid(table["height"])))
        barred = labelled(ledger, _ROLES) | contracts(ledger)
        made = [
            assertion
            for gift in _gifts(table, value["recipients"])
            for assertion in _linked(table, gift, value, barred)
            if not scope.addresses or assertion.address in scope.addresses
        ]
        if made:
            yield Batch.of(*sorted(made, key=lambda a: (a.chain, a.asset or "", a.address, a.other or "")))


def _gifts(table: pa.Table, least: int) -> list[dict[str, object]]:
    """(chain, source, asset, amount) of every distribution to at least `least` addresses."""
    grouped = table.group_by([*_KEYS, "src"]).aggregate([("dst", "count_distinct")])
    rows = grouped.filter(pc.greater_equal(grouped["dst_count_distinct"], least)).to_pylist()
    return sorted(
        (r for r in rows if r["src"] is not None), key=lambda r: tuple(str(r[k]) for k in (*_KEYS, "src"))
    )


def _linked(
    table: pa.Table, gift: dict[str, object], value: dict[str, int], barred: set[tuple[str, str]]
) -> Iterator[Assertion]:
    mask = pc.and_(pc.equal(table["chain"], gift["chain"]), pc.equal(table["asset"], gift["asset"]))
    mask = pc.and_(mask, _equal(table, gift))
    part = table.filter(mask)
    sender = pc.fill_null(pc.equal(part["src"], gift["src"]), False)
    given = part.filter(sender)
    had = dict(zip(given["dst"].to_pylist(), given["seq"].to_pylist(), strict=True))
    passed: dict[str, list[dict[str, object]]] = {}
    for row in part.filter(pc.invert(sender)).sort_by("seq").to_pylist():
        late = row["src"] in had and row["seq"] > had[row["src"]]
        if late and row["dst"] is not None and row["dst"] != gift["src"]:
            passed.setdefault(row["dst"], []).append(row)
    for collector, rows in sorted(passed.items()):
        once = list({row["src"]: row for row in reversed(rows)}.values())[::-1]
        if not 2 <= len(once) <= value["most"] or (gift["chain"], plain(collector)) in barred:
            continue
        if _median_gap([row["height"] for row in once]) <= value["gap"]:
            yield from _group(str(gift["chain"]), str(gift["asset"]), collector, once)


def _equal(table: pa.Table, gift: dict[str, object]) -> pa.ChunkedArray:
    name = "amount" if gift["amount"] is not None else "wide"
    return pc.fill_null(pc.equal(table[name], pa.scalar(gift[name], table.schema.field(name).type)), False)


def _median_gap(heights: list[object]) -> int:
    """The lower median of the gaps between neighbours, in blocks."""
    ordered = sorted(h for h in heights if isinstance(h, int))
    gaps = sorted(two - one for one, two in pairwise(ordered))
    return gaps[(len(gaps) - 1) // 2]


def _group(chain: str, asset: str, collector: str, rows: list[dict[str, object]]) -> Iterator[Assertion]:
    names = sorted((str(row["src"]), str(row["tx"])) for row in rows)
    params = json.dumps({"collector": collector, "recipients": len(names)}, sort_keys=True, separators=(",", ":"))
    for name, tx in names[1:]:
        yield Assertion(
            kind="same-owner",
            chain=chain,
            address=name,
            grade="E",
            method=AirdropParticipation.info.id,
            version=AirdropParticipation.info.version,
            source="recover",
            other=names[0][0],
            asset=asset,
            transactions=(names[0][1], tx),
            params=params,
            note=f"Both had the same gift and passed it on, whole, to {collector} within blocks of each other.",
        )
