import json

from recover_toy_memos.chain import COIN, Memos
from recover_toy_memos.source import Ledger

from recover.sdk import Address, History, Request
from recover.testing import Cassette, ChainKit, Exchange, Expected, SourceKit, Stated, exhibit

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
    chains = (Memos(),)
    expected = (
        Expected(
            example=examples[0],
            taken="Read off the answer above.",
            transactions=(
                Stated(id="h-1", nets={("m-victim", COIN.id): -100, ("m-thief", COIN.id): 100}, height=7, index=0),
            ),
        ),
    )
    empty = (exhibit("empty.json", b'{"history": "m-quiet", "to": 90, "payments": []}'),)
    refused = (exhibit("refused.json", b'{"error": "busy"}'),)
    one_page = "The server answers with the whole history at once."
    recorded = ((History(address=Address(chain="toymemo:1", text="m-thief")), TAPE),)
