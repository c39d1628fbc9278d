"""The flow from the losses to one addressee: a picture, and the ways of the largest hop by hop."""

from __future__ import annotations

from collections.abc import Iterable

from recover.letters.matter import Matter
from recover.letters.words import Blocks, spot, stacked
from recover.report import figures
from recover.report.elements import Block, Para, Picture, table
from recover.report.picture import Band, Node, draw
from recover.report.schedules import columns
from recover.sdk import Loss, OffRamp
from recover.sdk.outside import visible

WAYS = 3
"""So many ways from a loss are printed hop by hop, the largest first; the tables hold every movement."""


def flow(m: Matter) -> Blocks:
    """From the losses to this addressee: a picture, then the ways of the largest hop by hop."""
    if not m.ramps or not m.losses:
        return []
    t, out = m.texts, list[Block]()
    out += _pictures(m)
    ways = 0
    for ramp, loss in _largest(m):
        way, went = m.ways.to(ramp, loss.id)
        if not way:
            continue
        asset = figures.asset(m.view, ramp.asset)
        rows = [
            (
                f"{n}",
                stacked(
                    visible(hop.tx),
                    visible(hop.src) or "–",
                    f"→ {visible(hop.dst) or '–'}",
                    " ".join(
                        [
                            figures.when(m.view, t, ramp.chain, hop.time),
                            *spot(t, "" if hop.height is None else str(hop.height), ""),
                        ]
                    ),
                ),
                t.both(hop.amount, asset),
                t.both(hop.traced, asset),
            )
            for n, hop in enumerate(way, 1)
        ]
        heads = columns(t, "number:exhibits", "tx:mono", "amount:number", "of_loss:number")
        slots: dict[str, str | int] = {
            "loss": loss.id,
            "rule": m.view.case.rule,
            "address": visible(ramp.address),
            "hops": len(way),
        }
        key = "flow.way_one" if len(way) == 1 else "flow.way"
        slots |= {"went": t.units(went, asset), "traced": t.units(_by_loss(ramp, loss), asset)}
        out.append(table(t.say(key, **slots), heads, rows))
        ways += 1
        if ways == WAYS:
            break
    if ways:
        out.append(Para(text=t.say("flow.note", rule=m.view.case.rule), style="note"))
    elif any(_by_loss(*pair) for pair in _largest(m)):
        out.append(Para(text=t.say("flow.none", rule=m.view.case.rule), style="note"))
    return out


def _by_loss(ramp: OffRamp, loss: Loss) -> int:
    return ramp.by_loss.get(loss.id, 0)


def _largest(m: Matter) -> Iterable[tuple[OffRamp, Loss]]:
    pairs = [(r, loss) for r in m.ramps for loss in m.losses]
    return sorted(pairs, key=lambda p: (-_by_loss(*p), -p[0].unswept, p[0].address, p[1].id))


def _pictures(m: Matter) -> Blocks:
    """Losses, credited addresses and the addressee, one picture an asset; value to scale."""
    t, out = m.texts, list[Block]()
    for asset_id in sorted({r.asset for r in m.ramps}):
        asset = figures.asset(m.view, asset_id)
        ramps = [r for r in m.ramps if r.asset == asset_id and r.address not in r.hot_wallets]
        bands = [
            Band(source=f"l{name}", target=f"a{r.address}", amount=n)
            for r in ramps
            for name, n in r.by_loss.items()
        ]
        bands += [Band(source=f"a{r.address}", target="s", amount=r.amount) for r in ramps]
        if not any(band.amount for band in bands):
            continue
        losses = sorted({band.source for band in bands if band.source[0] == "l" and band.amount})
        nodes = [Node(key=key, layer=0, lines=(t.say("flow.loss", loss=key[1:]),)) for key in losses]
        nodes += [
            Node(key=f"a{r.address}", layer=1, lines=(f"\t{visible(r.address)}", t.units(r.credited, asset)))
            for r in ramps
        ]
        nodes.append(Node(key="s", layer=2, lines=(m.name, t.units(sum(r.amount for r in ramps), asset))))
        heads = (t.say("flow.from"), t.say("flow.through"), t.say("flow.to"))
        caption = t.say("flow.caption", symbol=visible(asset.symbol, 24), rule=m.view.case.rule)
        svg = draw(nodes, bands, heads, t.entries["flow.more"], caption)
        out.append(Picture(svg=svg, alt=caption, caption=caption))
    return out
