"""The delivery sheet, for the examiner alone: how the letter can reach its addressee, and what speaks against it.

No channel that nobody has confirmed stands in a letter: a wrong mailbox hands a case to a stranger.
"""

from __future__ import annotations

from recover.letters.life import Choice, Letter
from recover.letters.matter import Matter
from recover.report.texts import moment
from recover.sdk.outside import visible


def sheet(m: Matter) -> bytes:
    """Plain text: addressee, channels with source and date, warnings, and what to do after sending."""
    t, s = m.texts, m.service
    lines = [t.say("delivery.title", letter=m.file), t.say("delivery.notice"), ""]
    lines += [t.say("delivery.to", name=m.name, category=visible(s.category, 40) or "–")]
    source = {"source": visible(s.source, 160), "as_of": visible(s.as_of, 20) or "–"}
    lines += [t.say("delivery.register", **source)]
    for name in ("entity", "address", "channel", "status", "asks", "times"):
        said = visible(s.legal.get(name, ""), 400)
        if said:
            by = visible(s.verified_by, 80)
            lines.append(
                f"  {name}: {said} "
                + (t.say("delivery.confirmed", by=by) if by else t.say("delivery.unconfirmed"))
            )
    if not s.legal.get("channel"):
        lines.append("  " + t.say("delivery.no_channel"))
    lines += ["", *warnings(m)]
    lines += ["", t.say("delivery.after", letter=m.choice.id)]
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8", "backslashreplace")


def warnings(m: Matter) -> list[str]:
    """What a sender must know first."""
    t, said = m.texts, m.service.legal.get("status", "").casefold()
    out = []
    if "sanction" in said or "sanction" in m.service.category.casefold():
        out.append(t.say("delivery.sanctioned"))
    if any(word in said for word in ("closed", "suspended", "winding")):
        out.append(t.say("delivery.closed", status=visible(said, 120)))
    if not m.service.verified_by:
        out.append(t.say("delivery.confirm_first"))
    if m.choice.risk[0]:
        out.append(t.say("delivery.risk", by=visible(m.choice.risk[0], 80), why=visible(m.choice.risk[1], 300)))
    return [f"! {line}" for line in out]


def former(choice: Choice) -> tuple[tuple[str, str], ...]:
    """What a letter that follows another says of it: its id, when it was issued and sent, what came back."""
    if not choice.of:
        return ()
    rows = [("letter", visible(choice.of, 120))]
    for key, value in (
        ("issued", choice.sender.get("former_issued", "")),
        ("sent", choice.sender.get("former_sent", "")),
    ):
        if value:
            rows.append((key, visible(value, 60)))
    return tuple(rows)


def when(letter: Letter, version: int) -> dict[str, str]:
    """The moments of a letter's life that a paper which follows it repeats."""
    found = {}
    for act, name in (("issue", "former_issued"), ("sent", "former_sent")):
        done = letter.at(act, version)
        if done:
            found[name] = moment(done.moment())
    return found
