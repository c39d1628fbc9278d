"""What tests of the kit share: a chain and its names, and the tests that a subject fails."""

from __future__ import annotations

from recover.sdk import Asset, ChainInfo, NotRecognised, Request
from recover.testing import Cassette, Exchange

COIN = Asset(id="try:1/slip44:1", symbol="TRY", decimals=0)
REQUEST = Request(url="try:ann", headers=(("key", "{try-key}"),))
TAPE = Cassette(exchanges=(Exchange(request=REQUEST, answer=b"try\n7,eve,1\n"),))


def failures(kit: type, without: str = "", **subject: object) -> set[str]:
    """The kit's tests that a subject fails, of those whose name has not `without` in it."""
    made = type("TestSubject", (kit,), {"__module__": __name__, **subject})()
    failed = set()
    for name in sorted(n for n in dir(made) if n.startswith("test_") and not (without and without in n)):
        try:
            getattr(made, name)()
        except Exception:
            failed.add(name)
    return failed


def refuse(text: str) -> str:
    if not (text.isascii() and text.isalnum() and len(text) < 9):
        raise NotRecognised("x", "It is no name.", "Names are short.", "Write a name.")
    return text.lower()


CHAIN = ChainInfo(
    id="try:1", title="Try", model="account", native=COIN, examples=(("ann", "here"),), bad=(("a b", "space"),)
)
