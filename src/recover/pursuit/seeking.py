"""Seeking: on which chain something is, and what shows it, asked before anything is declared."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recover.capture import collector, vain
from recover.capture.asking import answered_by_any, answering, answers, places, unsettled
from recover.capture.collector import Bounds, Collector
from recover.capture.own import Own
from recover.capture.tries import Done
from recover.case import Case
from recover.case.folder import clock
from recover.declared import losses
from recover.plugins import call, registry
from recover.plugins.registry import Plugins
from recover.pursuit.frontier import ABSENT, AGAIN, SOON
from recover.pursuit.news import News
from recover.pursuit.telling import Event, Tell
from recover.recognise.names import candidates, here, outpoint
from recover.sdk.batch import ask_text
from recover.sdk.errors import Error
from recover.sdk.values import Address, Ask, Details, History, TxId
from recover.stages import decode
from recover.trails import asks

_PAGES = 20
"""Requests for one ask, until it is known on which chain something is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The look-ups of one call. Nothing is asked after `until`, a moment of the monotonic clock: without one, each
    ask is put once. `sought` is what was typed, which the journal keeps, so that it need not be typed again."""

    case: Case
    plugins: Plugins
    mine: Own
    tell: Tell
    until: float | None = None
    sought: Mapping[str, object] = field(default_factory=dict)

    def where(self, text: str) -> list[Address | TxId]:
        """What a text means: where several chains would know it, those that a source shows it on.

        Only sources that may be asked for this case are asked.
        """
        listed = candidates(self.plugins, outpoint(text)[0])
        near = [one for one in listed if one.chain in here(self.case)]
        able = [source for source, _ in places(self.case, self.plugins, self.mine)]
        fit = [one for one in near or listed if answered_by_any(able, wanted(one))]
        titles = {one.chain: self.plugins.chains[one.chain].info.title for one in listed}
        if not fit and self.case.exhibits() and near:
            return near[:1]
        if not fit:
            raise unable(text, listed, titles, self.plugins)
        if len(fit) > 1:
            return self._among(text, fit, titles)
        one = fit[0]
        said = f"{one.text} is taken to be on {titles[one.chain]}"
        if others := [other for other in listed if other.chain != one.chain]:
            could = dict.fromkeys(name for other in others for name in answering(self.plugins, wanted(other)))
            said += f": of {len(listed)} chains that it could be on, your sources answer for this one."
            said += f" Nobody is asked about the others; sources that could: {', '.join(could)}." * bool(could)
        else:
            said += "."
        self._say("chain", said, text=text, chain=one.chain, candidates=sorted(titles))
        return fit

    def seen(self, found: TxId) -> None:
        """Ask for the transaction, so that what is said of it can be held against what it moves before it is
        declared.

        Raises Error where no source shows it.
        """
        able = [source for source, _ in places(self.case, self.plugins, self.mine)]
        ask = Details(tx=found)
        here = ask_text(ask) in asks.answered(self.case)
        if losses.legs(self.case, {found.text}) or not (here or answered_by_any(able, ask)):
            return
        if not here and not any(one.answered for one in self._put([ask])):
            raise vain.nothing(self.case, self.plugins, beside=_unasked(self.case, self.plugins))
        decode.run(self.case, self.plugins, lambda stage, done, total: None)

    def _among(self, text: str, fit: Sequence[Address | TxId], titles: Mapping[str, str]) -> list[Address | TxId]:
        names = ", ".join(titles[one.chain] for one in fit)
        said = f"{fit[0].text} could be on {names}: their sources are asked."
        self._say("chain", said, text=text, chain=None)
        came = self._put([wanted(one) for one in fit])
        shown = [fit[n] for n, done in enumerate(came) if self._moved(done)]
        if not shown:
            raise vain.nothing(self.case, self.plugins, beside=_unasked(self.case, self.plugins))
        if len(shown) > 1 and isinstance(shown[0], TxId):
            raise Error(
                "several-chains",
                f"{shown[0].text} is shown on {', '.join(titles[one.chain] for one in shown)}.",
                "Several sources know a transaction of this id, each on another chain.",
                f"Write the chain in front: {shown[0].chain}:{shown[0].text}.",
            )
        for one in shown:
            said = f"{one.text} is on {titles[one.chain]}: its source shows it."
            self._say("chain", said, text=text, chain=one.chain, candidates=sorted(titles))
        return shown

    def _put(self, listed: Sequence[Ask]) -> list[Done]:
        """Put these asks, again where an answer may come yet; what became of each, in their order. What servers do
        meanwhile is told, and why one gave no answer."""
        heard = News(case=self.case, plugins=self.plugins, tell=self.tell, pages=_PAGES)
        bounds = Bounds(requests=50 * len(listed), pages=_PAGES, ends=self.until, seconds=60)
        last: dict[Ask, Done] = {}
        left, tries, plugins = list(listed), 0, self.plugins
        while left:
            # Each time anew: what a source knew of the newest block is old, and so is an answer that it had none.
            with collector.of(self.case, plugins, self.mine, bounds) as asking:
                last |= {done.wanted: done for done in self._round(asking, left, heard)}
            found = any(self._moved(done) for done in last.values())
            for done in _telling(list(last.values()), found):
                heard.failures(done)
            tries += 1
            left, pause = ([], 0.0) if found else _again(list(last.values()), tries)
            if not left or self.until is None or time.monotonic() + pause >= self.until:
                break
            said = f"{_what(left[0])} is asked for again in {pause:.0f} s."
            self._say("failure", said, asks=len(left), again=round(pause), why="waiting")
            time.sleep(pause)
            plugins = registry.load()
        return [last[one] for one in listed]

    def _round(self, asking: Collector, listed: Sequence[Ask], heard: News) -> list[Done]:
        came = list[Done]()
        asking.put(listed, sought=self.sought)
        while asking.open:
            came += asking.wait(1.0)
            heard.hosts(asking)
        came.sort(key=lambda one: one.place)
        asking.take(came)
        return came

    def _moved(self, done: Done) -> bool:
        """Whether what came shows any transaction: an empty history is no sign that the address is of this
        chain."""
        for exhibit in done.exhibits if done.answered else ():
            for name in exhibit.sources:
                source = self.plugins.source(name)
                if not answers(source, done.wanted):
                    continue
                for batch in call.batches(name, lambda source=source, exhibit=exhibit: source.decode(exhibit)):  # type: ignore[misc]
                    table = batch.tables().get("transactions")
                    if table is not None and table.num_rows:
                        return True
        return False

    def _say(self, kind: str, said: str, **facts: object) -> None:
        self.tell(Event(kind=kind, at=clock(), said=said, facts=facts))


def wanted(found: Address | TxId) -> Ask:
    """What shows whether a chain has it."""
    return Details(tx=found) if isinstance(found, TxId) else History(address=found)


def unable(text: str, listed: Sequence[Address | TxId], titles: Mapping[str, str], plugins: Plugins) -> Error:
    """No source that may be asked answers for the chains of a text: which ones could, if they were chosen."""
    could = dict.fromkeys(name for one in listed for name in answering(plugins, wanted(one)))
    shown = list(titles.values())
    more = f" and {len(shown) - 4} more" if len(shown) > 4 else ""
    return Error(
        "no-source",
        f"{listed[0].text} would be on {', '.join(shown[:4])}{more}; no source that may be asked answers for it.",
        f"Sources that could: {', '.join(could) or 'none is installed'}.",
        "Name one with --source ID=URL, or in your recover.toml; `recover doctor` says what each one needs.",
    )


def _unasked(case: Case, plugins: Plugins) -> str:
    """Where what was typed without a chain could be as well, and nobody was asked: a sentence; empty where there
    is no such chain."""
    read_ = (vain.read(str(entry.body["ask"])) for entry in case.entries if entry.kind == "asked")
    asked = {(one.chain, vain.about(one)) for one in read_ if one is not None and vain.about(one)}
    chains, could = dict[str, None](), dict[str, None]()
    for text in vain.sought(case).get("texts", ()):
        named = candidates(plugins, outpoint(text)[0])
        for other in named:
            names = answering(plugins, wanted(other))
            if (other.chain, other.text) not in asked and names:
                chains[plugins.chains[other.chain].info.title] = None
                could |= dict.fromkeys(names)
    if not chains:
        return ""
    shown = list(chains)
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return f"It could be on {', '.join(shown[:3])}{more} too, where nobody was asked; {', '.join(could)} could be."


def _telling(came: Sequence[Done], found: bool) -> Iterator[Done]:
    """What is to be told of these, what matters most first: a server of another chain has failed at nothing, and
    that a chain has no such transaction matters only where none has."""
    tried = [(done, one) for done in came for one in done.tried if one.why]
    young = [done for done, one in tried if one.absent and unsettled(one.why)]
    yield from young
    for done, one in tried:
        if not (one.elsewhere or (one.absent and (found or young))):
            yield done


def _again(came: Sequence[Done], tries: int) -> tuple[list[Ask], float]:
    """What may have an answer when it is put again, and the seconds until then."""
    every = [(done.wanted, one) for done in came for one in done.tried]
    young = [ask for ask, one in every if one.absent and unsettled(one.why)]
    if young:
        return young, 2 * AGAIN  # no block holds it yet, and the next one may
    if tries >= ABSENT:
        return [], 0.0
    there = any(not one.goes_on for _, one in every)
    open_ = [ask for ask, one in every if one.why and (one.absent or one.goes_on)]
    rest = max((one.rest for _, one in every if one.goes_on), default=0.0)
    return list(dict.fromkeys(open_)), max(rest, AGAIN * tries if there else SOON)


def _what(ask: Ask) -> str:
    about = getattr(ask, "tx", None) or getattr(ask, "address", None)
    return about.text if isinstance(about, Address | TxId) else "It"
