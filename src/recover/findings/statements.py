"""Findings: one checkable statement each, with typed slots and no prose."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings import (
    beyond,
    bridged,
    completeness,
    contradicted,
    deceptions,
    exchanges,
    homeward,
    issued,
    labelled,
    mixes,
    origins,
    whereabouts,
)
from recover.findings.accounts import Account
from recover.findings.cited import cited
from recover.findings.contradicted import Contradiction
from recover.findings.evidence import Evidence, Slots
from recover.findings.evidence import Row as _Row
from recover.findings.material import Material, at
from recover.findings.reordered import orders
from recover.findings.whereabouts import AT_REST, Standing
from recover.ledger.spending import paid_in_all
from recover.linking.resolve import DISPUTED
from recover.sdk.records import Grade
from recover.sdk.view import Finding, Loss, OffRamp

KINDS: Mapping[str, str] = {
    "loss": "What was declared as a loss and what of it the ledger holds",
    "conservation": "Began = stopped at services and hubs + not followed + fees and burns + not shown leaving",
    "off-ramp": "Traced value was credited at an address that pays a service or hub: how much went on to it",
    "service-total": "All traced value that reached one service, through the addresses that pay into it",
    "account": "One wallet's account over its whole history: arrived = swept + passed on + left there",
    "at-rest": "Traced value in a history that is whole to a stated moment, or held there by a stated balance",
    "not-seen-leaving": "Traced value that no exhibit shows leaving, and none shows to be there still",
    "returned": "Traced value came back to an address out of which a declared loss was paid, and is left there",
    "repaid": "Traced value came back to such an address, and the trace follows it on from there",
    "contradicted": "Exhibits show traced value leaving an address, and disagree on what left: none is followed",
    "by-version": "What reaches a service if each version of what exhibits disagree on is followed in turn",
    "left-by-version": "What is left at an address, or not followed from there, in the same way",
    "unsettled": "What exhibits leave open, and how much traced value stands elsewhere from answer to answer",
    "settled": "A transaction of which a person relies on one exhibit alone, where traced value met it",
    "order-otherwise": "What a service would get by times where blocks are followed, or by blocks where times are",
    "settled-otherwise": "What a service would get if another exhibit were relied on for such a transaction",
    "before-change": "What a service had before a choice that was changed after results, all else as it is now",
    "open-end": "Traced value at addresses whose whole history is in no exhibit",
    "shown-beyond": "What exhibits show leaving such an address after traced value came, and a way to a service",
    "spent-open": "Coins of traced value that are shown to be spent, in transactions that are not followed",
    "hub": "An unlabelled address that several empty into, or a crowd uses: a service, perhaps, not named here",
    "shape": "An address that traced value reached behaves like a kind of business: nobody is named by it",
    "order-assumed": "A figure that differs in another order of movements of one moment, which no exhibit orders",
    "part-assumed": "A figure that differs where another part of a payment is taken as the loss",
    "zero-under-rule": "An endpoint that one rule or more gives nothing",
    "left-out": "Transfers kept in evidence and left out of every lot, by reason",
    "mix": "Traced value entered a CoinJoin or another mix: the ways out are counted, and none is followed",
    "swap": "Traced value went on in another asset: both sides of one exchange",
    "swap-stopped": "Traced value entered a contract of exchanges, and nothing shows for what: it is not followed",
    "crossing": "Traced value went through a bridge, and on from there: both transactions and the key",
    "crossing-open": "Traced value went into a bridge, and no exhibit shows the other side, or it is not followed",
    "crossing-claimed": "What is recorded as the other side and is not followed, why, and what would settle it",
    "crossing-candidate": "What may be the other side, by amount, rate and time alone: for a person to judge",
    "label-against": "What a source calls one service's paid to wallets of another",
    "alert": "A source labels an address that the case concerns: sanctions, terrorism, abuse, or an agency's own",
    "no-letter": "A service that gets no letter, since a strong label calls it a market, a mixer or a scam",
    "stopped": "Traced value stopped at a bridge or mixer that a source names, or left for nobody that is shown",
    "came-back": "Inflow with which losses begin from a service or a hub, and what of it came back from there",
    "withdrawn": "A service that traced value had reached paid an address it had passed or left",
    "frozen": "An issuer has frozen an address that the case concerns, by its events, by a call, or by both",
    "freezable": "Traced value last seen in an asset that its issuer can freeze",
    "destroyed": "An issuer has destroyed what an address held",
    "short": "Movements of an endpoint that no exhibit shows: a stated balance, or another source, says so",
    "drain": "Tokens were taken by another under an approval of their owner",
    "poisoning": "Look-alikes of a counterparty baited an address; what they sent is listed and ignored",
    "paid-lookalike": "Value that an address sent to a look-alike which had baited it; it is traced",
}
"""Kind -> what it states. The slots of each are in `docs/plugin-author/findings.md`."""


def make(
    case: Case,
    material: Material,
    ramps: Sequence[OffRamp],
    whole: Sequence[Account],
    checks: pa.Table,
    evidence: Evidence,
    came: pa.Table,
    stands: Sequence[Standing],
    disputes: Sequence[Contradiction] = (),
    supposed: Sequence[_Row] = (),
) -> list[Finding]:
    """All findings, numbered F1, F2 ... in the order of `KINDS`, subjects in order within."""
    makers = (
        _losses(case.settings.losses, material, _overlapping(case)),
        _conservation(material, stands),
        _ramps(ramps, material),
        _services(ramps, material.transfers),
        _accounts(whole, material, stands, evidence),
        whereabouts.made(stands),
        homeward.returned(material),
        homeward.repaid(material),
        contradicted.made(material, disputes),
        supposed,
        _open(material),
        beyond.made(material),
        _spent(material),
        _hubs(material),
        _shapes(material),
        orders(ramps, material),
        _zeros(ramps),
        _left_out(material),
        mixes.made(evidence),
        exchanges.made(evidence),
        bridged.made(case),
        _against(material),
        labelled.made(case, evidence),
        _came_back(came),
        _withdrawn(case, material),
        issued.made(evidence, {one.holding for one in disputes}),
        completeness.made(checks),
        deceptions.made(evidence),
    )
    found: list[Finding] = []
    # Numbered in this order, which depends on nothing but the tables: letters and counsel cite findings by number.
    for maker in makers:
        for kind, subject, grade, slots, exhibits in maker:
            found.append(
                Finding(
                    id=f"F{len(found) + 1}",
                    kind=kind,
                    subject=subject,
                    grade=grade,
                    slots=slots,
                    exhibits=exhibits,
                )
            )
    return cited(found, case, material)


def _losses(losses: Sequence[Loss], material: Material, overlapping: Collection[str]) -> Iterator[_Row]:
    begun: dict[str, list[str]] = {}
    for (name, asset), amount in material.starts.items():
        # What began in an asset by exchange was not lost in it.
        if amount > material.came.get((name, asset), 0):
            begun.setdefault(name, []).append(asset)
    for loss in losses:
        own = begun.get(loss.id, [])
        for asset in sorted(own) or loss.assets or [""]:  # none of it may have begun: another loss has it
            slots: Slots = {
                "loss": loss.id,
                "label": loss.label,
                "asset": asset,
                "declared": loss.amount,
                "began": material.starts.get((loss.id, asset), 0) - material.came.get((loss.id, asset), 0),
            }
            if loss.id in overlapping:
                slots["carried"] = "yes"
            yield "loss", loss.place, "", slots, ()


def _overlapping(case: Case) -> frozenset[str]:
    """The losses of which a part carried another loss before: how much is the outcome of a rule."""
    gaps = (
        derived.load(case, case.derived / "trace" / "gaps.parquet", "trace")
        .select(["code", "subject"])
        .to_pylist()
    )
    return frozenset(row["subject"] for row in gaps if row["code"] == "losses-overlap")


def _conservation(material: Material, stands: Sequence[Standing]) -> Iterator[_Row]:
    still = {(one.address, one.asset) for one in stands if one.word in AT_REST}
    disputed = {(one.address, one.asset) for one in stands if one.word == "disputed"}
    ended: dict[tuple[str, str], dict[str, int]] = {}
    for end in material.declared():
        parts = ended.setdefault((end["loss"], end["asset"]), {})
        reason = end["reason"]
        if reason == "rest" and (end["address"], end["asset"]) not in still:
            reason = "disputed" if (end["address"], end["asset"]) in disputed else "not_seen_leaving"
        parts[reason] = parts.get(reason, 0) + end["amount"]
    for (loss, asset), began in sorted(material.starts.items(), key=lambda x: (int(x[0][0][1:]), x[0][1])):
        parts = ended.get((loss, asset), {})
        came = material.came.get((loss, asset), 0)
        slots: Slots = {"asset": asset, "rule": material.rule, "began": began - came}
        if came:
            slots["exchanged"] = came
        # Both sides are stated, so that a reader can add them up and find them equal.
        slots["ended"] = sum(parts.values())
        slots.update({name: parts[name] for name in sorted(parts)})
        yield "conservation", loss, "", slots, ()


def _ramps(ramps: Sequence[OffRamp], material: Material) -> Iterator[_Row]:
    for r in ramps:
        hints = (material.hints.get((r.chain, wallet)) for wallet in r.hot_wallets)
        rivals = sorted({hint["service"] for hint in hints if hint is not None and hint["role"] == DISPUTED})
        slots: Slots = {
            "service": r.service,
            "asset": r.asset,
            "amount": r.amount,
            "credited": r.credited,
            "unswept": r.unswept,
            "elsewhere": r.elsewhere,
            "fees": r.fees,
            "unfollowed": r.unfollowed,
            "swept": r.swept,
            "sweeps": r.sweeps,
            "transfers": r.transfers,
            "least": min(r.by_rule.values()),
            "most": max(r.by_rule.values()),
            "hot_wallets": r.hot_wallets,
            "basis": r.basis,
            **({"rivals": ", ".join(rivals)} if rivals and not r.service else {}),
        }
        yield "off-ramp", r.address, r.grade, slots, r.exhibits


def _services(ramps: Sequence[OffRamp], transfers: pa.Table) -> Iterator[_Row]:
    keys = sorted({(r.service, r.asset) for r in ramps if r.service})
    for service, asset in keys:
        mine = [r for r in ramps if (r.service, r.asset) == (service, asset)]
        # Those that something went through, where anything did: a row can be of what is unswept there alone.
        paying = [r for r in mine if r.amount] or mine
        swept, sweeps = paid_in_all([r for r in paying if not r.stops], transfers)
        slots: Slots = {
            "asset": asset,
            "amount": sum(r.amount for r in mine),
            "swept": swept,
            "sweeps": sweeps,
            "addresses": tuple(dict.fromkeys(r.address for r in paying)),
            # The own wallets of a service, and what a source calls its deposit addresses, pass on nothing here.
            "direct": sum(r.amount for r in mine if r.stops),
            "through": sum(r.amount for r in mine if not r.stops),
        }
        # The weakest: a total is no better founded than its least founded part. Grades sort from A, the surest, to
        # E.
        grade: Grade = max(r.grade for r in paying)
        exhibits = tuple(sorted({e for r in mine for e in r.exhibits}))
        yield "service-total", service or "", grade, slots, exhibits


def _accounts(
    whole: Sequence[Account], material: Material, stands: Sequence[Standing], evidence: Evidence
) -> Iterator[_Row]:
    words = {(one.address, one.asset): one.word for one in stands}
    for a in whole:
        place = (a.address, a.asset)
        # Of what an account holds without any traced value, only its history says how sure it is.
        own = "whole" if material.covered.until(*place) is not None and not a.opening else "seen"
        own = "feeless" if place in evidence.unpriced else own
        still = words.get(place, own) in AT_REST
        slots: Slots = {
            "asset": a.asset,
            "arrived": a.arrived,
            "opening": a.opening,
            "swept": a.swept,
            "passed_on": a.passed_on,
            "at_rest" if still else "not_seen_leaving": a.at_rest,
            "own": a.own,
            "own_amount": a.own_amount,
            **({"disputes": a.disputed} if a.disputed else {}),
        }
        yield "account", a.address, "", slots, ()


def _against(material: Material) -> Iterator[_Row]:
    for (address, asset), paid in sorted(material.onward.items()):
        place = at(address, asset)
        service = material.targets[place][0]
        if (address, asset) not in material.credits:
            continue
        own = [one for (name, _), one in paid.items() if name == service]
        for (name, _), one in sorted(paid.items()):
            if name not in ("", service):
                wallets = {material.exhibits_of.get((place[0], w), ()) for p in (one, *own) for w in p.wallets}
                exhibits = {n for numbers in (material.exhibits_of.get(place, ()), *wallets) for n in numbers}
                txs = pa.array([*one.transactions, *(tx for p in own for tx in p.transactions)], pa.string())
                moved = material.transfers.filter(pc.is_in(material.transfers.column("tx"), value_set=txs))
                exhibits |= set(moved.column("exhibit").to_pylist())
                slots: Slots = {"asset": asset, "amount": one.total, "service": service, "other": name}
                slots |= {} if place in material.deposit_places else {"role": "wallet"}
                slots |= {"to_own": sum(p.total for p in own), "transactions": tuple(one.transactions[:_LISTED])}
                slots |= {"joint": "yes"} if any(p.least < p.total for p in (one, *own)) else {}
                yield "label-against", address, "", slots, tuple(sorted(exhibits))


_LISTED = 10


def _open(material: Material) -> Iterator[_Row]:
    held: dict[str, dict[str, int]] = {}
    for end in material.declared():
        if end["reason"] == "uncollected":
            here = held.setdefault(end["asset"], {})
            here[end["address"]] = here.get(end["address"], 0) + end["amount"]
    for (address, asset), sums in material.spent.items():
        # What is shown to be spent is told apart: of that no history is missing.
        if held.get(asset, {}).get(address) == sum(sums.values()):
            del held[asset][address]
    for asset, places in sorted((asset, places) for asset, places in held.items() if places):
        largest = sorted(places, key=lambda a: (-places[a], a))[:10]
        slots: Slots = {
            "asset": asset,
            "amount": sum(places.values()),
            "addresses": len(places),
            "largest": tuple(largest),
            "largest_amounts": tuple(str(places[a]) for a in largest),
        }
        yield "open-end", asset, "", slots, ()


def _spent(material: Material) -> Iterator[_Row]:
    left = material.left("uncollected")
    for holding, sums in sorted(material.spent.items()):
        # Only where that is all that was left there: of the rest its history is missing.
        if left.get(holding) == sum(sums.values()):
            named = tuple(sorted({tx for every in sums for tx in every}))
            slots: Slots = {"asset": holding[1], "amount": left[holding], "transactions": named}
            yield "spent-open", holding[0], "", slots, ()


def _hubs(material: Material) -> Iterator[_Row]:
    for (_, address), row in sorted(material.hubs.items()):
        yield "hub", address, row["grade"], {"note": row["note"], "asset": row["asset"]}, ()


def _shapes(material: Material) -> Iterator[_Row]:
    reached = {address for address, _ in material.credits}
    for row in material.shapes:
        if row["address"] in reached or (row["chain"], row["address"]) in material.hubs:
            yield "shape", row["address"], row["grade"], {"note": row["note"], "class": row["role"]}, ()


def _zeros(ramps: Sequence[OffRamp]) -> Iterator[_Row]:
    for r in ramps:
        # Stated plainly, whatever it does to the claim (why: D'Aloia v Persons Unknown [2024] EWHC 2342 (Ch)).
        zero = tuple(name for name, amount in r.by_rule.items() if amount == 0)
        # Of value that is not followed no rule says that it did not get there.
        if zero and not r.unfollowed:
            slots: Slots = {"asset": r.asset, "amount": r.amount, "rules": zero, "service": r.service}
            slots |= {"every": "yes"} if not any(r.by_rule.values()) else {}
            yield "zero-under-rule", r.address, "", slots, r.exhibits


def _came_back(came: pa.Table) -> Iterator[_Row]:
    sums: dict[tuple[str, str, str], list[int]] = {}
    for row in came.to_pylist():
        if row["kind"] in ("service", "hub"):
            held = sums.setdefault((row["kind"], row["name"], row["asset"]), [0, 0, 0])
            for place, column in enumerate(("amount", "after", "twice")):
                held[place] += int(row[column])
    for (kind, name, asset), (amount, after, twice) in sorted(sums.items()):
        slots: Slots = {"asset": asset, "amount": amount, "after": after, "twice": twice, "place": kind}
        yield "came-back", name, "", slots, ()


def _withdrawn(case: Case, material: Material) -> Iterator[_Row]:
    for row in origins.withdrawn(case, material):
        slots: Slots = {"asset": row.asset, "amount": row.amount, "service": row.service}
        slots |= {"transactions": row.transactions} | ({"losses": row.losses} if row.losses else {})
        slots |= {"declared": row.declared, "begun": row.begun} if row.declared else {}
        yield "withdrawn", row.address, "", slots, row.exhibits


def _left_out(material: Material) -> Iterator[_Row]:
    table = material.transfers.filter(pc.is_valid(material.transfers.column("excluded")))
    # Tokens by their numbers are as many assets; they are counted by what they are numbers of.
    whole = pc.replace_substring_regex(table["asset"], r"^([^/]+/[^/]+)/.*$", r"\1")
    table = table.set_column(table.schema.get_field_index("asset"), "asset", whole)
    counted = table.group_by(["excluded", "asset"]).aggregate([("seq", "count")]).to_pylist()
    for row in sorted(counted, key=lambda r: (r["excluded"], r["asset"])):
        symbol, _ = material.assets.get(row["asset"], ("", None))
        slots: Slots = {"asset": row["asset"], "symbol": symbol, "transfers": row["seq_count"]}
        yield "left-out", row["excluded"], "", slots, ()
