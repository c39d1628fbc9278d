"""How a pursuit begins: the case, the chain of what was typed, and the loss."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from recover.capture import own
from recover.capture.asking import answered_by_any
from recover.capture.own import Own
from recover.case import Case
from recover.case.folder import clock
from recover.case.journal import FILE
from recover.declared import losses
from recover.plugins.registry import Plugins
from recover.pursuit.seeking import Lookup, unable, wanted
from recover.pursuit.telling import Event, Tell
from recover.recognise.names import asset_of, candidates, outpoint
from recover.sdk.errors import Error
from recover.sdk.values import Address, TxId
from recover.sdk.view import Loss
from recover.stages import open as opening

RULE = "fifo"
"""The rule of a case that is opened in a hurry by somebody whose configuration names none."""


def make(path: Path, plugins: Plugins, given: Mapping[str, str], tell: Tell) -> bool:
    """A case where there is none, from the user's own defaults. Whether one was made.

    Raises Error where no source may be asked: a case that can learn nothing is not made.
    """
    if (path / FILE).exists():
        return False
    mine = own.load(given)
    names = dict.fromkeys((*given, *mine.sources))
    if not names:
        raise Error(
            "no-source",
            "No source may be asked, so nothing can be found out.",
            "Nothing about a case goes to a service that was not chosen, and none is.",
            "Name one with --source ID=URL, or in your recover.toml; `recover doctor` lists what there is.",
        )
    usual = mine.defaults
    rule = usual.rule or RULE
    sources = [f"{name}={given[name]}" if given.get(name) else name for name in names]
    try:
        opening.create(
            path,
            title=path.resolve().name,
            examiner=usual.examiner or getpass.getuser(),
            agency=usual.agency or "not stated",
            rule=rule,
            sources=sources,
            plugins=plugins,
        )
    except OSError:
        # The case is there; that its sources could not be kept in the user's own file, `allow` says.
        if not (path / FILE).exists():
            raise
    said = f"Case {path} was made under the rule {rule}"
    said += "." if usual.rule else ", since your recover.toml declares none: change it before figures are used."
    tell(_event("case", said, case=str(path), made=True, rule=rule))
    return True


def again(case: Case) -> Event:
    """What is said where a case is gone on with."""
    rule = case.settings.rule
    said = f"Case {case.typed}, opened {case.settings.opened:%Y-%m-%d}, is gone on with under the rule {rule}."
    return _event("case", said, case=str(case.path), made=False, rule=rule)


def meant(
    plugins: Plugins, text: str, fresh: Mapping[str, str] | None, amount: str | None, asset: str | None
) -> None:
    """Raises NotRecognised for a text that no chain knows. Of a case that is not made yet (`fresh`: what its call
    names), Error too where no source that may be asked answers for it, or no amount or asset is what was typed."""
    listed = candidates(plugins, outpoint(text)[0])
    if fresh is None:
        return
    mine = own.load(fresh)
    able = [plugins.source(name) for name in dict.fromkeys((*fresh, *mine.sources))]
    fit = [one for one in listed if answered_by_any(able, wanted(one))]
    if able and not fit:
        raise unable(text, listed, {one.chain: plugins.chains[one.chain].info.title for one in listed}, plugins)
    for one in fit[:1] if len(fit) == 1 else ():
        chosen = [asset_of(plugins, one.chain, asset)] if asset else []
        if isinstance(one, TxId):
            losses.said_of(losses.amount_of(None, amount, chosen), chosen)


def allow(case: Case, given: Mapping[str, str]) -> None:
    """What this call allows stays allowed for this case, so that the next call goes on without it.

    Where it cannot be kept the call goes on all the same, and that is said.
    """
    mine = own.load()
    known = {name: place.endpoint for name, place in mine.cases.get(case.id, {}).items()}
    # A source that is allowed for every case needs no word for this one, but where it is to ask elsewhere.
    fresh = {
        name: url for name, url in given.items() if known.get(name, "" if name in mine.sources else None) != url
    }
    elsewhere = mine.folders.get(case.id, str(case.path.resolve())) != str(case.path.resolve())
    if fresh and elsewhere:
        case.told.append(
            f"--source counts for this call alone: sources of this case are kept for {mine.folders[case.id]}."
        )
    elif fresh:
        try:
            own.keep(case.id, case.path, fresh)
        except OSError as error:
            why = error.strerror or str(error)
            case.told.append(f"--source counts for this call alone: {own.path()} cannot be written ({why}).")
    lacking = [name for name in given if name not in case.settings.sources]
    if lacking:
        case.save(replace(case.settings, sources=(*case.settings.sources, *lacking)))


def declare(
    case: Case,
    plugins: Plugins,
    mine: Own,
    texts: Sequence[str],
    amount: str | None,
    asset: str | None,
    tell: Tell,
    until: float | None = None,
) -> list[Loss]:
    """Declare what was typed as losses, each on the chain that it is of; what is declared already stays. Nothing
    is asked after `until`, a moment of the monotonic clock.

    Raises Error for a text of no chain, of a chain that nobody may be asked about, or that no source knows.
    """
    made: list[Loss] = []
    sought = {"texts": list(texts), "amount": amount, "asset": asset}
    looking = Lookup(case=case, plugins=plugins, mine=mine, tell=tell, until=until, sought=sought)
    for text in texts:
        for found in looking.where(text):
            _, output = outpoint(text) if isinstance(found, TxId) else (text, None)
            if isinstance(found, TxId):
                if _declared(case, plugins, found, output, amount, asset, tell):
                    continue
                # Which output of a coin payment is the loss is seen only in the payment itself, and of which chain
                # an id is that was typed without one, only where a source has it.
                coins = plugins.chains[found.chain].info.model == "utxo"
                if amount is not None or coins or len(candidates(plugins, outpoint(text)[0])) > 1:
                    looking.seen(found)
            whole = f"{found.chain}:{found.text}" + (f":{output}" if output is not None else "")
            told = len(case.told)
            try:
                loss = losses.declare(
                    case,
                    plugins,
                    address=whole if isinstance(found, Address) else None,
                    tx=whole if isinstance(found, TxId) else None,
                    amount_text=amount if isinstance(found, TxId) else None,
                    assets=[asset] if asset else (),
                )
            except Error as error:
                if error.code != "loss-twice":
                    raise
                continue
            made.append(loss)
            for doubt in case.told[told:]:
                tell(_event("warning", doubt, code="loss-is-change", loss=loss.id))
            del case.told[told:]
            title = plugins.chains[loss.chain].info.title
            kind = "transaction" if loss.tx else "address"
            said = f"Loss {loss.id}: {kind} {loss.tx or loss.address} on {title}."
            if loss.address:
                said += (
                    " All that arrived there is taken to be what was lost. If it is the address that paid, take "
                    f"it back and name the payment: recover loss {case.typed} --drop {loss.id}, then recover now "
                    f"{case.typed} TRANSACTION"
                )
            tell(_event("loss", said, loss=loss.id, chain=loss.chain, tx=loss.tx, address=loss.address))
    return made


def _declared(
    case: Case,
    plugins: Plugins,
    found: TxId,
    output: int | None,
    amount: str | None,
    asset: str | None,
    tell: Tell,
) -> bool:
    """Whether the same transaction is declared already. With something else said of it, it is a slip that is
    corrected, and not a second loss beside the first: taken back where nothing was traced with it, else Error."""
    listed = [asset_of(plugins, found.chain, asset)] if asset else []
    wanted, said = {one.id for one in listed}, losses.amount_of(None, amount, listed)
    for loss in case.settings.losses:
        other = None not in (output, loss.output) and output != loss.output
        if (loss.chain, loss.tx) != (found.chain, found.text) or other:
            continue
        if wanted and loss.assets and not wanted & set(loss.assets):
            continue  # of another asset that the transaction moved
        # What is not said again stays as it was said.
        same = output in (None, loss.output) and (amount is None or said == loss.amount)
        if same and (not wanted or wanted == set(loss.assets)):
            return True
        if any(entry.kind == "ran" and entry.body.get("stage") == "trace" for entry in case.entries):
            raise Error(
                "loss-again",
                f"Transaction {found.text} is loss {loss.id} of this case already, with another amount, asset or "
                "output.",
                "Both beside each other would say that more was taken than either of them.",
                f"Take the first one back, then type this again: recover loss {case.typed} --drop {loss.id}",
            )
        losses.drop(case, loss.id)
        told = f"Loss {loss.id} of the same transaction is taken back: nothing was traced with it yet."
        tell(_event("loss", told, loss=loss.id, back=True))
        return False
    return False


def _event(kind: str, said: str, **facts: object) -> Event:
    return Event(kind=kind, at=clock(), said=said, facts=facts)
