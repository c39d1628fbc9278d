import json

from recover_toy_memos.chain import Memos
from recover_toy_memos.source import Ledger

from recover.sdk import Address, History, Request
from recover.testing import Cassette, ChainKit, Exchange, SourceKit, exhibit

SAID = {"history": "m-thief", "to": 90, "payments": [["h-1", 7, "m-victim", "m-thief", 100, None]]}
FILE = json.dumps(SAID).encode()


TAPE = Cassette(
    exchanges=(Exchange(request=Request(url="http://toy/history/m-thief"), answer=FILE),), endpoint="http://toy"
)


class TestMemos(ChainKit):
    chain = Memos()


class TestLedger(SourceKit):
    source = Ledger()
    examples = (exhibit("history.json", FILE),)
    recorded = ((History(address=Address(chain="toymemo:1", text="m-thief")), TAPE),)
