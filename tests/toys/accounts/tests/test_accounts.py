import json

from recover_toy_accounts.chain import COIN, TOKEN, Owners
from recover_toy_accounts.source import Index

from recover.sdk import Address, Details, History, Request, TxId
from recover.testing import Cassette, ChainKit, Exchange, Expected, SourceKit, Stated, exhibit

LIST = json.dumps({"list": "own-thief", "from": 1, "to": 90, "ids": ["sig-1"]}).encode()
ONE = json.dumps(
    {
        "id": "sig-1",
        "height": 7,
        "at": 0,
        "fee": ["own-ann", 5000],
        "rent": ["own-ann", 2000, "acc-bob1"],
        "changes": [["own-ann", "acc-ann1", -100], ["own-bob", "acc-bob1", 100]],
    }
).encode()


TAPE = Cassette(
    exchanges=(
        Exchange(request=Request(url="http://toy/list/own-thief"), answer=LIST),
        Exchange(request=Request(url="http://toy/tx/sig-1"), answer=ONE),
    ),
    endpoint="http://toy",
)


class TestOwners(ChainKit):
    chain = Owners()


class TestIndex(SourceKit):
    source = Index()
    examples = (exhibit("list.json", LIST), exhibit("one.json", ONE))
    chains = (Owners(),)
    expected = (
        Expected(
            example=examples[1],
            taken="Read off the answer above: 100 tokens; 2,000 of rent to the owner of acc-bob1; a fee of 5,000.",
            transactions=(
                Stated(
                    id="sig-1",
                    nets={
                        ("own-ann", TOKEN.id): -100,
                        ("own-bob", TOKEN.id): 100,
                        ("own-ann", COIN.id): -7000,
                        ("own-bob", COIN.id): 2000,
                        (None, COIN.id): 5000,
                    },
                    height=7,
                    index=0,
                    accounts={("own-ann", TOKEN.id): "acc-ann1", ("own-bob", TOKEN.id): "acc-bob1"},
                ),
            ),
        ),
    )
    empty = (exhibit("empty.json", b'{"list": "own-quiet", "from": 1, "to": 90, "ids": []}'),)
    refused = (exhibit("refused.json", b'{"error": "busy"}'),)
    one_page = "The index lists all ids at once."
    recorded = (
        (History(address=Address(chain="toyown:1", text="own-thief")), TAPE),
        (Details(tx=TxId(chain="toyown:1", text="sig-1")), TAPE),
    )
