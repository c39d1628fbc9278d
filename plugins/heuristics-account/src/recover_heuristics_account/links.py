"""Weak links between two addresses: who paid the first coin, and who created it. Leads, never a merge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, Grade, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import acts, contracts, keys, labelled, plain
from recover_heuristics_account.cards import card
from recover_heuristics_account.hubs import Field, Limits, hubs
from recover_heuristics_account.sweeps import Codes, Mask, counted, join

_ROLES = ("hot-wallet", "deposit", "contract", "mixer", "bridge")


def link(
    info: HeuristicInfo,
    chain: str,
    ends: tuple[str, str],
    tx: str,
    grade: Grade,
    params: Mapping[str, object],
    note: str,
) -> Assertion:
    """`same-owner` of the first end with the second, by one transaction."""
    return Assertion(
        kind="same-owner",
        chain=chain,
        address=ends[0],
        grade=grade,
        method=info.id,
        version=info.version,
        source="recover",
        other=ends[1],
        transactions=(tx,),
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        note=note,
    )


class FirstFunder:
    """Asserts `same-owner`, at the lowest grade, of an address and whoever sent it its first coin."""

    info = HeuristicInfo(
        id="first-funder",
        version="1",
        card=card("first-funder"),
        title="Payer of the first coin",
        models=("account",),
        asserts=("same-owner",),
        citation="A rule in common use; the exclusions are rules of this project, not measured",
        fails=(
            "services, faucets, relayers and employers fund millions of addresses, and may have no label here",
            "a friend, a seller of coin or a deceiver who pays the victim's first fee looks the same",
            "where an exhibit leaves out a first payment, a later one is taken for it",
        ),
        parameters={"most": (100, "addresses that one funder may have paid first; above it, it is a service")},
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion for each address whose history in the coin is here, in order of address.

        Left aside: whatever has a label or is a contract or a hub, on either side; funders that paid more than
        `most` addresses first; addresses that paid before they were paid. `other` is the funder; `params`:
        {"funded": how many addresses it paid first}.
        """
        most = scope.parameters.get("most", self.info.parameters["most"][0])
        field = Field.of(ledger)
        found = _first(ledger, field)
        popular = np.bincount(found.src, minlength=len(field.edges.nodes))
        barred = _barred(ledger, field)
        made = []
        for node, funder, tx in zip(found.dst.tolist(), found.src.tolist(), found.tx, strict=True):
            chain, address = field.name(node)
            if barred[funder] or barred[node] or popular[funder] > most or not found.sure[node]:
                continue
            if not scope.addresses or address in scope.addresses:
                note = f"It sent this address the first coin; it was the first to pay {popular[funder]} in all."
                params = {"funded": int(popular[funder])}
                made.append(link(self.info, chain, (address, field.name(funder)[1]), tx, "E", params, note))
        if made:
            yield Batch.of(*sorted(made, key=lambda a: (a.chain, a.address)))


class _First:
    """Who paid whom first in the coin, one element an address; `sure` says, by node, whether it can be known."""

    def __init__(self, src: Codes, dst: Codes, tx: list[str], sure: Mask) -> None:
        self.src, self.dst, self.tx, self.sure = src, dst, tx, sure


def _first(ledger: Ledger, field: Field) -> _First:
    table = ledger.transfers()
    coins = [a for a in table["asset"].unique().to_pylist() if a.split("/", 1)[1].startswith("slip44:")]
    table = table.filter(pc.is_in(table["asset"], value_set=pa.array(coins, pa.string()))).sort_by("seq")
    paid = table.filter(counted(table))
    src, dst = (_nodes(paid, field, side) for side in ("src", "dst"))
    kept, at = np.unique(dst, return_index=True)
    came = {int(n): int(seq) for n, seq in zip(kept, paid["seq"].to_numpy()[at], strict=True)}
    sure = _whole(ledger, field, coins)
    # Fees count as paying here: who paid one before the first coin came has a history that is not here.
    spent = table.filter(pc.is_null(table["excluded"]))
    who = _nodes(spent, field, "src")
    kept_out, first_out = np.unique(who, return_index=True)
    for node, seq in zip(kept_out.tolist(), spent["seq"].to_numpy()[first_out].tolist(), strict=True):
        if node > 0 and seq < came.get(node, -1):
            sure[node] = False
    good = (kept > 0) & (src[at] > 0)
    chosen = at[good]
    return _First(src[chosen], kept[good], paid["tx"].take(pa.array(chosen)).to_pylist(), sure)


def _nodes(table: pa.Table, field: Field, side: str) -> Codes:
    found = pc.index_in(pc.fill_null(join(table["chain"], table[side]), ""), field.edges.nodes)
    codes: Codes = pc.fill_null(found, -1).combine_chunks().to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _whole(ledger: Ledger, field: Field, coins: list[str]) -> Mask:
    """Per node: whether its whole history in the chain's coin is here."""
    rows = [r for r in ledger.coverage().to_pylist() if r["since"] is None and r["asset"] in (None, *coins)]
    names = field.edges.nodes.to_pylist()
    known = {f"{r['chain']}:{r['address']}" for r in rows if r["address"] is not None}
    chains = tuple(f"{r['chain']}:" for r in rows if r["address"] is None)
    return np.array([n in known or (bool(chains) and n.startswith(chains)) for n in names], np.bool_)


def _barred(ledger: Ledger, field: Field) -> Mask:
    """Per node: whether it is labelled, a contract or an unlabelled hub, and so nobody's second address."""
    limits = Limits.of(Scope())
    barred = hubs(field, limits).copy()
    barred[[0, *field.labelled.any]] = True
    for chain, address in contracts(ledger):
        at = pc.index(field.edges.nodes, pa.scalar(f"{chain}:{address}")).as_py()
        if at >= 0:
            barred[at] = True
    return barred


class ContractCreator:
    """Asserts `same-owner` of a contract and the account that created it, itself or by a factory."""

    info = HeuristicInfo(
        id="contract-creator",
        version="1",
        card=card("contract-creator"),
        title="Creator of a contract",
        models=("account",),
        asserts=("same-owner",),
        citation="A rule in common use; the exclusions are rules of this project, not measured",
        fails=(
            "a developer who deploys for customers, and a relayer who pays for the deployment, look the same",
            "a contract can be handed over: what its creator was says nothing of who runs it now",
            "a factory that many use is seen as such only where the exhibits show many of its callers",
        ),
        parameters={
            "most": (100, "contracts that one account may have created; above it, it is a service"),
            "callers": (20, "accounts that may have used one factory; above it, the caller is any customer"),
        },
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a contract, in order of address. Where a contract created it, `other` is who sent that.

        Left aside: creators with a label of a service or a machine, with more than `most` contracts, and factories
        with more than `callers` callers. Grade D. `params`: {"created": n, "factory": address or ""}.
        """
        value = {n: scope.parameters.get(n, default) for n, (default, _) in self.info.parameters.items()}
        own = labelled(ledger, _ROLES)
        rows = list(_created(ledger))
        count: dict[tuple[str, str], int] = {}
        callers: dict[tuple[str, str], set[str]] = {}
        for chain, _, creator, factory, _ in rows:
            count[chain, creator] = count.get((chain, creator), 0) + 1
            if factory:
                callers.setdefault((chain, factory), set()).add(creator)
        made = []
        for chain, name, creator, factory, tx in rows:
            many = (
                count[chain, creator] > value["most"] or len(callers.get((chain, factory), ())) > value["callers"]
            )
            if many or (chain, plain(creator)) in own or (chain, plain(name)) in own:
                continue
            if not scope.addresses or name in scope.addresses:
                params = {"created": count[chain, creator], "factory": factory}
                note = "It created this contract" + (" by way of a factory." if factory else ".")
                made.append(link(self.info, chain, (name, creator), tx, "D", params, note))
        if made:
            yield Batch.of(*made)


def _created(ledger: Ledger) -> Iterator[tuple[str, str, str, str, str]]:
    """(chain, contract, account, factory or "", transaction), in order of contract."""
    events = ledger.events()
    part = events.filter(pc.and_(pc.equal(events["kind"], "create"), pc.is_valid(events["other"])))
    machines = contracts(ledger)
    senders = {(a.chain, a.tx): a.sender for a in acts(ledger, keys(part))} if part.num_rows else {}
    rows = part.select(["chain", "tx", "address", "other"]).to_pylist()
    for row in sorted(rows, key=lambda r: (r["chain"], r["other"], r["tx"], r["address"])):
        maker, factory = row["address"], ""
        if (row["chain"], plain(maker)) in machines:
            sender, factory = senders.get((row["chain"], row["tx"])), maker
            if sender is None:
                continue
            maker = sender
        yield row["chain"], row["other"], maker, factory, row["tx"]
