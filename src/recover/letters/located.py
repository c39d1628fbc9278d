"""Where a name stands that no letter may hold, among what a letter repeats; the name itself is never told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import View
from recover.victims import spelled

FILE = "`recover victim check CASE` leaves it out of papers; then `recover run CASE`, and issue it again"
CASE = "write the pseudonym in its place in case.toml, or open the case anew without it"
TYPED = "take the act back (`recover undo`), and say it with the pseudonym"
LABEL = "set the exhibit aside (`recover set-aside`), and import a copy without the name"


def places(view: View, names: Sequence[str]) -> list[tuple[str, str]]:
    """(where, what to do) of each place of a case that holds one of these names and can stand in a letter."""
    sought = spelled.Names(names)
    return [*dict.fromkeys((where, todo) for where, todo, text in _said(view) if sought.inside(text))]


def _said(view: View) -> Iterator[tuple[str, str, str]]:
    for e in view.exhibits:
        yield f"the file name of exhibit {e.number}", FILE, e.name
        yield f"what was said of how exhibit {e.number} was obtained", FILE, f"{e.origin}\n{e.by}"
    for one in view.set_aside:
        yield f"the reason for setting exhibit {one.number} aside", TYPED, f"{one.reason}\n{one.by}"
    case = view.case
    for name in ("agency", "examiner", "reference", "note"):
        yield f"the {name} of the case", CASE, str(getattr(case, name))
    for loss in case.losses:
        yield f"the label of loss {loss.id}", CASE, loss.label
    for act in view.acts:
        yield f"act {act.id}", TYPED, "\n".join((act.reason, act.by, act.about))
    for table, columns in _TABLES:
        made = view.tables[table]() if table in view.tables else pa.table({})
        for column in columns:
            if column in made.column_names:
                texts = "\n".join(str(one) for one in pc.unique(made.column(column)).to_pylist() if one)
                yield f"the {column} of a label (`recover show CASE {table}`)", LABEL, texts
    for f in view.findings:
        yield f"finding {f.id}", LABEL, "\n".join([f.subject, *(str(one) for one in f.slots.values())])
    for service in view.services.values():
        said = "\n".join(str(getattr(service, one.name)) for one in fields(service))
        yield f"the register's entry {service.id}", "mend that entry", said


_TABLES = (("assertions", ("service", "label", "note", "source", "category")),)
