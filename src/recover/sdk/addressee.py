"""Who can act: an entry of the register of addressees, in which every fact says where it is from, and when."""

from __future__ import annotations

from dataclasses import dataclass

CONFIDENCES = (
    *(
        "own",
        "cites own page",
        "mirror",
        "regulator",
        "regulator, cited",
        "third party",
        "press",
        "told",
        "absence",
    ),
)
"""How near a fact's source stands to the service itself. `mirror`: the service's text on another's page, in which
one address may have been changed. `told`: a person said so, and no page. `absence`: it was looked for, and not
found."""

KINDS = ("exchange", "swapper", "payment", "p2p", "wallet", "issuer", "bridge", "chain", "route")
"""`chain` is a body that can act on a chain itself; `route` is police, a FIU, or a desk that passes it on."""

STATES = ("", "operating", "winding-down", "suspended", "closed")
"""Empty where no source says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A legal entity. `role` says for what, and since when where the source does."""

    name: str
    country: str
    number: str
    role: str
    source: str
    as_of: str
    confidence: str


SENDERS = ("", "official", "private", "any", "none")
"""Who may write by a channel: powers of the state, private parties, both, or nobody with a letter. Empty where no
source says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to reach the entry: `kind` of it, its `value`, and who may use it: in words, and one of `SENDERS`.

    `states` are those of which its senders are (ISO 3166-1, such as TH); none where its source names no state.

    Nobody has checked it before a person confirms it: a wrong mailbox hands a case to a criminal. So it goes on
    the examiner's delivery sheet, and into a letter only once it is confirmed.
    """

    kind: str
    value: str
    who: str
    source: str
    as_of: str
    confidence: str
    sender: str = ""
    states: tuple[str, ...] = ()


FORMS = ("pdf", "docx", "xlsx", "csv", "portal", "email")
"""The forms of a letter: the paper (PDF, DOCX), its tables (XLSX, CSV), and what it goes with (text for a portal,
e-mail)."""

OF = ("letter", "identifiers")
"""Of what a form is asked for: of the letter itself, or of the addresses and transactions in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form (`FORMS`) that the entry takes, or does not, of what (`OF`); `what` are its words.

    `takes` is yes or no. Which way letters go is said by its channels.
    """

    form: str
    of: str
    takes: str
    what: str
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the entry asks for, how long it takes, or a note: `what`, and a `value` where it has one."""

    what: str
    value: str
    source: str
    as_of: str
    confidence: str


HOLDS = ("", "value", "records", "report")
"""What a term is of: value that is held, records that are kept, or `report`, by when the sender's report to the
police is wanted: no hold of the addressee's. Empty for a time that is no term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Time(Said):
    """How long something takes; where it `holds` something (`HOLDS`), for how long on a first request.

    So many `days` or `hours` from the request of a `sender` (`SENDERS`). `unsaid`: only where the letter itself
    names no day. `renewable`: it can be asked for again, as its source says; none says how often, so once.
    `ordered`: only after an order, and not after a request that has no force. `unfiled`: only until the matter is
    reported to the police, as its source wants; what is held after that, no source says.
    """

    holds: str = ""
    days: int = 0
    hours: int = 0
    sender: str = ""
    unsaid: bool = False
    renewable: bool = False
    ordered: bool = False
    unfiled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What it can freeze, how, and on whose order."""

    can: str
    how: str
    order: str
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether it still works (`STATES`), in the source's words where it does not."""

    value: str
    text: str
    source: str
    as_of: str
    confidence: str


TOLD = ("memo", "address")
"""How a service knows whose a deposit is: by a memo or tag beside one address, or by an address for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """How deposits are told apart (`TOLD`), on one chain by its CAIP-2 id, or on every chain where it is empty."""

    told: str
    chain: str
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Sanctions or a ban. `stops`: no letter is drafted before a named person decides that one may be."""

    what: str
    since: str
    stops: bool
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One entry: empty wherever no source was found. `looked` is the day on which it was looked for.

    `to` is to whom it asks that letters be addressed, where that is no entity; the fact stands among `asks`.
    """

    id: str
    kind: str
    brand: str
    aliases: tuple[str, ...]
    domains: tuple[str, ...]
    looked: str
    status: Standing
    freeze: Power | None = None
    entities: tuple[Body, ...] = ()
    channels: tuple[Channel, ...] = ()
    asks: tuple[Said, ...] = ()
    forms: tuple[Form, ...] = ()
    times: tuple[Time, ...] = ()
    deposits: tuple[Deposit, ...] = ()
    measures: tuple[Measure, ...] = ()
    to: str = ""
    notes: tuple[Said, ...] = ()

    @property
    def stopped(self) -> Measure | None:
        """The measure for which no letter is drafted."""
        return next((measure for measure in self.measures if measure.stops), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A person's word that a channel is the service's own: who, on which day, and where it was read.

    It is of one channel of one entry as it stood then, and no longer counts when its `kind`, `value`, `who` or
    `source` is another. An empty `source` is of no channel: an older version did not keep it.
    """

    id: str
    kind: str
    value: str
    by: str
    on: str
    how: str
    who: str = ""
    source: str = ""
