import json

from recover_toy_accounts.chain import Owners
from recover_toy_accounts.source import Index

from recover.sdk import Address, Details, History, Request, TxId
from recover.testing import Cassette, ChainKit, Exchange, SourceKit, exhibit

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
    recorded = (
        (History(address=Address(chain="toyown:1", text="own-thief")), TAPE),
        (Details(tx=TxId(chain="toyown:1", text="sig-1")), TAPE),
    )
