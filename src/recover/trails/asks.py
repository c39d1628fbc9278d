"""Asks: what a trace leaves open and a source could answer, in the order in which it is put."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from recover.capture import vain
from recover.capture.asking import answered_by_any, answering
from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.sdk import amounts
from recover.sdk.batch import ask_of, ask_text
from recover.sdk.counts import counted
from recover.sdk.ends import recorded
from recover.sdk.plugin import Source
from recover.sdk.values import Address, Arrival, Ask, Crossing, Details, History, Status, TxId, WhoIs
from recover.trails import receipts
from recover.trails.flows import arriving

EXTRA = (Status, WhoIs)
"""Asks that are put where a source can answer them; where none can, nobody is told to look for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The asks that are open, in order: `asks` all of them, `able` those that a source which may be asked answers.

    `beside` are those of how balances stand and of names that none of these sources answers: no traced figure
    hangs on them, and they count nowhere as open. `could` are the installed sources that would answer these.
    """

    asks: tuple[Ask, ...]
    able: tuple[Ask, ...]
    beside: tuple[Ask, ...]
    could: tuple[str, ...]

    @property
    def said(self) -> str:
        """What is asked beside, and who could be, in a sentence; empty where there is nothing."""
        if not self.beside:
            return ""
        one = len(self.beside) == 1
        are, them, could = "is" if one else "are", "it" if one else "them", " or ".join(self.could)
        return (
            f"{counted(len(self.beside), 'further ask')} (how balances stand, or whose an address is) {are} "
            f"answered by none of the sources that you allow: no traced figure hangs on {them}, but a request to "
            f"freeze can. {could} could answer, named with --source."
        )


def opened(case: Case, plugins: Plugins, allowed: Sequence[Source]) -> Open:
    """What is open, where these sources may be asked: one count for every command that tells it."""
    asks, able, beside = list[Ask](), list[Ask](), list[Ask]()
    could = dict[str, None]()
    for wanted in outstanding(case):
        if answered_by_any(allowed, wanted):
            able.append(wanted)
        elif isinstance(wanted, EXTRA):
            # Where no source answers at all, nobody is told to look for an answer.
            if names := answering(plugins, wanted):
                beside.append(wanted)
                could |= dict.fromkeys(names)
            continue
        asks.append(wanted)
    return Open(asks=tuple(asks), able=tuple(able), beside=tuple(beside), could=tuple(sorted(could)))


def outstanding(case: Case) -> list[Ask]:
    """The asks that gaps carry, in order, then the receipts of payments that lists alone show, then how it stands
    where value rests, and where it went and the history was asked in vain; without those that were answered.

    A history carries the moment at which what is followed arrived, and a crossing that at which it left. Whether
    any source answers such an ask is not looked at here.
    """
    path = case.derived / "trace" / "gaps.parquet"
    # What failed stays open, and is asked again by the next run.
    done = answered(case)
    if not derived.here(case, path):
        return [wanted for wanted in _lost(case) if ask_text(wanted) not in done]
    traced = derived.load(case, path, "trace", ["code", "fill"])
    fills = traced.column("fill").to_pylist()
    done -= unbelieved(case).keys()
    # That a source knew nothing of a loss is no end: it may have come since, and another source may know.
    done -= frozenset(traced.filter(pc.equal(traced["code"], "loss-not-found")).column("fill").to_pylist())
    # What decoders and the ledger ask comes after what a trace does: a budget goes to traced value first.
    ledger = case.derived / "ledger" / "gaps.parquet"
    fills += derived.load(case, ledger, "decode", ["fill"]).column("fill").to_pylist()
    fills += [ask_text(one.ask) for one in listed(case)]
    fills += [ask_text(wanted) for wanted in _resting(case)]
    return arrived(case, [ask_of(one) for one in dict.fromkeys(fills) if one is not None and one not in done])


def gaps(case: Case) -> pa.Table | None:
    """The gaps of trace and ledger, which carry asks; None where nothing was traced."""
    path = case.derived / "trace" / "gaps.parquet"
    if not derived.here(case, path):
        return None
    ledger = case.derived / "ledger" / "gaps.parquet"
    return pa.concat_tables([derived.load(case, path, "trace"), derived.load(case, ledger, "decode")])


def answered(case: Case) -> frozenset[str]:
    """The asks that a source answered, as gaps store them, but for those of whose answers one was set aside."""
    found = {ask: numbers for _, ask, numbers in vain.answered(case)}
    # What nothing may rest on answers nothing: the ask is open again, and another source may be asked.
    aside = case.set_aside().keys()
    return frozenset(ask for ask, numbers in found.items() if not aside & set(numbers))


def unbelieved(case: Case) -> dict[str, frozenset[str]]:
    """Histories that were answered by what another exhibit contradicts, each with the sources that answered so.

    An index that lags behind the chain lists nothing of what has just arrived: such an answer ends no question.
    """
    rows = derived.read(case, "fallen", ["chain", "address"]).to_pylist() if _traced(case) else []
    at = {(row["chain"], row["address"]) for row in rows}
    found: dict[str, set[str]] = {}
    for source, name, _ in vain.answered(case) if at else ():
        wanted = vain.read(name)
        if isinstance(wanted, History) and (wanted.address.chain, wanted.address.text) in at:
            found.setdefault(name, set()).add(source)
    return {name: frozenset(sources) for name, sources in found.items()}


def _traced(case: Case) -> bool:
    return derived.here(case, case.derived / "trace" / "gaps.parquet")


def _lost(case: Case) -> list[Ask]:
    """What the losses name: all that there is to ask before anything was traced."""
    found: list[Ask] = []
    for loss in case.settings.losses:
        if loss.tx:
            found.append(Details(tx=TxId(chain=loss.chain, text=loss.tx)))
        elif loss.address:
            found.append(History(address=Address(chain=loss.chain, text=loss.address)))
    return found


def held(case: Case) -> dict[str, int]:
    """By ask of how a balance stands: the part of all that began in its asset, in parts per million."""
    sums = _held(case)
    began: dict[str, int] = {}
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    for asset, amount in zip(ends.column("asset").to_pylist(), amounts.exact(ends), strict=True):
        began[asset] = began.get(asset, 0) + amount
    return {
        ask_text(Status(address=Address(chain=asset.split("/", 1)[0], text=name), asset=asset)): amount
        * receipts.WHOLE
        // (began[asset] or 1)
        for (name, asset), amount in sums.items()
    }


def listed(case: Case) -> list[receipts.Listed]:
    """Payments on which an end rests and which lists alone show, the largest first; none before it was traced."""
    if not _traced(case):
        return []
    return receipts.unread(case, answered(case), _put(case))


def arrived(case: Case, wanted: Sequence[Ask]) -> list[Ask]:
    """The same asks; those of a history with the first movement that brought traced value to their address."""
    wanted = _near(case, wanted)
    names = pa.array(sorted({one.address.text for one in wanted if isinstance(one, History)}), pa.string())
    if not len(names):
        return list(wanted)
    flows = derived.read(case, "flows", ["seq", "event"])
    came = pc.unique(arriving(flows)["seq"])
    rows = derived.read(case, "transfers", ["seq", "chain", "dst", "time", "height"])
    rows = rows.filter(pc.and_kleene(pc.is_in(rows["dst"], names), pc.is_in(rows["seq"], came)))
    first = rows.group_by(["chain", "dst"]).aggregate([("time", "min"), ("height", "min")])
    found = {
        Address(chain=row["chain"], text=row["dst"]): Arrival(time=row["time_min"], height=row["height_min"])
        for row in first.to_pylist()
    }
    return [replace(one, arrived=found.get(one.address)) if isinstance(one, History) else one for one in wanted]


def _near(case: Case, wanted: Sequence[Ask]) -> list[Ask]:
    """The same asks; those of the other side of a bridge with the time of the side that is shown."""
    ids = pa.array(sorted({one.tx.text for one in wanted if isinstance(one, Crossing)}), pa.string())
    if not len(ids):
        return list(wanted)
    rows = derived.read(case, "transfers", ["chain", "tx", "time"])
    rows = rows.filter(pc.is_in(rows["tx"], ids)).to_pylist()
    when = {TxId(chain=row["chain"], text=row["tx"]): row["time"] for row in rows}
    return [replace(one, near=when.get(one.tx)) if isinstance(one, Crossing) else one for one in wanted]


def _held(case: Case) -> dict[tuple[str, str], int]:
    """What rests under the declared rule, or went where the history was asked in vain, by address and asset."""
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    put = _put(case)
    held: dict[tuple[str, str], int] = {}
    for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        # No history is no reason not to ask what lies there now: whoever can freeze it needs no more.
        lost = row["reason"] == "uncollected" and (row["asset"].split("/", 1)[0], row["address"]) in put
        if row["reason"] == "rest" or (lost and amount):
            key = (row["address"], row["asset"])
            held[key] = held.get(key, 0) + amount
    return held


def _put(case: Case) -> set[tuple[str, str]]:
    """Chain and address of the histories that were asked. Where one is open still, it was asked in vain: nobody
    answered, or with what another exhibit contradicts."""
    return {(one.address.chain, one.address.text) for one in _asked(case) if isinstance(one, History)}


def balances(case: Case) -> set[str]:
    """The addresses of which it was asked what they hold."""
    return {one.address.text for one in _asked(case) if isinstance(one, Status)}


def _asked(case: Case) -> Iterator[Ask | None]:
    return (
        vain.read(name) for name in dict.fromkeys(str(e.body["ask"]) for e in case.entries if e.kind == "asked")
    )


def _resting(case: Case) -> list[Status]:
    """One ask for each address and asset of these, the largest first."""
    held = _held(case)
    # The largest first, as the budget may end before the last and an order to freeze is worth most there.
    places = sorted(held, key=lambda key: (-held[key], key))
    return [Status(address=Address(chain=a.split("/", 1)[0], text=name), asset=a) for name, a in places]
