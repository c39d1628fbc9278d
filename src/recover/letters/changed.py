"""What differs between a letter as it would be drafted now and as it was issued.

A version that says what the last one said would supersede it for nothing, and two papers would lie on the desk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from recover.letters import accepted, delivery, paper, renderings
from recover.letters.life import Letter
from recover.letters.matter import Matter


def parts(made: Sequence[Matter], moment: datetime) -> dict[str, str]:
    """A digest of each part of a letter, in all its languages: the same for the same content.

    Apart from what every version differs in: its number, its moment, and where the journal stood. `first` is the
    first page, `forms` those in which it is written and its table; all others are sections.
    """
    head, found = made[0], dict[str, list[object]]()
    wanted = accepted.names(delivery.known(head), head.choice.role, head.choice.forms, head.choice.state)
    found["forms"] = [sorted(wanted), hashlib.sha256(renderings.sheet(head)).hexdigest()]
    for m in made:
        bare = replace(m, version=1, issued=moment, files={}, changed=(), replaced=0)
        found.setdefault("first", []).append(paper.opening(bare))
        for name, blocks in paper.drawn(bare):
            found.setdefault(name, []).extend(asdict(block) for block in blocks)
        found.setdefault("about", []).extend(paper.about(bare))
    return {name: _digest(said, head) for name, said in found.items()}


def _digest(said: object, m: Matter) -> str:
    # The papers' head moves with each issue, since what went out is an exhibit.
    plain = json.dumps(said, sort_keys=True, default=str).replace(m.view.head, "")
    return hashlib.sha256(plain.encode("utf-8", "backslashreplace")).hexdigest()


def since(made: Sequence[Matter], letter: Letter, version: int = 0) -> tuple[str, ...] | None:
    """The parts that differ from a version, the last that was issued where none is named; None where the program
    kept nothing of it then to compare with."""
    done = letter.at("issue", version or letter.newest)
    former = done.said.get("parts") if done else None
    if done is None or not former:
        return None
    now = parts(made, done.moment())
    return tuple(name for name in {**now, **former} if now.get(name) != former.get(name))
