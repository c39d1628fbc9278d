"""What an explanation says: routes of movements, each with what its payer held and what the rule took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from recover.trails.substitutes import Came, Over


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One lot: `amount` in base units of `loss`, or of no loss (None: clean)."""

    loss: str | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the sender held just before a movement and what is left after it, lots in the rule's own order."""

    balance: int
    lots: tuple[Part, ...]
    left: int
    left_lots: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One movement of a route. `taken` are the lots that the rule took for it; they sum to `moved`.

    `began` is what counts as a loss from this movement on, out of the clean part of `taken`; of it `came` says
    what was had in an exchange, and only the rest became proceeds here as declared. `held` is None
    where no traced value is kept for the sender: then all it pays counts as clean. `history` says how far that is
    known of it. On a coin chain the pool is that of the transaction, `inputs` is how many inputs fill it, `payers`
    are the addresses whose coins it spends, and `src` is the one of them whose coin brought what the route
    follows; of a first movement the only one, or none. `over` is set where it paid out what went into a bridge:
    whoever paid it then held nothing of it, and the route goes on from who sent it in. Amounts in base units.
    """

    seq: int
    tx: str
    time: datetime | None
    src: str | None
    dst: str | None
    moved: int
    held: Held | None
    taken: tuple[Part, ...]
    began: tuple[Part, ...]
    traced: int
    inputs: int | None = None
    payers: tuple[str, ...] = ()
    history: str = ""
    over: Over | None = None
    came: Came | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Movements in the order of the ledger; `bottleneck` is what of the loss went through all of them."""

    hops: tuple[Hop, ...]
    bottleneck: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The routes of one loss in one asset to one endpoint, and what ended there by all routes, by reason.

    `began` is what began as declared, `came` what came into the asset by exchange or over a bridge.
    """

    endpoint: str
    asset: str
    loss: str
    rule: str
    ended: tuple[tuple[str, int], ...]
    transfers: int
    began: int
    came: int
    shortest: Route
    largest: Route
