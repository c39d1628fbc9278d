"""Identities, encrypted at rest with age (age-encryption.org/v1), below `private/`.

Each person's record is sealed with a key of its own. Those keys are sealed to the key of the vault, and that
one with the passphrase or to the recipients that were named. So one person can be erased by destroying one key,
and nothing but the passphrase or a recipient's key opens any of it. What matches persons is an HMAC under a key
that lies in the vault too: without it nobody can try names against the tags.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recover.case import Case, private
from recover.sdk.errors import Error, Integrity

if TYPE_CHECKING:
    from pyrage import x25519

FOLDER = "private/victims"
VAULT = f"{FOLDER}/vault.json"
KEYS = f"{FOLDER}/keys.jsonl"
RECORDS = f"{FOLDER}/sealed.jsonl"

Record = Mapping[str, Any]
"""What is sealed of one person: field name -> what was said, and `screenings`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """What opens a vault: a passphrase, or the text of an age identity. Never stored, never shown."""

    passphrase: str = field(default="", repr=False)
    identity: str = field(default="", repr=False)


@dataclass(slots=True, kw_only=True)
class Vault:
    """An open vault. `own` is its key, `match` the key of the tags."""

    case: Case
    own: x25519.Identity = field(repr=False)
    match: bytes = field(repr=False)

    def tag(self, kind: str, *texts: str) -> str:
        """A keyed tag of something that tells a person: for matching alone."""
        said = "\0".join((kind, *map(_folded, texts))).encode()
        return hmac.new(self.match, said, hashlib.sha256).hexdigest()[:32]

    def known(self) -> dict[str, str]:
        """Tag -> pseudonym, of every record that stands."""
        return {tag: name for name, line in _lines(self.case, RECORDS).items() for tag in line.get("tags", ())}

    def add(self, records: Mapping[str, Record], tags: Mapping[str, Sequence[str]]) -> None:
        """Seal records: new ones with new keys, later ones of a known person with the key that is there.

        All of them are on the disk when this returns, and the journal has the digest of `private/`.
        """
        keys, sealed = _lines(self.case, KEYS), _lines(self.case, RECORDS)
        for name, record in records.items():
            key = self._key(keys[name]) if name in keys else self._new(name, keys)
            data = _encrypt(json.dumps(record, sort_keys=True, ensure_ascii=False).encode(), [key.to_public()])
            sealed[name] = {"id": name, "sealed": _text(data), "tags": sorted(tags.get(name, ()))}
        # Keys first: a sealed record without its key would be lost, a key without a record opens nothing.
        _write(self.case, KEYS, keys)
        _write(self.case, RECORDS, sealed)
        private.note(self.case)

    def read(self, name: str) -> Record:
        """One person's record. Raises Error where the key was destroyed, Integrity where it is damaged."""
        return next(record for _, record in self.each([name]))

    def each(self, names: Iterable[str]) -> Iterator[tuple[str, Record]]:
        """The records of these persons, in the order given."""
        keys, sealed = _lines(self.case, KEYS), _lines(self.case, RECORDS)
        for name in names:
            if name not in keys or name not in sealed:
                raise Error(
                    "identity-erased",
                    f"There is no identity of {name}.",
                    "Its key was destroyed, or it was never taken in here.",
                    "The journal says when: `recover show CASE journal`.",
                )
            found = json.loads(_decrypt(sealed[name]["sealed"], self._key(keys[name]), name))
            assert isinstance(found, dict)
            yield name, found

    def names(self) -> list[str]:
        """The persons whose record can be opened."""
        return sorted(_lines(self.case, KEYS).keys() & _lines(self.case, RECORDS).keys())

    def _key(self, line: Mapping[str, Any]) -> x25519.Identity:
        from pyrage import x25519

        return x25519.Identity.from_str(_decrypt(line["key"], self.own, line["id"]).decode())

    def _new(self, name: str, keys: dict[str, dict[str, Any]]) -> x25519.Identity:
        from pyrage import x25519

        key = x25519.Identity.generate()
        keys[name] = {"id": name, "key": _text(_encrypt(str(key).encode(), [self.own.to_public()]))}
        return key


def exists(case: Case) -> bool:
    """Whether the case has a vault."""
    return case.files.size(VAULT) is not None


def create(case: Case, *, passphrase: str = "", recipients: Sequence[str] = ()) -> Vault:
    """A new vault. Raises Error for no passphrase and no recipient, for both, or for a recipient that is none."""
    from pyrage import passphrase as phrase
    from pyrage import x25519

    if bool(passphrase) == bool(recipients):
        raise Error(
            "vault-lock",
            "Identities need a passphrase, or recipients, and not both.",
            "They are encrypted at rest, and something has to open them.",
            "Type a passphrase when asked, or name each reader's age key with --recipient age1...",
        )
    own, match = x25519.Identity.generate(), secrets.token_bytes(32)
    inner = json.dumps({"identity": str(own), "match": match.hex()}).encode()
    packed = (
        phrase.encrypt(inner, passphrase) if passphrase else _encrypt(inner, list(map(_recipient, recipients)))
    )
    said = {"format": 1, "opens": "passphrase" if passphrase else "recipients", "wrapped": _text(packed)}
    case.files.make(FOLDER)
    case.files.write(VAULT, json.dumps(said, sort_keys=True).encode() + b"\n")
    private.note(case)
    return Vault(case=case, own=own, match=match)


def unlock(case: Case, opener: Opener) -> Vault:
    """Open the vault of a case. Raises Error where there is none, or where the passphrase or key is another."""
    from pyrage import DecryptError, IdentityError, decrypt, x25519
    from pyrage import passphrase as phrase

    if not exists(case):
        raise Error(
            "no-vault",
            f"{case.typed} holds no identities here.",
            "No victim was taken in, or the case was handed on without private/.",
            "`recover victim add CASE` takes one in.",
        )
    try:
        said = json.loads(case.files.read(VAULT))
        packed, by = base64.b64decode(said["wrapped"]), said["opens"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(VAULT) from error
    given = opener.passphrase if by == "passphrase" else opener.identity
    if not given:
        raise Error(
            "vault-locked",
            "The identities are locked.",
            f"They open with {'a passphrase' if by == 'passphrase' else 'the age key of a recipient'}.",
            "Type it when asked, or name a file: --passphrase-file FILE."
            if by == "passphrase"
            else "Name the file of your key: --identity FILE.",
        )
    try:
        if by == "passphrase":
            inner = phrase.decrypt(packed, given)
        else:
            inner = decrypt(packed, [x25519.Identity.from_str(_secret(given))])
        held = json.loads(inner)
        return Vault(case=case, own=x25519.Identity.from_str(held["identity"]), match=bytes.fromhex(held["match"]))
    except (DecryptError, IdentityError, ValueError, KeyError) as error:
        raise Error(
            "vault-wrong-key",
            "The identities do not open.",
            f"The {'passphrase' if by == 'passphrase' else 'key'} is another than the one they were sealed with.",
            "Nothing was changed. Try again; without it nobody can read them, and no copy of it is kept.",
        ) from error


def erase(case: Case, name: str) -> str:
    """Destroy one person's key and record; the digest of the sealed key that was destroyed. Needs no passphrase.

    Raises Error where there is no such key.
    """
    keys, sealed = _lines(case, KEYS), _lines(case, RECORDS)
    if name not in keys:
        raise Error(
            "identity-erased",
            f"There is no key of {name}.",
            "It was destroyed already, or no such victim was taken in.",
            "`recover victim list CASE` shows who was.",
        )
    digest = hashlib.sha256(str(keys.pop(name)["key"]).encode()).hexdigest()
    sealed.pop(name, None)
    # The key first: without it the record is noise, whatever becomes of the rest.
    _write(case, KEYS, keys)
    _write(case, RECORDS, sealed)
    private.note(case)
    return digest


def held(case: Case) -> frozenset[str]:
    """Whose identity is here, sealed; no passphrase is needed to know that."""
    return frozenset(_lines(case, KEYS))


def _secret(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return lines[0] if lines else ""


def _recipient(text: str) -> x25519.Recipient:
    from pyrage import RecipientError, x25519

    try:
        return x25519.Recipient.from_str(text.strip())
    except RecipientError as error:
        raise Error(
            "vault-recipient",
            f"{text[:80]!r} is no public key of age.",
            "It begins with age1 and has 62 characters.",
            "`age-keygen -y KEYFILE` prints the public key of a key file.",
        ) from error


def _encrypt(data: bytes, to: Sequence[x25519.Recipient]) -> bytes:
    from pyrage import encrypt

    made = encrypt(data, to)
    assert isinstance(made, bytes)
    return made


def _decrypt(text: str, key: x25519.Identity, name: str) -> bytes:
    from pyrage import DecryptError, decrypt

    try:
        made = decrypt(base64.b64decode(text), [key])
        assert isinstance(made, bytes)
        return made
    except (DecryptError, ValueError) as error:
        raise _damaged(f"{FOLDER}, the record of {name}") from error


def _damaged(name: str) -> Integrity:
    return Integrity(
        "identity-damaged",
        f"{name} cannot be opened.",
        "It was changed or damaged since it was sealed.",
        "Restore private/ from another copy; `recover verify` says whether it is the one that the journal knows.",
    )


def _lines(case: Case, name: str) -> dict[str, dict[str, Any]]:
    if case.files.size(name) is None:
        return {}
    try:
        rows = [json.loads(line) for line in case.files.read(name).splitlines()]
        return {str(row["id"]): row for row in rows}
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(name) from error


def _write(case: Case, name: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    lines = (json.dumps(rows[key], sort_keys=True, separators=(",", ":")) for key in sorted(rows))
    case.files.write(name, "".join(line + "\n" for line in lines).encode())


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _folded(text: str) -> str:
    """As people compare names: without case, spaces and compositions."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
