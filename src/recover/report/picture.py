"""The flow picture: losses, deposit addresses and where the value went, as one SVG drawn by integer arithmetic.

A layered flow diagram after Riall Sankey (1898): the width of a band is proportional to its amount. Cards hold
the words, bands run only between cards, so that no label can be crossed or cut.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from recover.report import lettering

# Cards in one layer; one more stands for the rest.
TOP = 9
_WIDE = 740
_X = (1, 264, 528)
_WIDTHS = (211, 211, 211)
BAND = 330
"""The height in pixels that the whole amount fills; cards with many words make a picture taller."""
_EACH = 90  # and at most so much for each card of the fullest layer
_GAP = 8
_LINE = 14
_HEAD = 30
_SIZES = ((34, "9"), (42, "8"), (46, "7.3"))
"""Of an identifier, by how many letters it has: it stands on one line, as half of one looks like a whole one. What
is longer than any address stands on lines of one length."""
_ROOM = 320  # of text, where a small letter takes 10
_BOLD = 295  # the same of a card's first line
# Okabe and Ito's colours, in an order whose greys differ too; the pattern of dashes tells them apart once more.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_GREY = "#8A8A8A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One card. `lines` are ready to print: the first is bold, but where a tab before it says identifier."""

    key: str
    layer: int
    lines: tuple[str, ...]
    plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """So much value between two cards, in base units."""

    source: str
    target: str
    amount: int


@dataclass(slots=True)
class _Card:
    node: Node
    lines: list[str]
    inflow: int = 0
    outflow: int = 0
    y: int = 0
    height: int = 0
    used_in: int = 0
    used_out: int = 0
    sources: list[tuple[int, int]] = field(default_factory=list)


def draw(
    nodes: Sequence[Node],
    bands: Iterable[Band],
    heads: tuple[str, str, str],
    more: str,
    alt: str,
    top: int = TOP,
    tall: int = BAND,
) -> str:
    """The SVG's text; `heads` are the titles of the layers, left to right.

    `more` is the label of the card that stands for all beyond the first `top` of a layer, with `{count}` in it.
    """
    kept, joined = _cap(nodes, _merge(bands), more, top)
    cards = {
        n.key: _Card(node=n, lines=[w for at, line in enumerate(n.lines) for w in _wrap(line, at == 0)])
        for n in kept
    }
    for band in joined:
        cards[band.source].outflow += band.amount
        cards[band.target].inflow += band.amount
    # The widest layer sets the scale, so that bands of equal amount are equally wide everywhere.
    whole = max(sum(max(c.inflow, c.outflow) for c in cards.values() if c.node.layer == n) for n in range(3))
    tallest = max(sum(c.node.layer == n for c in cards.values()) for n in range(3))
    # A picture of few cards needs no tall bands: scale them down as if more value were there.
    whole = max(whole * BAND // min(tall, _EACH * max(tallest, 1)), 1)
    height = _place(cards, joined, whole)
    tints = _tints(cards)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {height}" width="{_WIDE}"',
        f' height="{height}" role="img" aria-label="{escape(alt, quote=True)}">',
        f'<rect width="{_WIDE}" height="{height}" fill="#FFFFFF"/>',
        *(_text(_X[n], 16, head, bold=True, fill="#444444") for n, head in enumerate(heads)),
        *_ribbons(cards, joined, whole, tints),
        *(piece for card in cards.values() for piece in _card(card, tints)),
        "</svg>",
    ]
    return "".join(parts)


def _merge(bands: Iterable[Band]) -> list[Band]:
    held: dict[tuple[str, str], int] = {}
    for band in bands:
        if band.amount > 0:
            held[band.source, band.target] = held.get((band.source, band.target), 0) + band.amount
    return [Band(source=s, target=t, amount=a) for (s, t), a in held.items()]


def _cap(nodes: Sequence[Node], bands: list[Band], more: str, top: int) -> tuple[list[Node], list[Band]]:
    """Keep the `top` largest of each layer; one card stands for the rest."""
    weight = {n.key: 0 for n in nodes}
    for band in bands:
        weight[band.source] += band.amount
        weight[band.target] += band.amount
    kept: list[Node] = []
    renamed: dict[str, str] = {}
    for layer in range(3):
        here = sorted(
            (n for n in nodes if n.layer == layer and weight[n.key]), key=lambda n: (-weight[n.key], n.key)
        )
        kept += here[:top]
        if len(here) > top:
            # No address or service has a NUL in its name, so this key can meet none.
            rest = Node(key=f"\0{layer}", layer=layer, lines=(more.format(count=len(here) - top),), plain=True)
            kept.append(rest)
            renamed.update({n.key: rest.key for n in here[top:]})
    moved = [
        Band(
            source=renamed.get(b.source, b.source),
            target=renamed.get(b.target, b.target),
            amount=b.amount,
        )
        for b in bands
    ]
    return kept, _merge(moved)


def _place(cards: dict[str, _Card], bands: list[Band], whole: int) -> int:
    """Give every card its place, each layer ordered by what feeds it, then centred. Returns the height."""
    layers: list[list[_Card]] = [[c for c in cards.values() if c.node.layer == n] for n in range(3)]
    rank = {c.node.key: i for i, c in enumerate(layers[0])}
    for layer in layers[1:]:
        feeds = {c.node.key: [(rank[b.source], b.amount) for b in bands if b.target == c.node.key] for c in layer}
        layer.sort(key=lambda c: (c.node.key.startswith("\0"), _mean(feeds[c.node.key]), c.node.key))
        rank.update({c.node.key: i for i, c in enumerate(layer)})
    for card in cards.values():
        drawn = max(_total(card, bands, whole))
        card.height = max(len(card.lines) * _LINE + 9, drawn + 6)
    tall = max(sum(c.height + _GAP for c in layer) for layer in layers)
    for layer in layers:
        y = _HEAD + (tall - sum(c.height + _GAP for c in layer)) // 2
        for card in layer:
            card.y = y
            y += card.height + _GAP
    return _HEAD + tall


def _total(card: _Card, bands: list[Band], whole: int) -> tuple[int, int]:
    into = sum(_thick(b.amount, whole) for b in bands if b.target == card.node.key)
    out = sum(_thick(b.amount, whole) for b in bands if b.source == card.node.key)
    return into, out


def _mean(feeds: list[tuple[int, int]]) -> int:
    total = sum(amount for _, amount in feeds)
    # In thousandths: integers give one picture on every machine, where floats might not.
    return sum(at * 1000 * amount for at, amount in feeds) // total if total else 0


def _thick(amount: int, whole: int) -> int:
    # What is too small for the scale keeps a line: a band that vanished would say that nothing went there.
    return max(amount * BAND // whole, 1)


def _tints(cards: dict[str, _Card]) -> dict[str, str]:
    named = [c for c in cards.values() if c.node.layer == 2 and not c.node.plain]
    ordered = sorted(named, key=lambda c: (-c.inflow, c.node.key))
    tints = {c.node.key: _COLOURS[i % len(_COLOURS)] for i, c in enumerate(ordered)}
    return {key: tints.get(key, _GREY) for key in cards}


def _ribbons(cards: dict[str, _Card], bands: list[Band], whole: int, tints: dict[str, str]) -> Iterable[str]:
    ordered = sorted(bands, key=lambda b: (cards[b.source].y, cards[b.target].y))
    starts = {key: c.y + (c.height - _total(c, bands, whole)[1]) // 2 for key, c in cards.items()}
    ends = {key: c.y + (c.height - _total(c, bands, whole)[0]) // 2 for key, c in cards.items()}
    for band in ordered:
        source, target = cards[band.source], cards[band.target]
        thick = _thick(band.amount, whole)
        x1, x2 = _X[source.node.layer] + _WIDTHS[source.node.layer], _X[target.node.layer]
        y1, y2 = starts[band.source], ends[band.target]
        starts[band.source] += thick
        ends[band.target] += thick
        middle = (x1 + x2) // 2
        # A band into the middle layer has no one destination: grey. One into the last takes its colour.
        fill = tints[band.target] if target.node.layer == 2 else _GREY
        yield (
            f'<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}L{x2} {y2 + thick}'
            f'C{middle} {y2 + thick} {middle} {y1 + thick} {x1} {y1 + thick}Z" fill="{fill}" fill-opacity="0.6"/>'
        )


def _card(card: _Card, tints: dict[str, str]) -> Iterable[str]:
    x, width = _X[card.node.layer], _WIDTHS[card.node.layer]
    dash = ' stroke-dasharray="4 3"' if card.node.plain else ""
    yield (
        f'<rect x="{x}" y="{card.y}" width="{width}" height="{card.height}" rx="3" fill="#FFFFFF" '
        f'stroke="#555555" stroke-width="1"{dash}/>'
    )
    yield f'<rect x="{x}" y="{card.y}" width="5" height="{card.height}" fill="{tints[card.node.key]}"/>'
    top = card.y + (card.height - len(card.lines) * _LINE) // 2 + 11
    for at, line in enumerate(card.lines):
        yield _text(
            x + 12,
            top + at * _LINE,
            line.lstrip("\t"),
            bold=at == 0 and line[:1] != "\t",
            mono=line.startswith("\t"),
        )


def _text(x: int, y: int, text: str, *, bold: bool = False, mono: bool = False, fill: str = "#111111") -> str:
    # One family for all: Typst's SVG reader draws the thinnest weight of a variable monospaced font.
    family = "Noto Sans, Sarabun, sans-serif"
    weight = ' font-weight="700"' if bold else ""
    size = next((size for most, size in _SIZES if len(text) <= most), _SIZES[-1][1]) if mono else "11"
    return (
        f'<text x="{x}" y="{y}" font-family="{family}" font-size="{size}"{weight} fill="{fill}">'
        f"{escape(text, quote=True)}</text>"
    )


def _wrap(line: str, bold: bool = False) -> list[str]:
    """Lines that fit a card: words where there are words, else pieces; an identifier is never shortened."""
    if line.startswith("\t"):
        body = line[1:]
        parts = 1 if len(body) <= _SIZES[-1][0] else -(-len(body) // _SIZES[0][0])
        room = max(-(-len(body) // parts), 1)
        return ["\t" + body[at : at + room] for at in range(0, max(len(body), 1), room)]
    out: list[str] = []
    while (cut := _fitting(line, _BOLD if bold and not out else _ROOM)) < len(line):
        space = lettering.space(line, cut)
        at = space if space > cut // 2 else lettering.whole(line, cut)
        out.append(line[:at])
        line = line[at:].lstrip(" ")
    return [*out, line]


def _fitting(text: str, room: int) -> int:
    """How many characters fit, by their rough widths: none is drawn wider than it is counted."""
    for at, char in enumerate(text):
        wide = unicodedata.east_asian_width(char) in "WF"
        room -= (
            22 if wide else 0 if not lettering.roomy(char) else 14 if char.isupper() or char in "mw@%—…‹›" else 10
        )
        if room < 0:
            return at
    return len(text)
