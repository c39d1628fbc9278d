"""Time stamps over a manifest: RFC 3161 from an authority, OpenTimestamps from calendars; each at the user's word.

Only the digest leaves this computer. What a calendar gives is a promise until a block of Bitcoin holds it, and is
called pending until then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from recover.capture.posted import posted
from recover.sdk.errors import Error
from recover.sealing.certificates import library


def authority(url: str, data: bytes) -> tuple[bytes, datetime]:
    """An authority's response over SHA-256 of `data`, in DER, and the moment that it states. Raises Error."""
    client = library("rfc3161_client")
    asked = (
        client.TimestampRequestBuilder().data(data).hash_algorithm(client.HashAlgorithm.SHA256).build().as_bytes()
    )
    answer = posted(url, asked, "application/timestamp-query", "application/timestamp-reply")
    try:
        response = client.decode_timestamp_response(answer)
        info = response.tst_info
        imprint, moment = bytes(info.message_imprint.message), info.gen_time
    except ValueError as error:
        raise _unusable(url, f"its answer is no time stamp ({str(error)[:150]})") from error
    if imprint != hashlib.sha256(data).digest():
        raise _unusable(url, "it stamped another digest than it was asked for")
    return answer, moment


def calendars(urls: Sequence[str], data: bytes) -> bytes:
    """A detached OpenTimestamps proof with what each calendar promised; pending. Raises Error."""
    if not urls:
        raise Error(
            "calendars-unnamed",
            "No OpenTimestamps calendar is named.",
            "A calendar is asked over the network, and only your own recover.toml says which.",
            'Write it there: [seal] calendars = ["https://..."]',
        )
    core = library("opentimestamps.core.timestamp")
    notary = library("opentimestamps.core.serialize")
    ops = library("opentimestamps.core.op")
    digest = hashlib.sha256(data).digest()
    whole = core.Timestamp(digest)
    for url in urls:
        answer = posted(
            f"{url.rstrip('/')}/digest", digest, "application/octet-stream", "application/octet-stream"
        )
        try:
            read = notary.BytesDeserializationContext(answer)
            whole.merge(core.Timestamp.deserialize(read, digest))
        except (notary.DeserializationError, ValueError) as error:
            raise _unusable(url, f"its answer is no OpenTimestamps proof ({str(error)[:150]})") from error
    written = notary.BytesSerializationContext()
    core.DetachedTimestampFile(ops.OpSHA256(), whole).serialize(written)
    made: bytes = written.getbytes()
    return made


def _unusable(url: str, why: str) -> Error:
    return Error(
        "stamp-unusable",
        f"{url} gave no time stamp that can be used.",
        f"{why[:1].upper()}{why[1:]}.",
        "Name another authority; nothing was sealed.",
    )
