"""Pools, lots and rules: value followed from losses to places, exact, under one named rule.

Arrays in, arrays out: nothing here knows of chains, cases or files.

    moves.py, transactions.py   what goes in: movements of account chains, transactions of coin chains
    claims.py, limits.py        where lots of a loss begin; where and why a trace ends
    lots.py, rule.py            lots, pools, shares in whole units; what a rule says about itself
    rules/                      one small file a rule; `rules.RULES`, `rules.rule(id)`
    account.py                  `trace` over balances that live through time (account chains)
    coins.py                    `spend` and `trace` over transactions that spend outputs (coin chains)
    compiled/                   the same two, compiled, for many moves; the plain path stays the measure
    result.py                   what comes out, checked for conservation
    backward.py                 where did this come from: the exact transpose of forward
"""

from recover.tracing.account import Election, trace
from recover.tracing.claims import WHOLE, ByAddress, ByMove, Claims, Overlap
from recover.tracing.limits import Limits, Reason
from recover.tracing.moves import NOBODY, Kind, Moves
from recover.tracing.result import End, Ends, Event, Flow, Flows, Opening, Openings, Trace
from recover.tracing.rule import Model, Rule

__all__ = [
    "NOBODY",
    "WHOLE",
    "ByAddress",
    "ByMove",
    "Claims",
    "Election",
    "End",
    "Ends",
    "Event",
    "Flow",
    "Flows",
    "Kind",
    "Limits",
    "Model",
    "Moves",
    "Opening",
    "Openings",
    "Overlap",
    "Reason",
    "Rule",
    "Trace",
    "trace",
]
