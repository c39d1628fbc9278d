"""What a letter says of value in money: its losses, what was paid to the addressee, and the same at its date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from recover.letters.matter import Matter
from recover.letters.words import Blocks
from recover.report import figures, worth
from recover.sdk.outside import visible


def value(m: Matter) -> Blocks:
    """The table of values; nothing where the case has no price."""
    return worth.block(m.view, m.texts, claims(m))


def claims(m: Matter) -> list[worth.Claim]:
    """What is valued, each at the moment that its rule gives."""
    held = [
        worth.Claim(
            what=m.texts.say("worth.held"),
            place=visible(f.subject),
            rule="report",
            asset=str(f.slots.get("asset", "")),
            parts=((figures.number(f, "upto"), _today(m)),),
        )
        for f in m.holdings
    ]
    return [*_losses(m), *_paid(m), *held] if m.ramps or m.holdings or m.kind.about == "case" else []


def _losses(m: Matter) -> Iterator[worth.Claim]:
    for loss in m.losses:
        for asset, parts in m.ways.starts(loss.id).items():
            yield worth.Claim(what=m.texts.say("worth.lost", loss=loss.id), rule="loss", asset=asset, parts=parts)


def _paid(m: Matter) -> Iterator[worth.Claim]:
    name = m.name if m.kind.about != "case" else m.texts.say("worth.services")
    what = m.texts.say("worth.paid", name=name)
    # A hub is no service: what went there went to nobody who is named.
    ramps = [r for r in m.ramps if r.amount and r.service]
    for asset in sorted({r.asset for r in ramps}):
        parts = worth.payments(ramps, asset, m.rows)
        yield worth.Claim(what=what, rule="arrival", asset=asset, parts=parts)
        whole = sum(r.amount for r in ramps if r.asset == asset)
        yield worth.Claim(what=what, rule="report", asset=asset, parts=((whole, _today(m)),))


def _today(m: Matter) -> datetime:
    return m.issued or figures.date(m.view)
