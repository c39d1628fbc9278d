"""Letters and the register of legal bases."""

from __future__ import annotations

from pathlib import Path

from recover.sdk import Template, plugin

VERSION = "0.2.0"

_TITLES = {
    "preserve": "Preservation letter",
    "freeze": "Letter that asks an exchange to hold value",
    "freeze-issuer": "Letter that asks an issuer to stop addresses",
    "freeze-bank": "Letter that asks a bank to hold value",
    "freeze-chain": "Letter to a body that can act on a chain",
    "disclose": "Letter that asks for records",
    "enquiry": "Letter that asks whose an address is",
    "follow-up": "Letter that asks after an earlier one",
    "withdrawal": "Letter that takes an earlier one back",
    "police-report": "Victim's report to the police",
    "notice": "Counsel's notice of a claim",
    "platform": "Preservation letter to a platform",
    "isp": "Preservation letter to a network provider",
    "registrar": "Preservation letter to a registrar or host",
    "bank": "Preservation letter to a bank or payment service",
}
"""Each kind of letter: the name of its folder, and what it is."""


@plugin
def recover_templates() -> list[Template]:
    """The kinds of letter, what they share, and the dated register of what a letter may rest on."""
    here = Path(__file__).parent
    letters = [
        Template(id=ident, kind="letter", version=VERSION, title=title, folder=here.joinpath(ident))
        for ident, title in _TITLES.items()
    ]
    shared = Template(
        id="letters-common", kind="register", version=VERSION, title="What letters share", folder=here / "common"
    )
    bases = Template(
        id="legal-bases", kind="register", version=VERSION, title="Legal bases", folder=here / "legal_bases"
    )
    return [*letters, shared, bases]
