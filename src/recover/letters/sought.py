"""Identifiers that a letter names, as its pages print them: in a table, or one by one."""

from __future__ import annotations

from recover.letters import identified, named
from recover.letters.matter import Matter
from recover.letters.words import Blocks
from recover.report.elements import Facts, Para, table
from recover.report.schedules import columns
from recover.sdk.outside import visible

WIDEST = 5
"""So many columns stand beside each other on a page without breaking an identifier."""


def blocks(m: Matter) -> Blocks:
    """The part `given` of a letter."""
    if not m.choice.about:
        return []
    t = m.texts
    if _whole(m):
        keys, rows = _columns(m)
        if len(keys) > WIDEST:
            titles = [t.say(f"column.{key}") for key in keys]
            style = {key: "text" if key in identified.SIDES else "mono" for key in keys}
            shown = [
                Facts(
                    rows=(
                        (t.say("column.number"), str(n), "text"),
                        *(
                            (title, cell, style[key])
                            for key, title, cell in zip(keys, titles, row, strict=True)
                            if cell
                        ),
                    )
                )
                for n, row in enumerate(rows, 1)
            ]
            return [Para(text=t.say("given.caption")), *shown]
        heads = columns(t, "number:exhibits", *(f"{key}:mono" for key in keys))
        cells = [(str(n), *(cell or "–" for cell in row)) for n, row in enumerate(rows, 1)]
        return [table(t.say("given.caption"), heads, cells)]
    lines = [(str(n), visible(one, 300)) for n, one in enumerate(m.choice.about, 1)]
    known = named.seen(m.view, m.choice.about)
    if not any(chain for chain, _, _ in known):
        caption = t.say("given.caption_found" if m.choice.found else "given.caption")
        return [table(caption, columns(t, "number:exhibits", "identifier:mono"), lines)]
    wider = [(*row, *(cell or "–" for cell in seen)) for row, seen in zip(lines, known, strict=True)]
    names = columns(t, "number:exhibits", "identifier:mono", "chain:mono", "seen_from:text", "seen_to:text")
    caption = t.say("given.caption_found_seen" if m.choice.found else "given.caption_seen")
    return [table(caption, names, wider)]


def told(m: Matter) -> list[str]:
    """Each identifier in one line, for a first page: what is known of it, by name where it has several columns."""
    if not _whole(m) or m.kind.names == "line":
        return [visible(one, 200) for one in m.choice.about]
    keys, _ = _columns(m)
    found = []
    for read in identified.rows(m.kind.names, m.choice.about):
        said = dict(zip(identified.FORMS[m.kind.names], read, strict=True))
        known = [(key, said[key]) for key in keys if said[key] not in ("", identified.UNKNOWN)]
        parts = [f"{m.texts.say(f'column.{key}')}: {_cell(m, key, value)}" for key, value in known]
        found.append("; ".join(parts) if len(keys) > 1 else _cell(m, *known[0]))
    # Of several in one line nobody would see where the next begins.
    return [f"({n}) {one}" for n, one in enumerate(found, 1)] if len(keys) > 1 < len(found) else found


def _whole(m: Matter) -> bool:
    """Whether each identifier has what its kind of letter names; a draft of an earlier day can lack some."""
    return bool(m.kind.names) and not any(identified.lacking(m.kind.names, one) for one in m.choice.about)


def _columns(m: Matter) -> tuple[list[str], list[tuple[str, ...]]]:
    """The columns of which some identifier says something, and the identifiers by them."""
    names = identified.FORMS[m.kind.names]
    read = identified.rows(m.kind.names, m.choice.about)
    keys = [key for n, key in enumerate(names) if any(row[n] for row in read)]
    rows = [tuple(_cell(m, key, row[names.index(key)]) for key in keys) for row in read]
    return keys, rows


def _cell(m: Matter, key: str, value: str) -> str:
    """A value in the letter's language, where it is one of our words."""
    ours = value in identified.SIDES.get(key, ()) or value.casefold() == identified.UNKNOWN
    return m.texts.say(f"given.{value.casefold()}") if ours else visible(value, 200)
