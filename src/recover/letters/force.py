"""What bears on a letter's force and on its state: every form of it holds all of this.

A desk that is served one form alone reads no other: on what it rests, how far that reaches, and whether the paper
was issued at all, stands in each.
"""

from __future__ import annotations

from recover.letters import powers, words
from recover.letters.gates import VOLUNTARY
from recover.letters.matter import Matter
from recover.report.elements import Para
from recover.sdk.outside import visible


def parts(m: Matter) -> list[str]:
    """What no form may lack, in the order of reading, in the letter's language."""
    t = m.texts
    return [*(one.text for one in banners(m)), t.say("doc.title"), basis(m), *words.limits(m)]


def banners(m: Matter) -> list[Para]:
    """What stands above all else: that it is a draft, what no lawyer has checked, and where its
    basis does not reach."""
    t, out = m.texts, list[Para]()
    if m.issued is None:
        out.append(Para(text=t.say("force.draft"), style="warning"))
    if m.view.stale:
        out.append(Para(text=t.say("doc.stale"), style="warning"))
    if m.basis.id != VOLUNTARY and not m.basis.checked:
        why = visible(m.basis.said("unverified_why", t.language) or t.say("unverified.nobody"), 300)
        out.append(Para(text=t.say("unverified.banner", id=m.basis.id, why=why), style="warning"))
    out += [Para(text=said, style="warning") for said in (powers.said(m), powers.home(m)) if said]
    if m.choice.role == "" and m.kind.about != "case":
        out.append(Para(text=t.say("unverified.sender"), style="note"))
    if m.issued:
        return out  # an addressee reads of it where the letter's language stands
    if t.language != "en":
        out.append(Para(text=t.say("review.state"), style="warning"))
    elif "+" in m.choice.language:
        out.append(Para(text=t.say("review.other"), style="warning"))
    return out


def basis(m: Matter) -> str:
    """On what it rests, by its title; that it binds, where it does."""
    b, t = m.basis, m.texts
    title = b.said("title", t.language)
    if b.force == "voluntary":  # a register's id of what is no law tells its addressee nothing
        return title
    places = ", ".join(visible(one, 12) for one in b.places)
    return t.say("force.binding" if binds(m) else "force.named", title=title, id=b.id, places=places)


def binds(m: Matter) -> bool:
    """Whether a state's own law stands behind it that compels where the register places its addressee."""
    # A treaty binds states; what it comes to for an addressee, the law of its state says.
    own = m.basis.force == "binding" and m.basis.treaty is None
    return own and m.kind.about != "letter" and not powers.outside(m)
