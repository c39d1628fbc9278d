"""Ended: how a pursuit stopped: why, how much of the loss is resolved, and what is open still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from recover.capture import vain
from recover.case import Case, derived
from recover.case.folder import clock
from recover.findings.affected import moving as moved
from recover.plugins.registry import Plugins
from recover.pursuit import reached
from recover.sdk.batch import ask_of
from recover.sdk.counts import counted
from recover.sdk.plugin import Source
from recover.sdk.values import Address, TxId
from recover.sdk.view import Loss
from recover.trails import asks
from recover.trails.bare import bare
from recover.trails.shortfalls import FAILED

if TYPE_CHECKING:
    from recover.pursuit.follow import Pursuit
    from recover.pursuit.news import News


def blind(case: Case, plugins: Plugins, allowed: Sequence[Source], news: News) -> bool:
    """Whether nobody may be asked about any loss: that is told before anything is traced."""
    chains = {loss.chain for loss in case.settings.losses}
    if any({"*", *chains} & set(one.info.chains) for one in allowed):
        return False
    titles = ", ".join(sorted(plugins.chains[one].info.title for one in chains))
    said = (
        f"No source that may be asked answers for {titles}: nobody is asked, and only what is here is traced. "
        "Name one with --source; `recover doctor` lists them."
    )
    news.say("warning", said, code="no-source")
    return True


def waiting(count: int, pause: float, over: bool, lagging: bool) -> str:
    """What becomes of so many asks in `pause` seconds; `over`: no time is left for them, which ends the run;
    `lagging`: one of them had an answer, that left out what is known."""
    said = f"{counted(count, 'ask')} got no answer" + (" that lists all that is known" if lagging else "")
    if over:
        at = clock() + timedelta(seconds=pause)
        said += f", and may be put again in {pause:.0f} s, when this run is over: the same command goes on from "
        return said + f"{at:%H:%M} UTC"
    return f"{said}: put again in {pause:.0f} s."


def why(pursuit: Pursuit, sent: int) -> str:
    """Why nothing further is asked, where it was not stopped; `sent` requests went out."""
    if pursuit.blind:
        return "nobody could be asked"
    if sent >= pursuit.budget.requests:
        return f"{sent} requests were sent, as many as it may; the same command goes on"
    if count := pursuit.frontier.unanswered:
        what = "no answer" if not pursuit.frontier.unbelieved else "no answer that lists all that is known"
        stay = f"1 ask got {what} and stays" if count == 1 else f"{count} asks got {what} and stay"
        return f"nothing else is left to ask; {stay} open; the same command puts them again"
    if count := pursuit.frontier.left:
        what = "1 ask is" if count == 1 else f"{count} asks are"
        return (
            f"{what} left open by what it may spend (--hops, --least, the pages of one history); by value: "
            f"recover status {pursuit.case.typed}"
        )
    return NOTHING


NOTHING = "nothing is open any more that an allowed source could answer"
SHORT = ("history-short", "balance-differs")
"""Codes of gaps by which a balance shows that a history leaves movements out, whole as its server calls it."""


def end(pursuit: Pursuit, why: str) -> int:
    """Say that it stopped; how much is missing: gaps that can change a figure, what is undone, and what a source
    that may be asked could answer still. Nobody asked is missing too.
    """
    case, look = pursuit.case, pursuit.case
    if "findings" in pursuit.undone:  # then by what is known in memory
        look = pursuit.ahead.look
        sums = reached.resolved(look, pursuit.ahead.resting()) if pursuit.ahead.worked else []
        gaps, moving = asks.gaps(look), None
    else:
        gaps, sums = (
            derived.read(case, "gaps", ["code", "subject", "share", "why", "effect", "fill"]),
            reached.resolved(case),
        )
        moving = moved(gaps, case.settings.dust).num_rows
    left = asks.opened(look, pursuit.plugins, pursuit.allowed)
    lags = {row["subject"] for row in gaps.to_pylist() if row["code"] in SHORT} if gaps is not None else set()
    if lags and why == NOTHING:
        why = "every ask was answered, and not with all that moved"
    said = f"{why[:1].upper()}{why[1:]}. {reached.summed(sums) or 'Nothing was traced yet'}."
    if moving:
        said += f" {counted(moving, 'gap')} can still change a figure: recover show {case.typed} gaps."
    if lags:
        said += (
            f" By a balance that was asked, the history of {counted(len(lags), 'address')} lacks movements, as "
            f"where an index lags: recover watch {case.typed} --once asks again."
        )
    if left.asks:
        said += f" {counted(len(left.asks), 'ask')} stay{'s' * (len(left.asks) == 1)} open, as in recover status."
    facts: Mapping[str, Any] = {
        "why": why,
        "resolved": sums,
        "left": pursuit.frontier.left,
        "asks_open": len(left.asks),
        "asks_beside": len(left.beside),
        "gaps": None if gaps is None else gaps.num_rows,
        "moving": moving,
        "undone": pursuit.undone,
        "requests": pursuit.sent,
        "seconds": pursuit.news.age,
    }
    if moving is not None and gaps is not None:
        for row in gaps.filter(pc.equal(gaps["code"], FAILED)).to_pylist():
            pursuit.news.say("warning", f"{row['subject']}: {row['why']} {row['effect']}", code=FAILED)
        for row in gaps.filter(pc.equal(gaps["code"], "loss-not-found")).to_pylist():
            lost = _lost(case, row["fill"])
            todo = vain.mistyped(case, lost)
            if bare(case, lost):
                todo = f"Ask again, or another source: recover now {case.typed} --source ID"
            pursuit.news.say("warning", f"{row['why']} {todo}", code="loss-not-found")
    pursuit.news.say(
        "done",
        " ".join(filter(None, [said, pursuit.news.sending, left.said])),
        case=str(case.path),
        head=case.head[0],
        **facts,
    )
    return (moving or 0) + len(pursuit.undone) + len(left.able) or int(pursuit.blind)


def _lost(case: Case, fill: str) -> list[Loss]:
    """The losses of the transaction or address that an ask is about."""
    wanted = ask_of(fill)
    about = getattr(wanted, "tx", None) or getattr(wanted, "address", None)
    assert isinstance(about, Address | TxId)
    return [one for one in case.settings.losses if (one.chain, one.tx or one.address) == (about.chain, about.text)]
