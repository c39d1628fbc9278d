"""collect: the only verb that takes in bytes, from files or, where the case allows it, from the network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from recover.capture import own
from recover.capture.asking import allowed, answered_by_any, ask_each
from recover.capture.imports import described, packed, store, taken, together
from recover.capture.own import Own
from recover.case import Case, Stored
from recover.ledger import parts
from recover.plugins.registry import Plugins
from recover.recognise.files import source_of
from recover.sdk.errors import Error
from recover.sdk.plugin import Source
from recover.sdk.values import Exhibit, Status
from recover.stages import Outcome, Progress, since
from recover.trails.asks import outstanding


def files(
    case: Case,
    plugins: Plugins,
    paths: Sequence[Path],
    sources: Sequence[str],
    progress: Progress,
    chain: str = "",
) -> list[Stored]:
    """Import files as exhibits. Every file is read and decoded before the first is stored.

    `chain` is the CAIP-2 id of the chain that a file is of, where the file does not say. Raises Error naming every
    file that cannot be read or that its source cannot decode; then nothing is stored.
    """
    if chain:
        plugins.chain(chain)
    named = [plugins.source(name) for name in sources]
    ready: list[tuple[Exhibit, list[Source], Future[bytes]]] = []
    problems: list[Error] = []
    with ThreadPoolExecutor(1) as packer:  # packing takes as long as decoding, and needs nothing of it
        for done, path in enumerate(paths):
            progress("import", done, len(paths))
            try:
                data = taken(path)
                chosen = named or [source_of(plugins, path, data)]
                exhibit = described(case, path, data, chain)
                waiting = packer.submit(packed, case, exhibit)
                for source in chosen:
                    parts.part(case, plugins, replace(exhibit, sources=(source.info.id,)), source)
                ready.append((exhibit, chosen, waiting))
            except Error as error:
                problems.append(error)
        if problems:
            packer.shutdown(cancel_futures=True)
            parts.drop(case, plugins)  # of the readable files: they are not stored, so nothing may be left of them
            raise together(problems)
        stored = store(case, case.next_file(), ready)
    progress("import", len(paths), len(paths))
    return stored


def ask(case: Case, plugins: Plugins, progress: Progress, mine: Own | None = None) -> Outcome:
    """Put the open asks to the sources that the case names and its user allows; by default it puts none."""
    began, mine = time.monotonic_ns(), mine or own.load()
    places = [(plugins.source(name), place) for name, place in allowed(case, mine).items()]
    able = [source for source, _ in places]
    open_asks = [one for one in outstanding(case) if not isinstance(one, Status) or answered_by_any(able, one)]
    answered = failed = unanswered = 0
    file, budget = case.next_file(), case.settings.requests  # one file for all that this run brings in
    for done, wanted in enumerate(open_asks):
        progress("collect", done, len(open_asks))
        said, sent = ask_each(case, places, mine.keys, wanted, file, budget)
        budget -= sent
        answered += said.count("")
        failed += sum(map(bool, said))
        unanswered += bool(said and said[-1])  # what one source could not answer, and the next one did, is no gap
    counts = (("open asks", len(open_asks)), ("answered", answered), ("failed", failed))
    return Outcome(stage="collect", done=answered + failed > 0, counts=counts, gaps=unanswered, ms=since(began))
