"""A person's certificate from a PKCS #12 file, and what it signs: CMS over a manifest, nothing else.

The key is read for one signature and not kept. `cryptography` comes with the extra `seal`, imported when used.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recover.sdk.errors import Error


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A key with its certificate and those that stand above it; `name` is whom the certificate names, `digest` its
    SHA-256."""

    key: Any
    certificate: Any
    chain: tuple[Any, ...]
    name: str
    digest: str


def library(name: str) -> Any:
    """A library of the extra `seal`. Raises Error that names what to install."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise Error(
            "seal-library",
            f"{name.split('.')[0]} is not installed.",
            "Signatures and time stamps need libraries that a trace does not need.",
            'Install them: pip install "recover-forensics[seal]"',
        ) from error


def identity(path: Path, phrase: str) -> Identity:
    """The identity in a P12 file. Raises Error where it cannot be opened with this pass phrase."""
    pkcs12 = library("cryptography.hazmat.primitives.serialization.pkcs12")
    try:
        data = path.read_bytes()
        key, certificate, more = pkcs12.load_key_and_certificates(data, phrase.encode() if phrase else None)
    except (OSError, ValueError) as error:
        raise Error(
            "certificate-closed",
            f"{path.name} cannot be opened.",
            f"It is no PKCS #12 file, or the pass phrase is another ({str(error)[:100]}).",
            "Name the file that holds your certificate and key, and type its pass phrase when asked.",
        ) from error
    if key is None or certificate is None:
        raise Error(
            "certificate-partial",
            f"{path.name} holds no key with its certificate.",
            "A signature needs both.",
            "Export the certificate with its private key as PKCS #12.",
        )
    serialization = library("cryptography.hazmat.primitives.serialization")
    return Identity(
        key=key,
        certificate=certificate,
        chain=tuple(more),
        name=certificate.subject.rfc4514_string(),
        digest=hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )


PSS = "1.2.840.113549.1.1.10"
"""The kind of a key that may sign by RSA-PSS and in no other way (RFC 4055, 1.2)."""

_CURVES = ("secp256r1", "secp384r1", "secp521r1")


def sealable(who: Identity, now: datetime) -> None:
    """Raises Error for a certificate whose seal no verifier in the bundle would take."""
    first, last = who.certificate.not_valid_before_utc, who.certificate.not_valid_after_utc
    curve = getattr(getattr(who.key, "curve", None), "name", "")
    if not who.name:
        raise _unfit("names nobody", "A seal says whose it is, and this certificate has no name.")
    if not first <= now.astimezone(UTC) <= last:
        said = f"It is valid from {first:%Y-%m-%d} to {last:%Y-%m-%d}, and a seal made now would be outside that."
        raise _unfit("is not valid now", said)
    if curve and curve not in _CURVES:
        raise _unfit(
            "cannot sign a seal",
            f"Its key is on the curve {curve}; the verifier in the bundle reads {', '.join(_CURVES)}, and RSA.",
        )


def _unfit(what: str, why: str) -> Error:
    return Error(
        "certificate-unfit", f"This certificate {what}.", why, "Use another certificate; nothing was sealed."
    )


def signature(who: Identity, data: bytes) -> bytes:
    """A detached CMS signature (RFC 5652) in DER, with SHA-256, as `openssl cms -verify` reads it."""
    padding = library("cryptography.hazmat.primitives.asymmetric.padding")
    hashes = library("cryptography.hazmat.primitives.hashes")
    serialization = library("cryptography.hazmat.primitives.serialization")
    pkcs7 = library("cryptography.hazmat.primitives.serialization.pkcs7")
    made = pkcs7.PKCS7SignatureBuilder().set_data(data)
    try:
        alone = who.certificate.public_key_algorithm_oid.dotted_string == PSS
        pss = (
            padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
            if alone
            else None
        )
        made = made.add_signer(who.certificate, who.key, hashes.SHA256(), rsa_padding=pss)
    except TypeError as error:
        raise Error(
            "certificate-key",
            "The key of this certificate cannot sign a seal.",
            f"{error}.",
            "Use a certificate with an RSA or an elliptic-curve key.",
        ) from error
    for above in who.chain:
        made = made.add_certificate(above)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
    signed: bytes = made.sign(serialization.Encoding.DER, options)
    return signed
