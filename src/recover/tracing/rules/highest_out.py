"""Taint in, highest out: traced value goes to the largest outputs of a coin transaction."""

from __future__ import annotations

from recover.tracing.rule import Rule
from recover.tracing.rules.tainted_first import TaintedFirst

HIGHEST_OUT = Rule(
    id="highest_out",
    law="None",
    title="Taint in, highest out (TIHO)",
    source="Tironsakkul, Maarek, Eross, Just, Probing the Mystery of Cryptocurrency Theft (2019), "
    "arXiv:1906.05754",
    used_when="As a comparison policy in research: outputs are filled largest first, ties to the lower number.",
    refused_when="No law stands behind it: it is a guess at which output is not change.",
    # Traced value first; that the largest output is served first is `highest`, which `coins.spend` reads.
    pool=TaintedFirst,
    models=("utxo",),
    claim=False,
    highest=True,
)
