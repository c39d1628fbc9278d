"""The flow from the losses to one addressee: a picture, and the ways of the largest hop by hop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recover.letters import narrowed, screened
from recover.letters.matter import Hop, Matter
from recover.letters.words import Blocks, spot, stacked
from recover.report import figures, hopwise
from recover.report.elements import Block, Para, Picture, table
from recover.report.picture import Band, Node, draw
from recover.report.schedules import columns
from recover.report.texts import Texts
from recover.sdk import Asset, OffRamp
from recover.sdk.outside import visible
from recover.trails import routed

WAYS = 3
"""So many ways from a loss are printed hop by hop, the largest first; the tables hold every movement."""


def flow(m: Matter) -> Blocks:
    """From the losses to this addressee, or to where its token was left: a picture, then hop by hop."""
    if not m.losses or not (m.ramps or m.holdings):
        return []
    t, out = m.texts, list[Block](_pictures(m) if m.ramps else _left(m))
    ways, whole = 0, m.texts.rule(m.view.case.rule)
    for one in _largest(m):
        way, went = one.way(m)
        if not way:
            continue
        asset = figures.asset(m.view, one.asset)
        rows = [
            (
                f"{n}",
                stacked(
                    visible(hop.tx),
                    visible(hop.src) or "–",
                    t.say("flow.joint") if hop.joint else "",
                    f"→ {visible(hop.dst) or '–'}",
                    " ".join(
                        [
                            m.when(one.asset.split("/", 1)[0], hop.time),
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
        slots: dict[str, str | int] = {"loss": one.loss, "rule": whole, "address": visible(one.address)}
        slots |= {"hops": len(way), "went": t.units(went, asset), "traced": t.units(one.amount, asset)}
        key = ("way_one" if len(way) == 1 else "way") if m.ramps else "left_one" if len(way) == 1 else "left"
        out.append(table(t.say(f"flow.{key}", **slots), heads, rows))
        if way[0].came:
            out.append(Para(text=t.say("flow.came", tx=visible(way[0].tx)), style="note"))
        ways += 1
        if ways == WAYS:
            break
    if ways:
        out.append(Para(text=t.say("flow.note" if m.ramps else "flow.note_left", rule=whole), style="note"))
    elif any(one.amount for one in _largest(m)) and not screened.partly(m.view):
        why = t.joined(t.say(f"flow.why_{word}") for word in unprinted(m))
        out.append(Para(text=t.say("flow.none", rule=whole, why=f": {why}" if why else ""), style="note"))
    return out


def unprinted(m: Matter) -> list[str]:
    """Why no way is printed to where value came, of each word once; none where it cannot be told which."""
    found = (_why(m, one) for one in ends(m) if one.amount and not one.way(m)[0])
    return [*dict.fromkeys(filter(None, found))]


def _why(m: Matter, one: _End) -> str:
    if m.view.tables["transfers"]().num_rows > routed.MOVEMENTS:
        return "large"
    printed, ramp = hopwise.ways(m.view), one.ramp
    if ramp is None:
        return ""
    # A letter's view can have fewer pairs than the case: what is not among its first is not among the case's.
    first = [(r, loss) for _, r, loss in routed.wanted(m.view.offramps)]
    if not any(_same(r, ramp) and loss == one.loss for r, loss in first):
        return "rank"
    alone = not any(key[2] == one.asset for key in printed) and len({key[:-1] for key in printed}) < routed.ROUTES
    return "many" if alone and "routes" in m.view.tables else ""


def _same(r: OffRamp, ramp: OffRamp) -> bool:
    names = ("through", "address", "asset", "service", "memo")
    return all(getattr(r, name) == getattr(ramp, name) for name in names)


@dataclass(frozen=True, slots=True)
class _End:
    """Where value of a loss came to: how much of it, at what address; `ramp` where that is an off-ramp."""

    loss: str
    address: str
    asset: str
    amount: int
    unswept: int = 0
    ramp: OffRamp | None = None

    def way(self, m: Matter) -> tuple[tuple[Hop, ...], int]:
        if self.ramp is not None:
            return m.ways.to(self.ramp, self.loss)
        return m.ways.rest(self.address, self.asset, self.loss)


def ends(m: Matter) -> list[_End]:
    """Where value of the letter's losses came to."""
    if m.ramps:
        pairs = [(r, loss.id) for r in m.ramps for loss in m.losses]
        return [_End(name, r.address, r.asset, r.by_loss.get(name, 0), r.resting, r) for r, name in pairs]
    places = [(f.subject, str(f.slots.get("asset", ""))) for f in m.holdings]
    rest, mine = narrowed.resting(m.view), {loss.id for loss in m.losses}
    return [_End(name, *at, n) for at in places for name, n in rest.get(at, {}).items() if name in mine]


def _largest(m: Matter) -> Iterable[_End]:
    return sorted(ends(m), key=lambda one: (-one.amount, -one.unswept, one.address, one.loss))


def _left(m: Matter) -> Blocks:
    """Losses and the addresses at which an issuer's token was left, one picture an asset; value to scale."""
    t, out, every = m.texts, list[Block](), ends(m)
    for asset_id in sorted({one.asset for one in every}):
        asset, here = figures.asset(m.view, asset_id), [one for one in every if one.asset == asset_id]
        bands = [Band(source=f"l{one.loss}", target=f"a{one.address}", amount=one.amount) for one in here]
        sums: dict[str, int] = {}
        for one in here:
            sums[one.address] = sums.get(one.address, 0) + one.amount
        nodes = [_began(m, name, asset, bands) for name in sorted({one.loss for one in here})]
        nodes += [
            Node(key=f"a{at}", layer=2, lines=(f"\t{visible(at)}", t.units(n, asset))) for at, n in sums.items()
        ]
        heads = (t.say("flow.from"), "", t.say("flow.rests"))
        caption = t.say("flow.caption", symbol=visible(asset.symbol, 24), rule=m.texts.rule(m.view.case.rule))
        alt = _told(t, asset, nodes, bands)
        svg = draw(nodes, bands, heads, t.entries["flow.more"], alt)
        out.append(Picture(svg=svg, alt=alt, caption=caption))
    return out


_TOLD = 12
"""So many of its bands a picture's description tells, the widest first."""


def _told(t: Texts, asset: Asset, nodes: Sequence[Node], bands: Sequence[Band]) -> str:
    """What a picture shows, for who cannot see it and for forms that have none: each band with its amount."""
    names = {node.key: node.lines[0].strip() for node in nodes}
    wide = sorted(
        (band for band in bands if band.amount), key=lambda band: (-band.amount, band.source, band.target)
    )
    said = [f"{names[one.source]} → {names[one.target]}: {t.units(one.amount, asset)}" for one in wide[:_TOLD]]
    return "; ".join([*said, *(["…"] if len(wide) > _TOLD else [])])


def _began(m: Matter, loss: str, asset: Asset, bands: Sequence[Band]) -> Node:
    """A loss: how much of it came here, of how much that it began with in this asset."""
    t, went = m.texts, sum(band.amount for band in bands if band.source == f"l{loss}")
    whole = sum(n for n, _ in m.ways.starts(loss).get(asset.id, ()))
    said = t.units(went, asset)
    if whole > went:
        said = t.say("flow.of", went=said, lost=t.units(whole, asset))
    return Node(key=f"l{loss}", layer=0, lines=(t.say("flow.loss", loss=loss), said))


def _pictures(m: Matter) -> Blocks:
    """Losses, credited addresses and the addressee, one picture an asset; value to scale."""
    t, out = m.texts, list[Block]()
    for asset_id in sorted({r.asset for r in m.ramps}):
        asset = figures.asset(m.view, asset_id)
        ramps = [r for r in m.ramps if r.asset == asset_id]
        # What all came to the service's own wallets is said in words: a picture would show one band.
        ramps = ramps if any(r.amount and r.address not in r.hot_wallets for r in ramps) else []
        bands = [
            Band(source=f"l{name}", target=f"a{r.address}", amount=n)
            for r in ramps
            for name, n in r.by_loss.items()
        ]
        bands += [Band(source=f"a{r.address}", target="s", amount=r.amount) for r in ramps]
        if not any(band.amount for band in bands):
            continue
        losses = sorted({band.source for band in bands if band.source[0] == "l" and band.amount})
        nodes = [_began(m, key[1:], asset, bands) for key in losses]
        nodes += [
            Node(key=f"a{r.address}", layer=1, lines=(f"\t{visible(r.address)}", t.units(r.credited, asset)))
            for r in ramps
        ]
        nodes.append(Node(key="s", layer=2, lines=(m.name, t.units(sum(r.amount for r in ramps), asset))))
        heads = (t.say("flow.from"), t.say("flow.through"), t.say("flow.to"))
        caption = t.say("flow.caption", symbol=visible(asset.symbol, 24), rule=m.texts.rule(m.view.case.rule))
        alt = _told(t, asset, nodes, bands)
        svg = draw(nodes, bands, heads, t.entries["flow.more"], alt)
        out.append(Picture(svg=svg, alt=alt, caption=caption))
    return out
