"""What is asked of a victim: block by block, only what is needed, and what of it is sealed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from recover.sdk.errors import Error

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question. `sealed` goes to `private/` alone; the rest stands in the journal under the pseudonym.

    `each` belongs to a payment, and is asked again for each of them.
    """

    name: str
    block: str
    asks: str
    sealed: bool = True
    each: bool = False


def _block(block: str, *fields: tuple[str, str], sealed: bool = True, each: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name=name, block=block, asks=asks, sealed=sealed, each=each) for name, asks in fields)


FIELDS: tuple[Field, ...] = (
    *_block(
        "victim",
        ("name", "Full name"),
        ("birth", "Date of birth or age band"),
        ("phone", "Telephone"),
        ("email", "E-mail"),
        ("postal", "Postal address"),
        ("contact", "Safe way and time to make contact"),
        ("support", "Support needs"),
        ("representative", "Representative, if any"),
        ("representative_authority", "Authority of the representative"),
        ("id_checked", "How the identity was checked (the document is not kept)"),
    ),
    *_block(
        "victim",
        ("country", "Country (two letters, for example TH)"),
        ("language", "Language (en, th)"),
        sealed=False,
    ),
    *_block(
        "incident",
        ("first_contact", "How the first contact came about, and when"),
        ("platform", "Platform, handles, telephone numbers of the other side"),
        ("domain", "Domains and apps"),
        ("scam_type", "Kind of fraud"),
        ("promised", "What was promised"),
        ("fees_demanded", "Withdrawals tried, and fees demanded"),
        ("story", "What happened, in the victim's own words"),
    ),
    *_block(
        "payment",
        ("tx", "Transaction id"),
        ("chain", "Network, if the id alone does not tell"),
        ("asset", "Asset (symbol or CAIP-19 id)"),
        ("amount", "Amount, as the victim says"),
        ("time", "Date and time, with zone"),
        ("exchange", "Exchange or wallet app from which it was sent"),
        sealed=False,
        each=True,
    ),
    *_block("payment", ("wallet", "The victim's own wallet address"), each=True),
    *_block(
        "bank",
        ("bank", "Bank, or platform of the P2P seller, through which the coins were bought"),
        ("bank_kind", "What that is: bank, or p2p"),
        ("bank_time", "When"),
        sealed=False,
        each=True,
    ),
    *_block(
        "bank",
        ("bank_account", "Account paid from"),
        ("bank_beneficiary", "Beneficiary and account paid to"),
        ("bank_amount", "Amount and currency"),
        ("bank_reference", "Reference on the slip"),
        each=True,
    ),
    *_block(
        "reports",
        ("police_reference", "Police report number"),
        ("bank_case", "The bank's case number"),
        ("portal_reference", "Reference of the online portal"),
        ("exchange_ticket", "The exchange's ticket"),
    ),
    *_block(
        "reports",
        ("bank_alert_time", "When the bank was told"),
        ("hotline_time", "When the hotline was called"),
        ("police_time", "When the police report was filed"),
        sealed=False,
    ),
    *_block(
        "recovery",
        ("recovery_contacted", "Was there contact with a firm that offers recovery? Which?"),
        ("recovery_fees", "Fees paid to it"),
    ),
    *_block("loss", ("received", "What came back, in the same asset"), sealed=False, each=True),
    *_block("loss", ("compensated", "Insurance or other compensation")),
    *_block("consent", ("consent", "Purposes agreed to"), sealed=False),
)

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}

WAY = ("bank_account", "bank_beneficiary", "bank_amount", "bank_reference")
"""What tells one payment at a bank or platform: sealed together, as one account says nothing of others."""

KINDS = ("bank", "p2p")
"""What stood before the coin was recorded; each is another kind of addressee."""

PURPOSES: Mapping[str, str] = {
    "investigation": "to investigate the offence and trace the assets",
    "sharing": "to share the pseudonym, amounts and transactions with services, issuers and partner agencies",
    "restitution": "to give the name to the court or committee that decides on the return",
    "publication": "to publish anything that tells of the case (no, unless it is said)",
}
"""What a victim can agree to, each for itself. Nothing is agreed to that is not named."""

_NEVER = (
    "laser_code",
    "lasercode",
    "id_back",
    "seed",
    "seed_phrase",
    "private_key",
    "password",
    "pin",
    "cvv",
    "otp",
)
_LONGEST = 20_000
_PHRASE = re.compile(r"(?:[a-z]{3,8} ){11}(?:(?:[a-z]{3,8} ){3}){0,4}[a-z]{3,8}")
"""Nothing but 12, 15, 18, 21 or 24 words as a wallet's recovery phrase has them (BIP 39)."""


def checked(row: Row, where: str) -> dict[str, str]:
    """What was said, without what is empty. Raises Error for a question that nobody asks, and for a secret.

    `where` says which line it is of. A secret is refused before anything is stored: it must be in nobody's file.
    """
    found: dict[str, str] = {}
    for name, text in row.items():
        key = name.strip().casefold().replace(" ", "_").replace("-", "_")
        if key in _NEVER or _PHRASE.fullmatch(" ".join(text.split())):
            raise Error(
                "intake-secret",
                f"{where}: {name} holds, or asks for, what is never stored.",
                "Codes of a card, passwords, keys and words of a wallet open something: whoever reads them can "
                "use them.",
                "Take it out of the file. If it was shown to anybody, the victim should change it now.",
            )
        if not text.strip():
            continue
        if key not in BY_NAME:
            from difflib import get_close_matches

            near = get_close_matches(key, BY_NAME, n=1)
            raise Error(
                "intake-field",
                f"{where}: nobody asks for {name!r}." + (f" The nearest is {near[0]}." if near else ""),
                f"What is asked: {', '.join(BY_NAME)}.",
                "Rename the column, or leave it out: only what is needed is kept.",
            )
        if len(text) > _LONGEST or "\0" in text:
            raise Error(
                "intake-long",
                f"{where}: {name} has {len(text)} characters, or one that is no text.",
                f"At most {_LONGEST} are kept.",
                "Shorten it; a long statement is an exhibit, and goes into the case with `recover import`.",
            )
        found[key] = text.strip()
    return found


def kind(text: str, where: str) -> str:
    """What kind of way it was; a bank, where nothing is said. Raises Error for a word that is none."""
    word = text.casefold().strip() or KINDS[0]
    if word not in KINDS:
        raise Error(
            "intake-bank-kind",
            f"{where}: bank_kind is {text!r}.",
            f"It is one of {', '.join(KINDS)}: a letter goes to each in another way.",
            "Say which of them it was, or leave it empty for a bank.",
        )
    return word


def purposes(text: str, where: str) -> tuple[str, ...]:
    """The purposes that were agreed to. Raises Error for one that is none."""
    said = [word for word in re.split(r"[,;\s]+", text.casefold()) if word and word not in ("no", "none")]
    wrong = [word for word in said if word not in PURPOSES]
    if wrong:
        raise Error(
            "intake-consent",
            f"{where}: {wrong[0]!r} is no purpose.",
            f"Purposes are {', '.join(PURPOSES)}.",
            "Name those that the victim agreed to, with commas between; leave it empty for none.",
        )
    return tuple(name for name in PURPOSES if name in said)
