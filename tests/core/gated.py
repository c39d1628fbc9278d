"""The whole table of who may send which letter on which basis to whom, as `docs/lawyer/gates.md` prints it.

`python tests/core/gated.py` writes it again from the register and the kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from recover.letters import drafts, gates
from recover.plugins import registry

DAY = date(2026, 11, 23)
FILE = Path(__file__).parents[2] / "docs/lawyer/gates.md"
HEAD = f"""# Every basis, sender, letter and addressee

Made from the register of legal bases and the kinds of letter, as on {DAY:%-d %B %Y}: each basis with each sender,
each letter and each addressee that the letter goes to, and what `recover letter gates` answers. *Allowed* is a
draft; what may be issued stands in [who may send which letter](letters.md). Where *of* names a state, an authority
has to be of it. A treaty is asked about here without any state named: `--between`, or the sender's own `state`,
says which, and it has to be in force for both (or for the one).

| answer | meaning |
|---|---|
| `PL01` | this sender may not use the basis |
| `PL08` | the basis, or the treaty behind it, is not known to be in force, or its entry is over a year old |
| `kind` | the basis does not back what the letter asks for |
| `reach` | the basis does not reach this kind of addressee |
| `first` | no letter that this one could follow may go there |
| `form` | only an official form or a court's own paper counts |

| basis | of | senders | answer | letter: addressees |
|---|---|---|---|---|
"""


def rows(desk: drafts.Desk) -> Iterator[str]:
    """One line for each basis and answer: what has the same answer for the same senders stands together."""
    by_sender: dict[tuple[str, str, str, str, str], list[str]] = {}
    for basis, sender, kind, addressee, answer, of in gates.table(desk.bases, desk.kinds, DAY):
        by_sender.setdefault((basis, of, answer, kind, sender), []).append(addressee)
    by_kind: dict[tuple[str, str, str, str, tuple[str, ...]], list[str]] = {}
    for (basis, of, answer, kind, sender), addressees in by_sender.items():
        by_kind.setdefault((basis, of, answer, kind, tuple(addressees)), []).append(sender)
    found: dict[tuple[str, str, tuple[str, ...], str], list[str]] = {}
    for (basis, of, answer, kind, all_), senders in by_kind.items():
        found.setdefault((basis, of, tuple(senders), answer), []).append(f"{kind}: {', '.join(all_)}")
    for (basis, of, sent, answer), letters in sorted(found.items()):
        yield f"| `{basis}` | {of or '–'} | {', '.join(sent)} | {answer} | {'; '.join(letters)} |"


def text(desk: drafts.Desk) -> str:
    """The document."""
    return HEAD + "\n".join(rows(desk)) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(drafts.desk(list(registry.load().templates.values()))), "utf-8")
