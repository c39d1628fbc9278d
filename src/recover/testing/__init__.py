"""The conformance kit: what every plugin must hold to, as test classes to subclass, and what tests are fed with.

    class TestMyChain(ChainKit):
        chain = MyChain()

A subclass names its subject and may add tests; it cannot replace one of the kit's. Needs nothing but pytest.
"""

from recover.testing import sample
from recover.testing.cassette import Cassette, Exchange, save
from recover.testing.chains import ChainKit
from recover.testing.exhibits import exhibit, of_file, rows
from recover.testing.expected import Expected, Stated
from recover.testing.exporters import ExporterKit
from recover.testing.heuristics import HeuristicKit
from recover.testing.kit import Kit
from recover.testing.ledger import Rows, Transfer, decoded, joined, ledger
from recover.testing.sources import SourceKit
from recover.testing.templates import TemplateKit

__all__ = [
    "Cassette",
    "ChainKit",
    "Exchange",
    "Expected",
    "ExporterKit",
    "HeuristicKit",
    "Kit",
    "Rows",
    "SourceKit",
    "Stated",
    "TemplateKit",
    "Transfer",
    "decoded",
    "exhibit",
    "joined",
    "ledger",
    "of_file",
    "rows",
    "sample",
    "save",
]
