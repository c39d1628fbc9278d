"""What a batch of answers says, from its stored bytes and the stored request alone.

Searches say nothing by themselves: they only led to the blocks that were asked for next. Of a block, the
transactions that were wanted are read, and all of its others serve to prove them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recover.sdk import AssetSeen, Batch, Block, Coverage, Error, Exhibit, Gap, State
from recover_chain_evm import networks, values
from recover_chain_evm.live import closing, proved, status, tokens, wire
from recover_chain_evm.live.node import Moment, when, witness
from recover_chain_evm.live.session import PROBE, SEEK
from recover_chain_evm.networks import Network

SEARCHES = frozenset({"eth_getLogs", "ots_searchTransactionsBefore", "trace_filter"})
_ROUND = (tokens.SYMBOL, tokens.NAME, tokens.DECIMALS)


def batches(exhibit: Exhibit) -> Iterator[Batch]:
    """Every record of one exhibit. Raises NotRecognised without its request, Error for what cannot be right."""
    answers = wire.answers(exhibit)
    network, moment = _moment(answers, exhibit)
    try:
        rest = [answer for answer in answers[2:] if not answer.call.note.startswith((PROBE, SEEK))]
        yield Batch.of(*_records(network, moment, rest))
        yield from proved.batches(moment, rest, exhibit)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise _contradicts(exhibit, error) from None


def _moment(answers: Sequence[wire.Answer], exhibit: Exhibit) -> tuple[Network, Moment]:
    seen = witness(answers, exhibit.name)
    network = networks.by_id(seen.chain)
    if network is None:
        raise Error(
            "chain-unknown",
            f"The node at {exhibit.name} answers for {seen.chain}, which is no chain that is known here.",
            "What its coin is, and which tokens are canonical on it, is not known.",
            "Name a node of the chain that was asked for, or add the chain to networks.toml.",
        )
    proved.check_header(seen.block, exhibit.name, strict=network.number == networks.DEFAULT)
    return network, Moment(network=network, block=seen.block)


Records = Block | State | Gap | Coverage | AssetSeen


def _records(network: Network, moment: Moment, answers: list[wire.Answer]) -> Iterator[Records]:
    yield _block(moment)
    alone = [each for each in answers if each.call.method in status.METHODS]
    for method in ("eth_getBalance", "eth_getCode", "eth_getProof"):
        pairs = [each for each in alone if each.call.method == method]
        if len(pairs) > 1:
            raise ValueError(f"the batch asks {method} twice")
    yield from status.of_account(moment, alone)
    for each in answers:
        if each.call.method in SEARCHES and each.refused and not _is_token(each):
            yield _search(moment, each)
        if each.call.note.startswith(closing.FIGURE):
            yield from _figure(moment, each)
        elif each.call.note:
            yield from closing.claims(moment, each)
    yield from _tokens(network, moment, [each for each in answers if _is_token(each) and not each.call.note])


def _tokens(network: Network, moment: Moment, answers: Sequence[wire.Answer]) -> Iterator[Records]:
    """Calls of contracts: six a token that a history met, or one a question of a Status."""
    place = 0
    while place < len(answers):
        group = answers[place : place + 6]
        if len(group) == 6 and tuple(_data(each) for each in group[:3]) == _ROUND:
            token = values.account(values.fields(group[0].call.params[0], "a call")["to"])
            yield from tokens.seen(network, token, group[:3])
            yield from tokens.held(network, token, "0x" + _data(group[3])[-40:], group[3:])
            place += 6
            continue
        if group[0].call.method == "eth_call":
            yield from status.of_token(moment, group[0])
        place += 1


def _figure(moment: Moment, answer: wire.Answer) -> Iterator[Records]:
    """A listed token's balance. That most addresses hold none of most tokens is not said of each."""
    if tokens.number(answer):
        yield from status.of_token(moment, answer)


def _is_token(answer: wire.Answer) -> bool:
    """A contract's call, or the one search that stands among them: it names a single contract."""
    if answer.call.method == "eth_getLogs":
        return isinstance(values.fields(answer.call.params[0], "a filter").get("address"), str)
    return answer.call.method == "eth_call"


def _data(answer: wire.Answer) -> str:
    return str(values.fields(answer.call.params[0], "a call").get("data", "")) if answer.call.params else ""


def _block(moment: Moment) -> Block:
    block = moment.block
    return Block(
        chain=moment.network.id,
        id=values.digest(block["hash"]),
        parent=values.digest(block["parentHash"]),
        height=moment.height,
        time=when(block["timestamp"]),
        tip=moment.height,
        place=1,
    )


def _search(moment: Moment, answer: wire.Answer) -> Gap:
    asked = answer.call.params[0] if answer.call.params else ""
    span = f" {asked.get('fromBlock')} to {asked.get('toBlock')}" if isinstance(asked, dict) else ""
    return Gap(
        code="search-refused",
        subject=f"{moment.network.id}:{answer.call.method}{span}",
        why=f"The node refused this search: {answer.told}.",
        effect="None where it was asked again in parts or in another way: what is covered is listed as covered.",
        place=answer.place,
    )


def _contradicts(exhibit: Exhibit, error: Exception) -> Error:
    why = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
    return Error(
        "answers-contradict",
        f"The answers of {exhibit.name} cannot all be right, or are no answers to what was asked.",
        f"{why[:1].upper()}{why[1:]}.",
        "Ask another node. Nothing of this exhibit is used.",
    )
