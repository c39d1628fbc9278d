"""The tag columns of a TRON explorer's export, as assertions of the weakest kind that names a service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Ask, Assertion, Batch, Exhibit, Recorder, SourceInfo, sheet
from recover.sdk.transfers import firsts
from recover_chain_tron.chain import CHAIN, canonical
from recover_chain_tron.explorer import MEDIA, TERMS, addresses

TAGGED = ("from_address", "from_tag", "to_address", "to_tag")
_LABEL = 256

# "Binance-Hot 2", "Kucoin 4", "Gate Cold Wallet": a service, then what the wallet is for, then its number.
_WALLET = re.compile(
    r"(?P<service>.+?)[\s:_-]*?(?:[\s:_-](?P<use>hot|cold|reserve|withdrawal|deposit)(?:[\s_-]*wallet)?)?"
    r"(?:[\s#_-]+\d{1,4})?",
    re.IGNORECASE,
)
# A bare name: one to three words of letters and digits, perhaps an older name in brackets.
_NAME = re.compile(r"\w[\w.&+-]*(?: \w[\w.&+-]*){0,2}(?: \([\w .&+-]+\))?")
# Words of tags that name something other than a service's own wallet.
_OTHER = re.compile(
    r"\b(?:contract|token|router|pool|bridge|factory|vault|proxy|staking|mixer|energy|vote|burn|donations?)s?\b|"
    r"swap|tornado|phish|scam|fake|hack|exploit|stolen|black ?list|suspicious|fraud",
    re.IGNORECASE,
)


def reading(tag: str) -> tuple[str, str]:
    """(service, role) that a tag gives; ("", "other") where it is not plainly a service's own wallet.

    The tags do not say what kind of business a service is. An explorer's tag is unsigned and undated: grade D.
    """
    text = tag.strip()
    found = _WALLET.fullmatch(text)
    if found is None or _OTHER.search(text) or not _NAME.fullmatch(found["service"]):
        return "", "other"
    deposit = (found["use"] or "").lower() == "deposit"
    return found["service"], "deposit" if deposit else "hot-wallet"


class Tags:
    """One label for each distinct address and tag; its place is the line that shows it first."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="tron-explorer-tags",
            version="1",
            title="TRON explorer: tag columns",
            chains=(CHAIN,),
            place="line",
            media=MEDIA,
            terms=TERMS,
            limits="Unsigned and undated: who set a tag, when and why is not known.",
            primary=False,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return set(TAGGED) <= set(sheet.header(head))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 unreadable lines, NotRecognised naming missing columns."""
        read = sheet.read(exhibit.name, exhibit.data, TAGGED)
        canon = cache(canonical)
        sides = [_side(read, addresses(read, f"{end}_address", canon), f"{end}_tag") for end in ("from", "to")]
        read.problems.check()
        rows = firsts(pa.concat_tables(sides), ["address", "tag"]).to_pylist()
        yield Batch.of(*(_label(self.info.version, row["address"], row["tag"], row["place"]) for row in rows))


def _side(read: sheet.Sheet, found: pa.Array, column: str) -> pa.Table:
    tags = read.text(column)
    rows = pa.table({"address": found, "tag": tags, "place": pa.array(read.lines)})
    return rows.filter(pc.not_equal(tags, ""))


def _label(version: str, address: str, tag: str, line: int) -> Assertion:
    service, role = reading(tag[:_LABEL])
    return Assertion(
        kind="label",
        chain=CHAIN,
        address=address,
        grade="D",
        method="tron-explorer-tags",
        version=version,
        service=service,
        label=tag[:_LABEL],
        role=role,
        source="explorer tag column",
        origin="tronscan tags",
        place=line,
    )
