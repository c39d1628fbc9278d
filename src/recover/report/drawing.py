"""What the flow picture of each asset shows: traced value from losses through deposit addresses to its places."""

from __future__ import annotations

from collections.abc import Iterator

from recover.report import answer, doubted, figures, ranged, unnamed
from recover.report.elements import Picture
from recover.report.picture import BAND, TOP, Band, Node, draw
from recover.report.texts import Texts
from recover.sdk import Asset, OffRamp, View
from recover.sdk.outside import visible


def pictures(view: View, t: Texts, top: int = TOP, tall: int = BAND) -> Iterator[Picture]:
    """One picture for each of the first assets in which value was traced, widths comparable only within one.

    In the order of page 1, so that the first picture is of the first table's asset.
    """
    for asset_id in [*drawn(view)][:DRAWN]:
        rows = [r for r in view.offramps if r.asset == asset_id]
        asset = figures.asset(view, asset_id)
        symbol = visible(asset.symbol, 24)
        bands = [*_ramps(rows), *_ends(view, asset_id)]
        # Every unit is drawn into the last layer once, so this layer alone adds up to the whole.
        total = sum(b.amount for b in bands if b.target.startswith("at "))
        parts = [
            t.say("flows.alt_part", amount=t.units(x.amount, asset), place=_place(view, t, x))
            for x in figures.totals(view)
            if x.asset == asset_id and x.amount
        ]
        # Where nothing reached a service or hub, what is drawn is where it stopped or was left.
        parts = parts or [
            t.say(
                "flows.alt_part",
                amount=t.units(band.amount, asset),
                place=_reason(view, t, asset.id, band.target[7:]),
            )
            for band in bands
            if band.target.startswith("at end ") and band.amount
        ]
        alt = t.say("flows.alt", symbol=symbol, rule=view.case.rule, parts="; ".join(parts))
        heads = (t.say("flows.losses"), t.say("flows.addresses"), t.say("flows.places"))
        svg = draw(_nodes(view, t, asset, rows, bands), bands, heads, t.entries["flows.more"], alt, top, tall)
        worth = t.units(total, asset)
        caption = t.say("flows.picture", symbol=symbol, rule=view.case.rule, total=worth)
        yield Picture(svg=svg, alt=alt, caption=caption)


DRAWN = 4
"""So many assets have a picture."""


def drawn(view: View) -> Iterator[str]:
    """The assets of which there is something to draw."""
    yield from (asset for asset, whole in answer.began(view).items() if whole > 0)


def _ramps(rows: list[OffRamp]) -> Iterator[Band]:
    """Loss to address and address to place are what lots carried through it."""
    for r in rows:
        # Inside one address losses are not followed to single places: the first band says whose, the second where
        # to.
        for loss, amount in sorted(r.by_loss.items()):
            yield Band(source=f"loss {loss}", target=f"address {r.address}", amount=amount)
        yield Band(source=f"address {r.address}", target=_target(r), amount=r.amount)


def _target(r: OffRamp) -> str:
    if r.service is not None:
        return f"at service {r.service}"
    return f"at hub {r.hot_wallets[0] if r.hot_wallets else r.address}"


def _rests(view: View) -> Iterator[figures.Rest]:
    """Where value was left, by the trace's reason; of coins that are shown spent no history is missing."""
    for rest, stood in zip(figures.rests(view), figures.stood(view), strict=True):
        yield stood if stood.reason == "spent" else rest


def _ends(view: View, asset_id: str) -> Iterator[Band]:
    """What did not reach a service or hub: one place for each reason, straight from the losses."""
    for rest in _rests(view):
        if rest.asset == asset_id and rest.reason not in {"service", "hub"}:
            middle = f"past {rest.reason}"
            yield Band(source=f"loss {rest.loss}", target=middle, amount=rest.amount)
            yield Band(source=middle, target=f"at end {rest.reason}", amount=rest.amount)


def _nodes(view: View, t: Texts, asset: Asset, rows: list[OffRamp], bands: list[Band]) -> list[Node]:
    sums: dict[str, int] = {}
    for band in bands:
        sums[band.target] = sums.get(band.target, 0) + band.amount
        if band.source.startswith("loss "):
            sums[band.source] = sums.get(band.source, 0) + band.amount
    lines = {
        **_losses(view, t, asset),
        **_middle(view, t, rows),
        **_places(view, t, rows),
        **_past(view, t, asset),
    }
    nodes = []
    for key, amount in sorted(sums.items()):
        layer = 0 if key.startswith("loss ") else 2 if key.startswith("at ") else 1
        name = key.rsplit(" ", 1)[1]
        words = lines.get(key) or (_reason(view, t, asset.id, name),)
        # No name and no service: these cards get no colour of their own.
        plain = key.startswith(("at hub", "at end", "past "))
        nodes.append(Node(key=key, layer=layer, lines=(*words, t.units(amount, asset)), plain=plain))
    return nodes


def _reason(view: View, t: Texts, asset_id: str, name: str) -> str:
    if not t.has(f"reason.{name}"):
        return visible(name, 60)
    return t.say(f"reason.{name}", **doubted.phrases(view, t, ranged.open_at(view, asset_id)))


def _losses(view: View, t: Texts, asset: Asset) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    # In an asset that value came to over a bridge, the picture begins at that bridge.
    came = [
        f
        for f in figures.of_kind(view, "crossing")
        if f.slots.get("into") == asset.id and not f.slots.get("refund")
    ]
    pairs = ((str(f.slots.get("protocol")), str(f.slots.get("asset")).split("/", 1)[0]) for f in came)
    over = dict.fromkeys(
        t.say("flows.over", bridge=visible(bridge, 40), chain=_chain(view, chain)) for bridge, chain in pairs
    )
    for loss in view.case.losses:
        head = f"{loss.id}  {visible(loss.label, 80)}".strip()
        found[f"loss {loss.id}"] = (head, "\t" + visible(loss.place, 90), *([*over][:_BRIDGES]))
    return found


_BRIDGES = 3
"""So many bridges stand on one card."""


def _chain(view: View, chain: str) -> str:
    return visible(view.chains.get(chain, chain), 40)


def _middle(view: View, t: Texts, rows: list[OffRamp]) -> dict[str, tuple[str, ...]]:
    """A card for each address, with every service or hub that it is called of, or that it pays."""
    heads: dict[str, list[str]] = {}
    paid: dict[str, list[str]] = {}
    for r in rows:
        place = unnamed.hub(view, t, [r]) if r.service is None else visible(r.service_name, 40)
        held = r.deposit or r.stops
        head = t.say("flows.graded", service=place, grade=r.grade) if held else place
        (heads if held else paid).setdefault(r.address, []).append(head)
    # A wallet that merely pays a service is nobody's that a source names, and has no grade of theirs.
    for address, names in paid.items():
        heads.setdefault(address, []).append(t.say("flows.pays", services=" / ".join(dict.fromkeys(names))))
    return {f"address {a}": (" / ".join(head), "\t" + visible(a, 90)) for a, head in heads.items()}


def _past(view: View, t: Texts, asset: Asset) -> dict[str, tuple[str, ...]]:
    """Where value that reached no service or hub was left, by reason: too many addresses for a card each."""
    held: dict[str, set[str]] = {}
    for rest in _rests(view):
        if rest.asset == asset.id:
            held.setdefault(rest.reason, set()).update({rest.address} - {""})
    found: dict[str, tuple[str, ...]] = {
        f"past {r}": (figures.counted(t, "summary.endpoints", len(at)) if at else t.say("flows.nowhere"),)
        for r, at in held.items()
    }
    if "past crossed" in found:
        rows = (f for f in figures.of_kind(view, "crossing") if f.slots.get("asset") == asset.id)
        to = dict.fromkeys((str(f.slots.get("protocol")), str(f.slots.get("to_chain"))) for f in rows)
        named = [t.say("flows.into", bridge=visible(b, 40), chain=_chain(view, c)) for b, c in to]
        found["past crossed"] = (*named[:_BRIDGES], *found["past crossed"])
    return found


def _places(view: View, t: Texts, rows: list[OffRamp]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for r in rows:
        key = _target(r)
        grades = ", ".join(sorted({x.grade for x in rows if _target(x) == key}))
        if r.service is not None:
            name = visible(figures.name(view, r.service, r.service_name), 40)
            found[key] = (t.say("flows.graded", service=name, grade=grades),)
        else:
            head = t.say("flows.graded", service=unnamed.hub(view, t, [r]), grade=grades)
            found[key] = (head, "\t" + visible(key.removeprefix("at hub "), 90))
    return found


def _place(view: View, t: Texts, total: figures.Total) -> str:
    return visible(total.name, 80) if total.service else unnamed.hub(view, t, total.rows)
