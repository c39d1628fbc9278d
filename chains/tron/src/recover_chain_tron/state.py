"""What an address holds now, and whether an issuer has frozen it: asked of the settled state, with its newest
block.

Shapes: full node HTTP API, `getnowblock`, `getaccount`, `triggerconstantcontract`. A node answers such
questions for its newest settled block only and does not say which that was. So the block is asked for just
before, and stands in the anchor of the questions, which is never sent: a state is that of this block, or of
one a few seconds younger.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from recover.sdk import Batch, Block, Error, Exhibit, Nothing, Recorder, Request, State, Status, sheet
from recover_chain_tron import address, fields
from recover_chain_tron.chain import CHAIN, asset, canonical
from recover_chain_tron.shown import TRX

NOW, ACCOUNT, CALL = "getnowblock", "getaccount", "triggerconstantcontract"
METHODS = (NOW, ACCOUNT, CALL)
Headers = tuple[tuple[str, str], ...]

BALANCE = "balanceOf(address)"
FROZEN: Mapping[str, str] = {
    asset("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"): "isBlackListed(address)",
    asset("TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8"): "isBlacklisted(address)",
}
"""Of tokens whose issuer can freeze: the function of its contract that says whether an address is frozen."""


def ask(wanted: Status, recorder: Recorder, headers: Headers) -> Iterator[Exhibit]:
    """The newest settled block, then the questions. Raises Error for a refusal, or for what cannot be read."""
    # Named for the address, so that no answer to another question of this run is taken for it: blocks pass.
    now = _put(recorder, NOW, {}, headers, {"of": wanted.address.text, "asset": wanted.asset or TRX})
    yield now
    block = _block(now)
    note = {"block": block.id, "height": block.height, "time": _millis(now)}
    what = wanted.asset or TRX
    who = wanted.address.text
    if what == TRX:
        yield _put(recorder, ACCOUNT, {"address": who, "visible": True}, headers, note)
        return
    if not what.startswith(asset("")):
        return
    for function in [BALANCE, *([FROZEN[what]] if what in FROZEN else [])]:
        question = {
            "owner_address": who,
            "contract_address": what.removeprefix(asset("")),
            "function_selector": function,
            "parameter": address.decode(who)[1:].rjust(32, b"\0").hex(),
            "visible": True,
        }
        yield _put(recorder, CALL, question, headers, note)


def _put(
    recorder: Recorder,
    method: str,
    said: Mapping[str, Any],
    headers: Headers,
    note: Mapping[str, Any] | None = None,
) -> Exhibit:
    anchor = f"#{urlencode(note)}" if note else ""
    url = f"{recorder.endpoint.rstrip('/')}/walletsolidity/{method}{anchor}"
    body = json.dumps(said, separators=(",", ":"), sort_keys=True).encode("ascii")
    sent = (*headers, ("Content-Type", "application/json"), ("Accept", "application/json"))
    exhibit = recorder.capture(Request(url=url, method="POST", headers=sent, body=body))
    batch(exhibit)
    refusal = _refusal(_said(exhibit))
    if refusal:
        raise _odd(exhibit, f"it says: {refusal}")
    return exhibit


def batch(exhibit: Exhibit) -> Batch:
    """One answer as records. Raises Error."""
    said = _said(exhibit)
    if refusal := _refusal(said):
        return Batch.of(Nothing(why=f"The node refused: {refusal}"))
    path = urlsplit(exhibit.name).path
    try:
        if path.endswith(NOW):
            return Batch.of(_block(exhibit))
        return Batch.of(*_states(exhibit, said, path.endswith(ACCOUNT)))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise _odd(exhibit, fields.why(error)) from error


def _states(exhibit: Exhibit, said: Mapping[str, Any], account: bool) -> Iterator[State | Nothing]:
    asked = json.loads(exhibit.asked.body if exhibit.asked else b"{}")
    note = dict(parse_qsl(urlsplit(exhibit.name).fragment))
    at: dict[str, Any] = {
        "height": int(note["height"]),
        "block": note["block"],
        "time": fields.moment(int(note["time"])),
    }
    if account:
        who = canonical(asked["address"])
        if not said:
            yield Nothing(why="The node knows no such account: it was never activated, and holds no TRX.")
            return
        if canonical(said["address"]) != who:
            raise ValueError("the account is another than was asked for")
        amount = fields.amount(said, "balance")
        yield State(kind="balance", chain=CHAIN, address=who, asset=TRX, amount=amount, **at)
        return
    who, what = canonical(asked["owner_address"]), asset(canonical(asked["contract_address"]))
    words = said["constant_result"]
    if not isinstance(words, list) or len(words) != 1 or len(words[0]) != 64:
        raise ValueError("constant_result is not one word")
    value = int(words[0], 16)
    kind = "balance" if asked["function_selector"] == BALANCE else "frozen"
    if kind == "frozen" and value > 1:
        raise ValueError("whether it is frozen is neither 0 nor 1")
    yield State(kind=kind, chain=CHAIN, address=who, asset=what, amount=value, **at)


def _block(exhibit: Exhibit) -> Block:
    said = _said(exhibit)
    try:
        raw = fields.mapping(fields.mapping(said["block_header"], "block_header")["raw_data"], "raw_data")
        height = fields.amount(raw, "number")
        name = fields.matched(said, "blockID", fields.ID).lower()
        if int(name[:16], 16) != height:
            raise ValueError("the block's id does not begin with its height")
        parent = raw.get("parentHash")
        return Block(
            chain=CHAIN,
            id=name,
            parent=None if parent is None else fields.matched(raw, "parentHash", fields.ID).lower(),
            height=height,
            time=fields.moment(fields.millis(raw.get("timestamp"))),
            tip=height,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _odd(exhibit, fields.why(error)) from error


def _millis(exhibit: Exhibit) -> int:
    return fields.millis(_said(exhibit)["block_header"]["raw_data"]["timestamp"])


def _refusal(said: Mapping[str, Any]) -> str:
    """What a node says instead of an answer; a contract that undid the call refuses too."""
    result = said.get("result")
    if said.get("Error"):
        return sheet.shown(str(said["Error"]))
    if isinstance(result, dict) and (result.get("result") is not True or result.get("code")):
        return sheet.shown(str(result.get("code") or result))
    return ""


def _said(exhibit: Exhibit) -> Mapping[str, Any]:
    try:
        return fields.mapping(fields.load(exhibit.data), "the answer")
    except ValueError as error:
        raise _odd(exhibit, f"it is not JSON of a node: {str(error)[:120]}") from None


def _odd(exhibit: Exhibit, why: str) -> Error:
    return Error(
        "tron-answer",
        f"{exhibit.name.partition('#')[0]} did not say what the address holds.",
        f"{why[0].upper()}{why[1:]}.",
        "Ask again later, or another node; what came is kept. Nothing is taken for zero.",
    )
