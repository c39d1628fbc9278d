"""The notice to a victim: what is on record, where it went, what comes next, and a warning. Nothing of anybody
else."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise.assets import Units, shown_as
from recover.report.elements import Block, Brief, ColumnKind, Facts, Items, Para, table
from recover.report.texts import Texts
from recover.returns import leaves
from recover.returns.leaves import said
from recover.sdk.errors import Error
from recover.sdk.outside import visible
from recover.victims import settled, spread, urgent
from recover.victims.known import Payment, Victim

LANGUAGES = ("en", "th")

_STATES = {
    "shown": "notice.state_shown",
    "above the transaction": "notice.state_above",
    "claimed by two": "notice.state_two",
    "no transaction": "notice.state_missing",
    "not in the exhibits": "notice.state_unseen",
}


def write(case: Case, plugins: Plugins, name: str, languages: list[str], out: Path) -> list[Path]:
    """One PDF a language. Raises Error for an unknown victim or language."""
    settled.itself(case, name)
    victim = settled.every(case).get(name)
    if victim is None or not set(languages) <= set(LANGUAGES):
        raise Error(
            "no-victim" if victim is None else "language-missing",
            f"The case has no victim {name!r}." if victim is None else f"There is no notice in {languages}.",
            f"Notices are written in {', '.join(LANGUAGES)}.",
            "`recover victim list CASE` shows the pseudonyms.",
        )
    shown = shown_as(case, plugins)
    files = {
        f"notice-{name}-{lang}.pdf": notice(case, leaves.words(lang, plugins), victim, shown) for lang in languages
    }
    return leaves.write(case, plugins, out, files)


def notice(case: Case, t: Texts, victim: Victim, units: Units) -> Brief:
    """The notice as a paper."""
    head = Facts(
        rows=(
            (t.say("notice.to"), t.say("notice.to_value", victim=victim.id), "text"),
            (t.say("notice.from"), visible(case.settings.agency, 120), "text"),
            (t.say("notice.reference"), visible(case.settings.reference, 60) or "–", "text"),
            (t.say("notice.day"), f"{case.entries[-1].time:%Y-%m-%d}", "text"),
        )
    )
    return leaves.brief(
        case,
        t,
        t.say("notice.title"),
        t.say("notice.subtitle", victim=victim.id),
        [
            head,
            Para(text=t.say("notice.scam_title"), style="lead"),
            Para(text=t.say("notice.scam"), style="warning"),
        ],
        [
            (t.say("notice.what_title"), _payments(t, victim, units)),
            (t.say("notice.where_title"), _where(case, t, victim, units)),
            (t.say("notice.now_title"), [_now(case, t, victim)]),
            (t.say("notice.next_title"), [_next(t, victim), Para(text=t.say("notice.limits"), style="note")]),
        ],
        titled=False,
    )


def _payments(t: Texts, victim: Victim, units: Units) -> list[Block]:
    if not victim.payments:
        return [Para(text=t.say("notice.none"))]
    heads = columns(t, "payment:text", "transaction:mono", "claimed:number", "shown:number")
    rows = [_row(t, one, units) for one in victim.payments]
    out: list[Block] = [Para(text=t.say("notice.what")), table("", heads, rows)]
    # Who else names a payment is nobody's business but the officer's: a word, and no pseudonym.
    states = [f"{_number(one)}: {t.say(_STATES[one.state])}" for one in victim.payments if one.state != "shown"]
    out += [Items(items=tuple(states))] if states else []
    for asset, amount in sorted(victim.received.items()):
        out += _back(t, victim, asset, amount, units)
    return out


def _back(t: Texts, victim: Victim, asset: str, amount: int, units: Units) -> list[Block]:
    """What came back, as the victim says and as the chain shows: one sum, where it may be the same."""
    told = sum(n for of, n in victim.back.values() if of == asset)
    shown = victim.on_chain.get(asset, 0)
    lines = [("notice.back", told), ("notice.back_chain", shown), ("notice.back_both", amount)]
    lines = [line for line in lines[: 3 if told and shown else 2] if line[1]]
    return [Para(text=t.say(key, amount=said(asset, n, units))) for key, n in lines]


def _row(t: Texts, one: Payment, units: Units) -> tuple[str, ...]:
    none = t.say("notice.unknown")
    sums = (said(one.asset, amount, units, none) for amount in (one.claimed, one.shown))
    return (_number(one), one.tx or none, *sums)


def _number(one: Payment) -> str:
    return one.id.rpartition(".")[2]


def columns(t: Texts, *names: str) -> tuple[tuple[str, ColumnKind], ...]:
    """Column heads from `key:kind`."""
    pairs = (name.partition(":") for name in names)
    return tuple((t.say(f"notice.{key}"), cast(ColumnKind, kind)) for key, _, kind in pairs)


def _where(case: Case, t: Texts, victim: Victim, units: Units) -> list[Block]:
    mine = []
    if case.files.size("derived/find/offramps.parquet") is not None:
        mine = [cell for cell in spread.cells(case, {victim.id}) if cell.victim == victim.id]
    unsettled = {payment.loss for payment in victim.payments} & spread.disputed(case)
    out: list[Block] = [Para(text=t.say("notice.where_two"))] if unsettled else []
    if not mine:
        return out or [Para(text=t.say("notice.where_none"))]
    rows = [(visible(cell.service, 60), said(cell.asset, cell.amount, units)) for cell in mine]
    told = Para(text=t.say("notice.where", rule=t.rule(case.settings.rule)))
    return [told, table("", columns(t, "service:text", "amount:number"), rows), *out]


def _now(case: Case, t: Texts, victim: Victim) -> Items:
    lines = []
    for step in urgent.steps(victim, case.entries[-1].time):
        due = t.say("notice.due", due=step.local or f"{step.due:%Y-%m-%d %H:%M} UTC") if step.due else ""
        lines.append(f"{step.says[t.language]} {due}".strip())
    return Items(items=tuple(lines))


def _next(t: Texts, victim: Victim) -> Items:
    agreed = ", ".join(t.say(f"notice.purpose_{one}") for one in victim.consent) or t.say("notice.nothing")
    return Items(items=(*(t.say(f"notice.next_{n}") for n in (1, 2, 3)), t.say("notice.next_4", consent=agreed)))
