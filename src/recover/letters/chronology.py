"""The chronology of a letter: when value of its losses moved, came to the addressee and was paid to it."""

from __future__ import annotations

from recover.letters import covered
from recover.letters.matter import Matter
from recover.letters.words import Blocks
from recover.report import extent, figures
from recover.report.elements import Para, table
from recover.report.identifiers import Row, distinct
from recover.report.schedules import columns


def chronology(m: Matter) -> Blocks:
    """What happened when, from the first loss that reached the addressee to the end of the exhibits."""
    t, rows = m.texts, list[tuple[str, str, str]]()
    for key, wanted in (("arrived", "in"), ("paid", "out")):
        listed = distinct(r for r in m.rows if r.direction == wanted and r.block_time_utc)
        timed, feed = sorted(listed, key=lambda r: r.block_time_utc), ""
        for which, row in (("first", timed[:1]), ("last", timed[1:][-1:])):
            for r in row:
                fee = _fee(m, r) if r.tx_hash != feed else ""  # one transaction can be both, and paid its fee once
                rows.append((m.time(r), t.say(f"chronology.{which}_{key}") + fee, r.tx_hash))
                feed = r.tx_hash
    moved = began(m)
    rows = sorted({*rows, *(row for mine in moved[:BEGAN] for row in mine)})
    if not rows:
        return []
    rest = moved[BEGAN:]
    more = [t.say("chronology.more", count=f"{len(rest):,}", time=rest[-1][0][0])] if rest else []
    places = [(r.chain, r.address, r.asset) for r in m.ramps]
    places += [(one.chain, one.move.dst or "", one.move.asset) for one in m.crossings]
    places += [
        (str(f.slots.get("asset", "")).partition("/")[0], f.subject, str(f.slots.get("asset", "")))
        for f in m.holdings
    ]
    end = covered.told(m, "chronology.end_shown", places) or t.say("chronology.end", until=extent.as_at(m.view, t))
    return [
        table(t.say("chronology.caption"), columns(t, "time:mono", "what", "tx:mono"), rows),
        *(Para(text=said, style="note") for said in (*more, end)),
    ]


def _fee(m: Matter, row: Row) -> str:
    """What of traced value a payment's transaction paid as its network fee, where it did."""
    sums: dict[str, int] = {}
    for r in m.rows:
        if (r.direction, r.tx_hash, r.chain) == ("fee", row.tx_hash, row.chain) and row.direction == "out":
            sums[r.asset] = sums.get(r.asset, 0) + int(r.traced_amount or 0)
    told = m.texts.joined(m.texts.units(n, figures.asset(m.view, asset)) for asset, n in sorted(sums.items()))
    return m.texts.say("chronology.fee", amount=told) if told else ""


BEGAN = 20
"""So many losses a chronology lists, the earliest; what came to the addressee and went is in it in any case."""


def began(m: Matter) -> list[list[tuple[str, str, str]]]:
    """When value of each loss began to move, loss by loss, the earliest first: in each asset once, and where it
    came in by exchange or over a bridge, that."""
    t, moved = m.texts, list[list[tuple[str, str, str]]]()
    assets = {r.asset for r in m.ramps} | {str(f.slots.get("asset", "")) for f in m.holdings}
    assets |= {one.move.asset for one in m.crossings}
    for loss in m.losses:
        came = [(asset, hop) for asset in sorted(assets) for hop in m.ways.came(loss.id, asset)[:1]]
        # What came in by exchange or over a bridge began in an asset that the letter need have no row of.
        here = {asset for asset, _ in m.ways.begun(loss.id)} if came else assets
        hops = [(asset, hop) for asset in sorted(here) if (hop := m.ways.began(loss.id, asset))]
        told = [(*one, "chronology.loss") for one in hops] + [(*one, "chronology.came") for one in came]
        moved.append(
            sorted(
                {
                    (m.when(asset.partition("/")[0], hop.time), t.say(key, loss=loss.id), hop.tx)
                    for asset, hop, key in told
                    if hop.time
                }
            )
        )
    return sorted(filter(None, moved))


def crowded(m: Matter) -> bool:
    """Whether more losses began to move than a chronology lists."""
    return len(began(m)) > BEGAN
