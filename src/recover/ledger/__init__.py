"""Transactions and legs in columns, joined over exhibits, exact to 256 bits, in a stated order."""

from recover.ledger.join import TABLES, Part, build
from recover.ledger.read import Ledger

__all__ = ["TABLES", "Ledger", "Part", "build"]
