"""A person's certificate from a PKCS #12 file, and what it signs: CMS over a manifest, nothing else.

The key is read for one signature and not kept. `cryptography` comes with the extra `seal`, imported when used.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recover.sdk.errors import Error


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A key with its certificate and those that stand above it; `name` is whom the certificate names."""

    key: Any
    certificate: Any
    chain: tuple[Any, ...]
    name: str


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
    return Identity(key=key, certificate=certificate, chain=tuple(more), name=certificate.subject.rfc4514_string())


def signature(who: Identity, data: bytes) -> bytes:
    """A detached CMS signature (RFC 5652) in DER, with SHA-256, as `openssl cms -verify` reads it."""
    hashes = library("cryptography.hazmat.primitives.hashes")
    serialization = library("cryptography.hazmat.primitives.serialization")
    pkcs7 = library("cryptography.hazmat.primitives.serialization.pkcs7")
    made = pkcs7.PKCS7SignatureBuilder().set_data(data)
    try:
        made = made.add_signer(who.certificate, who.key, hashes.SHA256())
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
