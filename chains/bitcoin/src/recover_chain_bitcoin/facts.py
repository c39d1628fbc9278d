"""What a transaction shows of the wallet that made it, as the canonical JSON that heuristics read.

`lowr`: whether every ECDSA signature has an r of at most 32 bytes, which Bitcoin Core since 0.17 and Electrum make
sure of and others hit half the time; null where there is none. `memo`: the text in the first output that nobody
can spend, by which services know their orders. Sources: `tracing-science` of wallet fingerprints: nVersion,
nLockTime and nSequence habits (Bitcoin Core, Electrum), BIP 125.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from recover_chain_bitcoin.script import OP_RETURN, is_signature, pushes
from recover_chain_bitcoin.transaction import Tx

_WORDS = {True: "true", False: "false", None: "null"}


def text(tx: Tx, inputs: Sequence[str], outputs: Sequence[str]) -> str:
    """Canonical JSON; `inputs` and `outputs` are script types, "" for an input whose output is not shown.

    Sizes are left out, and sequences empty, where the transaction's bytes are not known.
    """
    spends = '","'.join(inputs)
    pays = '","'.join(outputs)
    sequence = size = vsize = ""
    if tx.raw:
        sequence = ",".join([str(each.sequence) for each in tx.inputs])
        size, vsize = f'"size":{tx.size},', f',"vsize":{tx.vsize}'
    # Keys in order of the alphabet; only where there is one, so that facts of other transactions stay as they are.
    extension = '"extension":true,' if tx.raw and tx.is_integrating else ""
    return (
        f'{{{extension}"inputs":["{spends}"],"locktime":{tx.locktime},"lowr":{_WORDS[low_r(tx)]},{_memo(tx)}"outputs":["{pays}"],'
        f'"sequence":[{sequence}],{size}"version":{tx.version}{vsize}}}'
    )


def _memo(tx: Tx) -> str:
    """The key and value, or nothing: printable ASCII of at least eight letters, pushed at once."""
    script = next((each.script for each in tx.outputs if each.script[:1] == bytes([OP_RETURN])), b"")
    pushed = list(pushes(script[1:]))
    if len(pushed) != 1 or len(pushed[0]) < 8 or not pushed[0].isascii():
        return ""
    text = pushed[0].decode("ascii")
    return f'"memo":{json.dumps(text)},' if text.isprintable() else ""


def low_r(tx: Tx) -> bool | None:
    """Whether all ECDSA signatures in the transaction have a short r; None where it has none."""
    if tx.is_coinbase:
        return None
    seen = False
    for each in tx.inputs:
        for item in pushes(each.script):
            if item[:1] == b"\x30" and is_signature(item):
                if item[3] > 32:
                    return False
                seen = True
        for item in each.witness:
            if item[:1] == b"\x30" and is_signature(item):
                if item[3] > 32:
                    return False
                seen = True
    return seen or None
