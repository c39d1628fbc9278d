"""open: a case, the rule that is declared before anything is traced, and the losses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc

from recover.capture import own
from recover.case import Case, Settings, folder, open_for_reading, settings, tables
from recover.case.folder import Clock, clock
from recover.registry import Plugins
from recover.sdk import amounts
from recover.sdk.errors import Error, NotRecognised
from recover.sdk.plugin import Chain
from recover.sdk.values import Address, Asset, TxId
from recover.sdk.view import Loss
from recover.stages import meaning
from recover.tracing import Rule, rules


def create(
    path: Path,
    *,
    title: str,
    examiner: str,
    agency: str,
    rule: str,
    reference: str = "",
    note: str = "",
    language: str = "en",
    sources: Sequence[str] = (),
    rounds: int = 5,
    requests: int = 200,
    plugins: Plugins | None = None,
    now: Clock = clock,
) -> None:
    """A new case under one declared rule. Raises Error when the rule cannot be declared, or the path is taken.

    `sources` may be asked over the network, each as ID or ID=URL; `plugins` says which there are. The case names
    them; that they may be asked for this case, and where, is kept in the user's own configuration.
    """
    declared = _declarable(rule)
    named = [text.partition("=")[::2] for text in sources]
    if plugins is not None:
        for name, _ in named:
            plugins.source(name)
    mine = own.load(dict(named))  # raises Error for an address that cannot be one
    blank = [
        name for name, text in (("title", title), ("examiner", examiner), ("agency", agency)) if not text.strip()
    ]
    if blank:
        raise Error(
            "blank-setting",
            f"{' and '.join(blank)} must not be empty.",
            "A case says who asked, and for whom.",
            "Give each of --title, --examiner and --agency.",
        )
    opened = now().replace(microsecond=0)
    chosen = Settings(
        title=title,
        examiner=examiner,
        agency=agency,
        rule=declared.id,
        opened=opened,
        reference=reference,
        language=language,
        note=note,
        sources=tuple(dict.fromkeys(name for name, _ in named)),
        rounds=rounds,
        requests=requests,
    )
    settings.parse(settings.text(chosen))  # what could not be read again is not written
    folder.create(path, chosen, now)
    if mine.given:
        own.keep(open_for_reading(path).id, {name: place.endpoint for name, place in mine.given.items()})


def _declarable(name: str) -> Rule:
    """The rule, if it can be applied at every hop of a case and back a claim."""
    rule = rules.rule(name)
    why = ""
    if rule.pool is None:
        why = "It shares out what is left, and follows nothing."
    elif not rule.claim:
        why = "It is a measure of exposure, which no court accepts for a claim."
    if why:
        fit = (r.id for r in rules.RULES.values() if r.claim and r.pool is not None)
        what = f"The rule {name} cannot be declared for a case."
        raise Error("rule-undeclarable", what, why, f"Declare one of {', '.join(fit)}.")
    return rule


def declare(
    case: Case,
    plugins: Plugins,
    *,
    address: str | None = None,
    tx: str | None = None,
    amount: int | None = None,
    amount_text: str | None = None,
    assets: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    label: str = "",
) -> Loss:
    """Add one loss to the case. Raises NotRecognised when no chain knows the address or transaction."""
    text = address or tx or ""
    text, output = outpoint(text) if tx else (text, None)
    chain, found = recognise(plugins, text, here(case))
    if (address is not None) != isinstance(found, Address):
        kind = "an address" if isinstance(found, Address) else "a transaction id"
        raise Error(
            "loss-kind",
            f"{text} is {kind}.",
            "A loss is declared by --address or by --tx, and the two are different things.",
            f"Use {'--address' if isinstance(found, Address) else '--tx'}.",
        )
    wanted = tuple(asset_of(plugins, chain, name) for name in assets)
    loss = Loss(
        id=case.settings.next_loss,
        chain=chain,
        address=found.text if isinstance(found, Address) else None,
        tx=found.text if isinstance(found, TxId) else None,
        amount=_amount(amount, amount_text, wanted),
        assets=tuple(asset.id for asset in wanted),
        since=since,
        until=until,
        label=label,
        output=output,
    )
    _check(loss, case)
    if output is not None and plugins.chains[chain].info.model != "utxo":
        raise Error(
            "loss-output",
            f"{tx} names an output, and transactions of {plugins.chains[chain].info.title} have none.",
            "Only transactions of coin chains have numbered outputs.",
            "Give the transaction id alone, and --amount with --asset for a part of it.",
        )
    if output is not None:
        _check_output(case, loss, output)
    case.save(case.settings.with_loss(loss))
    return loss


def drop(case: Case, name: str) -> Loss:
    """Take one loss back; the journal keeps it. Raises Error when there is none, or an election names it."""
    found = next((loss for loss in case.settings.losses if loss.id == name), None)
    if found is None:
        raise Error(
            "no-loss",
            f"The case declares no loss {name!r}.",
            f"It has {', '.join(loss.id for loss in case.settings.losses) or 'none'}.",
            "`recover show CASE losses` lists them.",
        )
    if any(one.loss == name for one in case.settings.elections):
        raise Error(
            "loss-elected",
            f"An election names loss {name}.",
            "Without the loss the election would mean nothing.",
            "Take the election out of case.toml first.",
        )
    case.save(case.settings.without_loss(name))
    return found


def _check_output(case: Case, loss: Loss, output: int) -> None:
    """Raises Error where an exhibit shows the transaction, and it has no such output."""
    known: set[int] = set()
    for file in sorted((case.derived / "decoded").glob("*/legs.parquet")):
        legs = tables.load(case, file, "decode", ["tx", "kind", "index"])
        mine = pc.and_(pc.equal(legs.column("tx"), loss.tx), pc.equal(legs.column("kind"), "output"))
        known.update(legs.filter(mine).column("index").to_pylist())
    if known and output not in known:
        raise no_output(loss.tx or "", output, sorted(known))


def no_output(tx: str, output: int, known: Sequence[int]) -> Error:
    """The transaction is here, and has no such output."""
    return Error(
        "loss-output-missing",
        f"Transaction {tx} has no output {output}.",
        f"Its outputs are {', '.join(str(n) for n in known) or 'none that can be spent'}.",
        "Name one of them; `recover loss CASE --drop ID` takes a wrong loss back.",
    )


def decide(case: Case, *, tx: str, exhibit: int, reason: str) -> None:
    """Record which exhibit a person relies on where exhibits contradict each other about one transaction.

    Raises Error when there is no such exhibit, or no reason is given.
    """
    if exhibit not in {stored.number for stored in case.exhibits()}:
        raise Error(
            "no-exhibit",
            f"The case has no exhibit {exhibit}.",
            f"It has {len(case.exhibits())}.",
            "`recover show CASE exhibits` lists them.",
        )
    if not reason.strip():
        raise Error(
            "decision-without-reason",
            "A decision needs a reason.",
            "The other side will ask why one version was preferred.",
            "Say it with --reason.",
        )
    _shows(case, tx, exhibit)
    case.note("decision", {"tx": tx, "exhibit": exhibit, "reason": reason})


def _shows(case: Case, tx: str, exhibit: int) -> None:
    """Raises Error unless the ledger has the transaction, and has it from that exhibit."""
    known = tables.read(case, "transactions", ["id", "exhibits"])
    mine = known.filter(pc.equal(known.column("id"), tx)).column("exhibits").to_pylist()
    shown = sorted({number for listed in mine for number in listed})
    if exhibit in shown:
        return
    raise Error(
        "decision-of-what",
        f"Exhibit {exhibit} does not show the transaction {tx}.",
        f"It is shown by exhibit {', '.join(map(str, shown))}." if shown else "No exhibit of this case shows it.",
        "`recover show CASE gaps` lists the contradictions, each with its transaction and its exhibits.",
    )


def outpoint(text: str) -> tuple[str, int | None]:
    """A transaction id, and the number of the output where one is named: TXID:OUTPUT."""
    head, colon, tail = text.rpartition(":")
    named = colon and tail.isascii() and tail.isdigit() and len(tail) < 7 and len(head.rpartition(":")[2]) == 64
    return (head, int(tail)) if named else (text, None)


def here(case: Case) -> frozenset[str]:
    """The chains of the transactions that the case's exhibits hold, as far as they are decoded."""
    files = sorted((case.derived / "decoded").glob("*/transactions.parquet"))
    found = (tables.load(case, file, "decode", ["chain"]).column("chain").unique().to_pylist() for file in files)
    return frozenset(chain for listed in found for chain in listed)


def recognise(plugins: Plugins, text: str, near: frozenset[str] = frozenset()) -> tuple[str, Address | TxId]:
    """Which chain knows this text, written alone or as CHAIN:TEXT; of several, the one that is in `near`.

    A chain in front is asked alone. Raises NotRecognised with the nearest chains' reasons, Error when several
    know it.
    """
    reasons: list[tuple[Chain, NotRecognised]] = []
    found: list[tuple[str, Address | TxId]] = []
    named = [chain for chain in plugins.chains.values() if text.startswith(chain.info.id + ":")]
    for chain in named or plugins.chains.values():
        try:
            found.append((chain.info.id, chain.parse(text.removeprefix(chain.info.id + ":"))))
        except NotRecognised as error:
            reasons.append((chain, error))
    found = [one for one in found if one[0] in near] or found
    if len(found) == 1:
        return found[0]
    if not found:
        unknown = None if named else meaning.foreign(text, plugins.chains)
        raise unknown or meaning.refused(text, reasons)
    raise Error(
        "several-chains",
        f"{text} is valid on {', '.join(name for name, _ in found)}.",
        "The same text is an address or a transaction id on more than one chain.",
        "Write it with its chain in front, as CAIP-10: CHAIN:TEXT.",
    )


def asset_of(plugins: Plugins, chain: str, name: str) -> Asset:
    """The asset that a symbol or a CAIP-19 id names on a chain. Raises Error for a symbol of none or several."""
    info = plugins.chains[chain].info
    listed = {asset.id: asset for asset in (info.native, *info.assets)}
    if name in listed:
        return listed[name]
    if "/" in name:
        return Asset(id=name, symbol="", decimals=None)
    same = [asset for asset in listed.values() if asset.symbol.casefold() == name.casefold()]
    if len(same) == 1:
        return same[0]
    raise Error(
        "no-asset",
        f"{info.title} has {'several assets' if same else 'no asset'} called {name} in its register.",
        f"Known: {', '.join(sorted(asset.symbol for asset in listed.values()))}.",
        "Name the asset by its CAIP-19 id: the contract is the asset, never the symbol.",
    )


def _amount(amount: int | None, text: str | None, assets: Sequence[Asset]) -> int | None:
    if text is None:
        return amount
    if text.startswith("-") or (text and not text.strip("0.")):
        raise _not_above_zero(text)
    if text.isascii() and text.isdigit() and (len(assets) != 1 or assets[0].decimals is None):
        return int(text)
    if len(assets) != 1 or assets[0].decimals is None:
        raise Error(
            "amount-without-asset",
            f"The amount {text} has no unit.",
            "A decimal amount needs one asset whose decimals are known.",
            "Add --asset SYMBOL, or give the amount in base units.",
        )
    return amounts.parse(text, assets[0].decimals)


def _not_above_zero(amount: object) -> Error:
    return Error(
        "loss-amount",
        f"The amount {amount} is not above zero.",
        "A loss is what was taken: it must be above zero, and has no sign.",
        "Use --tx ID --amount N --asset SYMBOL, with N above zero.",
    )


def undated(since: datetime | None, until: datetime | None, tx: str | None) -> None:
    """Raises Error for a loss by transaction that also names a period."""
    if tx is not None and (since is not None or until is not None):
        raise Error(
            "loss-period-tx",
            "A period goes with --address, and not with --tx.",
            f"The transaction {tx} has its own time; --from and --to would change nothing.",
            "Leave out --from and --to, or declare the address with its period on its own.",
        )


def _check(loss: Loss, case: Case) -> None:
    undated(loss.since, loss.until, loss.tx)
    if loss.amount is not None and loss.amount <= 0:
        raise _not_above_zero(loss.amount)
    if loss.amount is not None and (loss.tx is None or len(loss.assets) != 1):
        raise Error(
            "loss-amount",
            "An amount needs a transaction and one asset.",
            "It says how much of what the transaction moves is the loss.",
            "Use --tx ID --amount N --asset SYMBOL.",
        )
    if loss.since and loss.until and loss.since > loss.until:
        raise Error(
            "loss-period",
            "The period ends before it begins.",
            f"From {loss.since.isoformat()} to {loss.until.isoformat()}.",
            "Exchange --from and --to.",
        )
    same = _same(loss, case.settings.losses)
    if same is not None:
        raise Error(
            "loss-twice",
            f"This loss is declared already, as {same}.",
            "Declaring it again would count it twice.",
            "Nothing needs to be done.",
        )


def _same(loss: Loss, others: Iterable[Loss]) -> str | None:
    for other in others:
        if replace(loss, id="", label="") == replace(other, id="", label=""):
            return other.id
    return None
