"""Change by address: its script type, whether it was seen before, whether it pays in."""

from __future__ import annotations

import numpy as np

from recover_heuristics_utxo.change.ground import Ground, first_seen
from recover_heuristics_utxo.change.rule import Rule, Terms
from recover_heuristics_utxo.owners import clusters
from recover_heuristics_utxo.segments import Codes, Mask, every, runs

_BLOCKSCI = "H. Kalodner et al., BlockSci, USENIX Security 2020"
_FISTFUL = "S. Meiklejohn et al., A Fistful of Bitcoins, IMC 2013, heuristic 2"
_ANDROULAKI = "E. Androulaki et al., Evaluating User Privacy in Bitcoin, FC 2013 (shadow addresses)"
_GRAPHSENSE = "GraphSense-lib, change heuristics"
_SEEN = "an address that was used before this evidence begins looks new"


def one_time(base: Ground, terms: Terms) -> Mask:
    """Two outputs, exactly one on a new address."""
    one = (base.several == 2) & (base.count(base.fresh) == 1)
    found: Mask = base.fresh & one[base.owner]
    return found


def meiklejohn(base: Ground, terms: Terms) -> Mask:
    """No output address pays in, and exactly one is new."""
    one = (base.count(base.own) == 0) & (base.count(base.fresh) == 1)
    found: Mask = base.fresh & one[base.owner]
    return found


def client(base: Ground, terms: Terms) -> Mask:
    """On an address first seen in this transaction or its block."""
    return base.fresh


def address_type(base: Ground, terms: Terms) -> Mask:
    """Of the one script type that all inputs have; every output's type must be known."""
    out = base.coins.outputs
    known = every(out.first, (out.script >= 0) | ~base.coins.spendable) & (base.uniform >= 0)
    found: Mask = known[base.owner] & (out.script == base.uniform[base.owner])
    return found


def reuse(base: Ground, terms: Terms) -> Mask:
    """On an address that pays in."""
    return base.own


def legacy(base: Ground, terms: Terms) -> Mask:
    """Both smaller than the smallest input and on a new address."""
    found: Mask = base.fresh & (base.coins.outputs.value < base.smallest[base.owner])
    return found


def one_time_change(base: Ground, terms: Terms) -> Mask:
    """GraphSense: 2 to 10 outputs; the inputs' one type, not round, small, an address used once."""
    coins, out = base.coins, base.coins.outputs
    fitting = (base.several >= 2) & (base.several <= 10) & (base.uniform >= 0)
    small = (out.value % 1000 != 0) & (out.value < base.smallest[base.owner])
    kind = out.script == base.uniform[base.owner]
    once = np.zeros(len(out.value), np.bool_)
    there = coins.spendable
    address, owner = out.address[there], out.owner[there]
    outputs = np.bincount(address, minlength=len(coins.names))
    spends = _transactions(coins.inputs.owner, coins.inputs.address, len(coins.names))
    earlier = first_seen(coins)[address] < owner
    once[there] = (outputs[address] == 1) & (spends[address] <= 1) & ~earlier
    found: Mask = fitting[base.owner] & small & kind & once
    return found


def _transactions(owner: Codes, address: Codes, size: int) -> Codes:
    """In how many transactions each address stands."""
    there = address >= 0
    found = runs(owner[there], address[there])
    return np.bincount(found.value, minlength=size).astype(np.int64)


def multi_input(base: Ground, terms: Terms) -> Mask:
    """On an address that co-spends join to the payer, here or later."""
    label, out = clusters(base.coins), base.coins.outputs
    found = np.zeros(len(out.address), np.bool_)
    use = base.usable
    found[use] = label[out.address[use]] == label[base.payer[base.owner[use]]]
    return found


RULES = (
    Rule(
        id="change-one-time",
        title="Of two outputs, one is on a new address",
        family="address",
        find=one_time,
        citation=_ANDROULAKI,
        fails=("payees give new addresses too", _SEEN),
        history=True,
    ),
    Rule(
        id="change-meiklejohn-h2",
        title="One output is on a new address, none on an input's",
        family="address",
        find=meiklejohn,
        citation=_FISTFUL,
        fails=("payees give new addresses too", _SEEN),
        history=True,
    ),
    Rule(
        id="change-client-behaviour",
        title="One output is on an address first seen here",
        family="address",
        find=client,
        citation=_BLOCKSCI,
        fails=("payees give new addresses too", _SEEN),
        dynamic=True,
        history=True,
    ),
    Rule(
        id="change-address-type",
        title="One output has the script type of all inputs",
        family="address",
        find=address_type,
        citation=_BLOCKSCI,
        fails=("Bitcoin Core chooses the change type after the payment's",),
    ),
    Rule(
        id="change-address-reuse",
        title="One output returns to an address that pays in",
        family="self",
        find=reuse,
        citation=_BLOCKSCI,
        fails=("a payment back to the payer, as some games make, looks the same",),
    ),
    Rule(
        id="change-direct",
        title="An output returns to an address that pays in",
        family="self",
        find=reuse,
        citation=_GRAPHSENSE,
        fails=("a payment back to the payer, as some games make, looks the same",),
        votes=False,
        many=True,
    ),
    Rule(
        id="change-legacy",
        title="One output is new and smaller than the smallest input",
        family="composite",
        find=legacy,
        citation=f"{_BLOCKSCI} (legacy)",
        fails=("with one input, only newness speaks", _SEEN),
        votes=False,
        history=True,
    ),
    Rule(
        id="change-one-time-graphsense",
        title="One output has the inputs' type, is small, not round and used once",
        family="composite",
        find=one_time_change,
        citation=_GRAPHSENSE,
        fails=(_SEEN,),
        dynamic=True,
        votes=False,
        history=True,
    ),
    Rule(
        id="change-multi-input",
        title="One output is on an address that co-spends join to the payer",
        family="address",
        find=multi_input,
        citation=_GRAPHSENSE,
        fails=("it inherits every error of the common-input rule",),
        dynamic=True,
    ),
)
