"""The arguments and options of `letter`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def _said(*names: str, metavar: str = "", help: str) -> Any:
    return typer.Option(*names, metavar=metavar or None, help=help, show_default=False)


def _named(metavar: str, help: str) -> Any:
    return typer.Argument(metavar=metavar, help=help, show_default=False)


Ident = Annotated[
    str, typer.Argument(metavar="LETTER", help="The letter's id, as `list` shows it.", show_default=False)
]
Named = Annotated[str, typer.Argument(metavar="ID", help="The basis, such as us.2703f.", show_default=False)]
By = Annotated[str, typer.Option(metavar="NAME", help="Who does it.", show_default=False)]
At = Annotated[str | None, typer.Option(metavar="TIME", help="When (UTC), if not now.", show_default=False)]
Note = Annotated[str, typer.Option(metavar="TEXT", help="Anything to keep with it.", show_default=False)]
Version = Annotated[
    int, typer.Option(metavar="N", help="Which version, if not the last that went out.", show_default=False)
]
Kind = Annotated[
    str, _said(metavar="KIND", help="preserve, freeze, disclose, enquiry, notice, police-report, bank ...")
]
To = Annotated[str, _said(metavar="SERVICE", help="The addressee.")]
As = Annotated[str, _said("--as", metavar="ROLE", help="victim, counsel or authority (court, fiu).")]
Entity = Annotated[str, _said(metavar="NAME", help="The legal entity addressed.")]
Basis = Annotated[str, _said(metavar="ID", help="The legal basis, if not none-voluntary.")]
Language = Annotated[str, _said(metavar="CODE", help="en, th or en+th.")]
Addressee = Annotated[
    str, _said(metavar="WHAT", help="vasp, issuer, chain, bank, platform, isp, registrar, police ...")
]
Officer = Annotated[str, _said(metavar="NAME", help="The officer of recover.toml who sends.")]
Offence = Annotated[str, _said(metavar="TEXT", help="Offence and provision.")]
Court = Annotated[str, _said(metavar="NAME", help="The court of an intended application.")]
Provision = Annotated[str, _said(metavar="TEXT", help="The paragraph of the legal basis that it rests on.")]
Leave = Annotated[str, _said(metavar="TEXT", help="The court's leave for it: court, number, day.")]
Report = Annotated[str, _said(metavar="TEXT", help="The number of the police report, or of another office.")]
Out = Annotated[Path | None, _said(metavar="FILE", help="Write it there, and nothing over what is there.")]
Installed = Annotated[bool, _said("--installed", help="The installed entry, not your own in its place.")]
Address = Annotated[str, _said(metavar="TEXT", help="The addressee's registered address.")]
Application = Annotated[
    str, _said(metavar="TEXT", help="Of a notice: when an application is intended, and what cost is offered.")
]
InstructedBy = Annotated[str, _said(metavar="NAME", help="Who instructs the sender.")]
About = Annotated[list[str] | None, _said(metavar="IDENTIFIER", help="An identifier to name; may be repeated.")]
Indicators = Annotated[
    list[str] | None,
    _said("--indicator", metavar="I", help="An indicator of the case to name; may be repeated."),
]
Losses = Annotated[
    list[str] | None, _said("--loss", metavar="L", help="The party's loss; may be repeated; all for every one.")
]
Forms = Annotated[
    list[str] | None,
    _said(
        "--form",
        metavar="FORM",
        help="A form beside those that the register chooses: pdf, docx, xlsx, csv, portal, email or all.",
    ),
]
Until = Annotated[str, _said(metavar="DAY", help="Until when it is asked for.")]
ReplyBy = Annotated[str, _said("--reply-by", metavar="DAY", help="By when an answer is asked for.")]
Since = Annotated[
    str, _said(metavar="TIME", help="From when records are meant, where the trace does not say it (UTC).")
]
Facts = Annotated[str, _said(metavar="TEXT", help="The facts in the sender's own words; @FILE reads a file.")]
Urgent = Annotated[str, _said(metavar="TEXT", help="Why it is urgent, in the sender's own words.")]
Claim = Annotated[str, _said(metavar="TEXT", help="Of a notice: the kind of claim, and against whom.")]
TellUser = Annotated[bool, _said("--tell-user", help="The addressee may tell its customer.")]
Between = Annotated[
    list[str] | None, _said(metavar="STATE", help="The states of sender and addressee, for a treaty.")
]
Risk = Annotated[str, _said(metavar="WHY", help="Why it goes to one that may warn the account's holder.")]
Ics = Annotated[Path | None, _said(metavar="FILE", help="Write the terms as a calendar.")]
Signed = Annotated[list[Path] | None, _said(metavar="FILE", help="The signed paper; may be repeated.")]
Channel = Annotated[str, _said(metavar="HOW", help="By which channel.")]
Reference = Annotated[str, _said(metavar="TEXT", help="The addressee's reference.")]
Received = Annotated[str | None, _said(metavar="TIME", help="When it was received; the clock starts there.")]
Files = Annotated[list[Path] | None, _named(metavar="[FILE]...", help="What came; stored as exhibits.")]
Held = Annotated[
    str, _said(metavar="AMOUNT", help="What is held, as the addressee says, with its asset; 0 for nothing.")
]
HeldUntil = Annotated[
    str | None,
    _said(metavar="TIME", help="Until when it is held, as the addressee says: a moment, or a day to its end."),
]
PoliceReference = Annotated[str, _said(metavar="TEXT", help="The police's reference.")]
Reason = Annotated[str, _said(metavar="WHAT", help="What remains open.")]
Why = Annotated[str, _said(metavar="WHY", help="Why; the letter says it.")]
