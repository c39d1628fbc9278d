"""What goes with a report: its own forms and the letters beside it, each with all the files that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recover.report.elements import Table, columns, table
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.outside import visible

_OWN = (
    ("report.pdf", "this"),
    ("report.html", "html"),
    ("report.docx", "docx"),
    ("report.md", "md"),
    ("result.json", "result"),
    ("totals.csv", "totals"),
    ("annex/routes.csv", "routes"),
    ("annex/movements.csv", "movements"),
    ("annex/findings.csv", "findings"),
    ("annex/offramps.csv", "offramps"),
    ("annex/labels.csv", "labels"),
    ("annex/plugins.csv", "plugins"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A letter that is written beside a report: its files without their endings, its title and its addressee.

    `service` is the key of the service that the trace found, empty for another addressee. `asks` is what the
    letter asks for. `endings` are those of its files. `issued` are the versions of it that went out; `out` is
    when this very paper did, None for a draft.
    """

    stem: str
    title: str
    name: str
    service: str = ""
    asks: str = ""
    endings: tuple[str, ...] = ()
    issued: tuple[int, ...] = ()
    out: datetime | None = None

    @property
    def ready(self) -> bool:
        """Whether it is to be sent to keep records: what went out already is not, and no other kind is urgent."""
        return bool(self.service) and self.asks == "preserve" and not self.issued and self.out is None

    @property
    def asking(self) -> bool:
        """Whether it is to be sent to ask a service whether an address is its."""
        return bool(self.service) and self.asks == "enquiry" and not self.issued and self.out is None


_BY_EDITION = (("annex/edition.csv", "edition"), ("annex/conflicts.csv", "conflicts"))


def listed(view: View, t: Texts, enclosures: Sequence[Enclosure]) -> Table:
    """Every file that is written with the report, one row a paper."""
    more = [view.left_out and _BY_EDITION[0], view.edition == "defence" and _BY_EDITION[1]]
    rows = [(name, t.say(f"appendices.{key}")) for name, key in (*_OWN, *(one for one in more if one))]
    for one in enclosures:
        said = t.say("appendices.letter", title=visible(one.title, 120), name=visible(one.name, 80))
        if one.out:
            said += "\n" + t.say("appendices.out", time=t.moment(one.out))
        elif one.issued:
            said += "\n" + t.say("appendices.issued", versions=t.joined(str(n) for n in one.issued))
        rows.append((one.stem, f"{said}\n{' '.join(one.endings)}"))
    return table(t.say("appendices.documents"), columns(t, "document:mono", "name"), rows)
