"""PAdES: a person's signature on a paper that was written, as an addition that leaves its bytes as they were."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from recover.sdk.errors import Error
from recover.sealing.certificates import library

FIELD = "Signature1"


def signed(paper: bytes, name: str, p12: Path, phrase: str) -> bytes:
    """The paper with a PAdES baseline signature (ETSI EN 319 142-1, B-B). Raises Error where it cannot be."""
    writer = library("pyhanko.pdf_utils.incremental_writer")
    signers = library("pyhanko.sign.signers")
    fields = library("pyhanko.sign.fields")
    misc = library("pyhanko.pdf_utils.misc")
    try:
        opened = writer.IncrementalPdfFileWriter(io.BytesIO(paper))
        # Once: a second signature under another name would look like consent that nobody gave here.
        if opened.prev.embedded_signatures:
            raise Error(
                "paper-signed",
                f"{name} is signed already.",
                "A signature stands in it, and this command puts the first one.",
                "Sign the paper that `recover write` made.",
            )
        signer = signers.SimpleSigner.load_pkcs12(str(p12), passphrase=phrase.encode() if phrase else None)
        if signer is None:
            raise Error(
                "certificate-closed",
                f"{p12.name} cannot be opened.",
                "It is no PKCS #12 file, or the pass phrase is another.",
                "Name the file that holds your certificate and key, and type its pass phrase when asked.",
            )
        how = signers.PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
        )
        made: Any = signers.sign_pdf(opened, how, signer=signer)
    except misc.PdfError as error:
        raise Error(
            "paper-unreadable",
            f"{name} cannot be signed.",
            f"It is no PDF that can be read ({str(error)[:150]}).",
            "Name a PDF that `recover write` made.",
        ) from error
    whole: bytes = made.getvalue()
    return whole
