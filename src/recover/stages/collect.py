"""collect: the only verb that takes in bytes, from files or, where the case allows it, from the network."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from recover.capture import collector, own
from recover.capture.imports import described, packed, store, taken, together
from recover.case import Case, Stored
from recover.findings.affected import at_stake
from recover.ledger import parts
from recover.plugins.registry import Plugins
from recover.recognise.files import source_of
from recover.sdk.batch import ask_text
from recover.sdk.errors import Error
from recover.sdk.plugin import Source
from recover.sdk.values import Exhibit
from recover.stages import Outcome, Progress, rounds
from recover.trails.asks import opened


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
                ready.append((exhibit, chosen, packer.submit(packed, case, exhibit)))
                parts.made(case, plugins, exhibit, chosen)
            except Error as error:
                problems.append(error)
        if problems:
            packer.shutdown(cancel_futures=True)
            parts.drop(case, plugins)  # of the readable files: they are not stored, so nothing may be left of them
            raise together(problems)
        stored = store(case, case.next_file(), ready)
    parts.seal(case, plugins, [(exhibit, chosen) for exhibit, chosen, _ in ready])
    progress("import", len(paths), len(paths))
    return stored


def ask(case: Case, plugins: Plugins, progress: Progress, mine: own.Own | None = None) -> Outcome:
    """Put the open asks to the sources that the case names and its user allows; by default it puts none.

    `moving` counts what is open after it: what a source that may be asked answers, or what can change a figure.
    """
    with collector.of(case, plugins, mine or own.load()) as asking:
        outcome = rounds.one(case, plugins, asking, progress)
        left = opened(case, plugins, [source for source, _ in asking.places])
    if left.said:
        case.told.append(left.said)
    still = {ask_text(one) for one in (*left.able, *at_stake(case, left.asks))}
    return replace(outcome, moving=len(still))
