"""Findings as numbered sentences: the template's texts, filled from typed slots."""

from __future__ import annotations

from itertools import zip_longest

from recover.report import (
    byhand,
    doubted,
    figures,
    freezes,
    instead,
    leading,
    openings,
    payers,
    ranged,
    repaid,
    simultaneous,
    unnamed,
    unsettled,
    variants,
)
from recover.report.elements import Point
from recover.report.texts import Texts
from recover.sdk import Asset, Finding, OffRamp, View
from recover.sdk.ends import to_own
from recover.sdk.outside import visible

TABLED = ("account", "conservation", "left-out", "order-assumed", "part-assumed")
"""Kinds that read better as rows: the flow schedules print them, with their ids."""

ROWS = ("loss", "off-ramp", "came-back")
"""Kinds of which a schedule has a row each, so that no sentence repeats it where there are many."""

ALIKE = (
    *("freezable", "frozen", "not-seen-leaving", "at-rest", "poisoning", "swap", "hub", "shape"),
    leading.KIND,
    instead.VERSIONS[1],
)
"""Kinds that say one thing of many places: where there are many, the first says it in words, and rows follow."""

SPOKEN = 3
"""So many of one sentence are printed in words."""

_AMOUNTS = frozenset(
    {
        "amount",
        "began",
        "before",
        "declared",
        "least",
        "most",
        "otherwise",
        "paid",
        "swept",
        "reversed",
        "at_rest",
        "not_seen_leaving",
        "sold",
        "gave",
        "back",
        "destroyed",
        "balance",
        "lacking",
        "upto",
        "credited",
        "unswept",
        "elsewhere",
        "fees",
        "unfollowed",
        "after",
        "twice",
        "to_least",
        "to_own",
        "direct",
        "through",
        "to_most",
        "left_least",
        "left_most",
    }
)
_INTO = frozenset({"bought", "carried", "kept", "promised"})
"""Amounts of the asset that a swap or a crossing went into."""

_TOLD = frozenset({"basis", "class", "note", "why"})
"""What a method or a stage says in English words of its own."""


def points(view: View, t: Texts) -> list[Point]:
    """Every finding that is printed in words, as one tagged, cited sentence."""
    return [point(view, t, f) for f in spoken(view)]


def spoken(view: View) -> list[Finding]:
    """The findings that are printed in words; each of the others stands in a row."""
    groups = [*rowed(view).values(), *(group[1:] for group in alike(view).values())]
    rows = {f.id for group in groups for f in group}
    return [f for f in view.findings if f.kind not in TABLED and f.id not in rows]


def rowed(view: View) -> dict[str, list[Finding]]:
    """By kind, the findings that schedules print as rows, where there are more than are put in words."""
    # Of a part of a payment the sentence says by which rule it is one, and no row does.
    found = {
        kind: [f for f in view.findings if f.kind == kind and variants.variant(f) != "loss_part"] for kind in ROWS
    }
    return {kind: group for kind, group in found.items() if len(group) > SPOKEN and not _reviewed(view, group)}


def alike(view: View) -> dict[str, list[Finding]]:
    """By sentence, the findings that say one thing of many places; the first of each is put in words."""
    found: dict[str, list[Finding]] = {}
    for f in view.findings:
        # What a person said of a finding stands with its sentence.
        if f.kind in ALIKE and f.id not in view.reviews:
            found.setdefault(variants.variant(f), []).append(f)
    return {key: group for key, group in found.items() if len(group) > SPOKEN}


def _reviewed(view: View, group: list[Finding]) -> bool:
    return any(f.id in view.reviews for f in group)


def point(view: View, t: Texts, finding: Finding) -> Point:
    """One finding as a tagged, cited sentence."""
    key = f"findings.{variants.variant(finding)}"
    # A kind that the template does not know is still printed, with its slots: no finding disappears.
    if not t.has(f"{key}.text"):
        key = "findings.other"
    slots = _slots(view, t, finding)
    left = finding.kind in figures.RESTING and ranged.left(
        view, t, str(finding.slots.get("asset")), finding.subject
    )
    return Point(
        number=finding.id,
        # Fact, inference or opinion, as the template's author settled it for the kind: a court weighs them
        # differently.
        tag=t.say("tag." + t.say(f"{key}.tag")),
        text=" ".join([t.say(f"{key}.text", **slots), *([left] if left else [])])
        + byhand.reviewed(view, t, finding),
        exhibits=finding.exhibits,
    )


def _own(view: View, t: Texts, finding: Finding, service: str, asset: Asset | None) -> dict[str, str]:
    """What an off-ramp's address paid to others of the same service, apart from what went elsewhere."""
    key = finding.subject, finding.slots.get("asset"), finding.slots.get("service")
    mine = [r for r in view.offramps if not r.by_memo and (r.address, r.asset, r.service) == key]
    own = to_own(mine, view.offramps)
    if not own:
        return {"own": ""}
    told = t.say("ramp.own", value=_slot(t, "amount", own, asset), service=service)
    rest = figures.number(finding, "elsewhere") - own
    return {"own": told, "elsewhere": _slot(t, "elsewhere", rest, asset)}


def _slots(view: View, t: Texts, finding: Finding) -> dict[str, str]:
    """All that a sentence may name: the finding's slots, ready to print, with what goes with every finding."""
    asset_id = finding.slots.get("asset")
    asset = figures.asset(view, asset_id) if isinstance(asset_id, str) and asset_id else None
    into = finding.slots.get("into")
    other = figures.asset(view, into) if isinstance(into, str) and into else None
    slots = {
        name: _slot(t, "amount", value, other) if name in _INTO else _slot(t, name, value, asset)
        for name, value in sorted(finding.slots.items())
    }
    shown = "; ".join(f"{name}: {value}" for name, value in slots.items())
    subject = visible(finding.subject)
    slots.setdefault("symbol", visible(asset.symbol, 24) if asset else "")
    service = finding.slots.get("service") or (finding.subject if finding.kind == "service-total" else None)
    if isinstance(service, str):
        slots["service"] = visible(figures.name(view, service, service), 80)
    if finding.kind == "loss":
        slots["began"] = began_of(view, t, finding)
        slots["label"] = f" ({slots['label']})" if finding.slots.get("label") else ""
    if finding.kind == "label-against":
        rival = str(finding.slots.get("other"))
        slots["other"] = visible(figures.name(view, rival, rival), 80)
        for name in ("amount", "to_own") if finding.slots.get("joint") else ():
            some = figures.number(finding, name)
            slots[name] = t.say("paid.upto", amount=slots[name]) if some else slots[name]
    if finding.kind in ("by-version", "before-change", "settled-otherwise", "order-otherwise"):
        slots |= _other(view, t, finding)
    addresses = finding.slots.get("addresses")
    if isinstance(addresses, int | tuple):
        count = addresses if isinstance(addresses, int) else len(addresses)
        slots["addresses"] = figures.counted(t, "summary.endpoints", count)
    if isinstance(largest := finding.slots.get("largest"), tuple):
        slots["largest"] = _largest(t, largest, finding.slots.get("largest_amounts"), asset)
    slots |= instead.said(view, t, finding, asset)
    if isinstance(asset_id, str):
        at = ranged.open_at(view, asset_id) if finding.kind == "open-end" else [(finding.subject, asset_id)]
        slots |= doubted.phrases(view, t, at)
    if finding.kind == leading.KIND:
        slots |= {"ways": leading.ways(view, t, finding), "known": leading.known(view, t, [finding])}
        slots |= leading.lost(view, t, [finding]) | {"after": leading.after(view, t, finding)}
    if finding.kind == repaid.KIND:
        slots["transactions"] = instead.named(t, finding)
    if finding.kind == "contradicted":
        slots |= _versions(view, t, finding, asset)
    if finding.kind in ("settled", "settled-otherwise"):
        slots |= {"exhibit": instead.relied(t, finding), "exhibits_shown": instead.shown(t, finding)}
    if finding.kind == "settled":
        slots["kept"] = "".join(t.say("version.kept", **one) for one in unsettled.kept(view, finding))
    if finding.kind == "shape" and t.has(shape := f"shape.{finding.slots.get('class')}"):
        slots["class"] = t.say(shape)
    if finding.kind == "swap" and finding.slots.get("back"):
        slots["sold"] = t.say("swap.returned", **{name: slots[name] for name in ("gave", "back", "sold")})
    if finding.kind == "withdrawn":
        rest = figures.number(finding, "amount") - figures.number(finding, "declared")
        slots["rest"] = _slot(t, "amount", rest, asset)
        home = "_home" if finding.slots.get("losses") else ""
        slots["whose"] = t.say(f"withdrawn.whose{home}", losses=slots.get("losses", ""))
    if finding.kind == "came-back":
        slots["name"] = visible(figures.name(view, finding.subject, finding.subject), 80)
        slots["hub"] = unnamed.hub_at(view, t, (str(asset_id).partition("/")[0], finding.subject))
    slots.setdefault("label", "–")
    if finding.kind in ("off-ramp", "service-total") and isinstance(asset_id, str):
        through = addresses if isinstance(addresses, tuple) else (finding.subject,)
        slots["without"] = unsettled.without(t, [(one, asset_id) for one in through], unsettled.paying(view))
    if finding.kind == "alert":
        ended = finding.slots.get("ended")
        slots["ended"] = f" {t.say('alert.ended', why=visible(t.own(str(ended)), 240))}" if ended else ""
    if finding.kind == "off-ramp":
        # A clause on a history that is not whole stands only where one is not.
        said = {"rule": view.case.rule, "unfollowed": slots["unfollowed"]}
        disputed = any(
            f.kind == "contradicted" and (f.subject, f.slots.get("asset")) == (finding.subject, asset_id)
            for f in view.findings
        )
        key = "ramp.open_disputed" if disputed else "ramp.open"
        slots |= _own(view, t, finding, slots["service"], asset)
        paid = figures.number(finding, "fees")
        slots["fees"] = t.say("ramp.fees", value=_slot(t, "amount", paid, asset)) if paid else ""
        slots["open"] = t.say(key, **said) if finding.slots.get("unfollowed") else ""
    if finding.kind == "off-ramp":
        slots["swept"] = payers.upto(view, t, rows_of(view, finding), slots["swept"])
    if finding.kind == "service-total" and isinstance(asset_id, str):
        mine = [r for r in view.offramps if (r.service, r.asset) == (finding.subject, asset_id)]
        counted = [r for r in mine if r.through in through]
        slots["addresses"] = figures.addresses(view, t, counted)
        slots["swept"] = payers.upto(view, t, counted, slots["swept"])
        slots["own"] = t.say("ramp.own_total", service=slots["service"]) if to_own(mine, mine) else ""
    if isinstance(passed := finding.slots.get("amounts"), tuple):
        slots["passed"] = _passed(view, t, passed)
    if finding.kind == "zero-under-rule":
        slots |= _zero(view, t, finding)
    slots |= freezes.said(view, t, finding, slots)
    least, most = finding.slots.get("least"), finding.slots.get("most")
    if finding.kind == "off-ramp" and isinstance(least, int) and isinstance(most, int):
        same = "same_together" if _apart(view, finding) else "same"
        if unsure := unsettled.finding(view, finding):
            same = "unsettled"
        # Where more than one figure is said, of which the range is.
        on = "" if variants.variant(finding).endswith("_own") else "on_"
        sequence = simultaneous.ordered(
            view, t, str(asset_id), figures.number(finding, "amount"), rows_of(view, finding)
        )
        bounds = {"least": slots["least"], "most": slots["most"], "sequence": sequence}
        bounds["opening"] = openings.said(view, t, str(asset_id))
        span = t.say(f"range.{on}{same if least == most else 'bare'}", **bounds)
        span = f"{span} {t.say('range.unsettled_too')}" if unsure and least != most else span
        left = "" if _memo(view, finding) else ranged.left(view, t, str(asset_id), finding.subject)
        slots["range"] = f"{span} {left}" if left and finding.slots.get("unswept") is not None else span
    return {
        **slots,
        "traced": slots.get("amount", ""),
        "subject": subject,
        "kind": visible(finding.kind, 60),
        "grade": t.grade(finding.grade),
        "rule": view.case.rule,
        "slots": shown,
    }


def began_of(view: View, t: Texts, finding: Finding) -> str:
    """With how much a loss began in one asset, and how far that moves from rule to rule; of a loss that began in
    none that nothing did, not how many units of no asset."""
    asset_id = finding.slots.get("asset")
    if not isinstance(asset_id, str) or not asset_id:
        return t.say("amount.none")
    began = t.units(figures.number(finding, "began"), figures.asset(view, asset_id))
    moved = ranged.of_begun(view, t, str(finding.slots.get("loss")), asset_id)
    return f"{began} ({moved})" if moved else began


def _other(view: View, t: Texts, finding: Finding) -> dict[str, str]:
    """Whose figure it is, and what was changed, of a figure that is otherwise if something else were so."""
    service, what = finding.slots.get("service"), finding.slots.get("what")
    words = what if isinstance(what, tuple) else ()
    named = unnamed.hubs(view, t, str(finding.slots.get("asset")))
    if isinstance(service, str) and service:
        named = t.say("version.wallets", service=visible(figures.name(view, service, service), 80))
    return {"service": named, "what": t.joined(t.say(f"declared.{word}") for word in words)}


def _zero(view: View, t: Texts, finding: Finding) -> dict[str, str]:
    """Whose the wallets are that a rule brings nothing to, and how far the figure is from zero if what no exhibit
    shows is otherwise."""
    rows = rows_of(view, finding)
    asset = figures.asset(view, str(finding.slots.get("asset")))
    moved = simultaneous.beside(view, t, asset, figures.number(finding, "amount"), rows)
    if unsettled.rows(view, rows):
        moved += f" {t.say('range.unsettled_too')}"
    named = _other(view, t, finding)["service"]
    sequence = simultaneous.used_of(view, t, asset.id, figures.number(finding, "amount"), rows)
    return {"service": named, "moved": moved, "sequence": sequence}


def _versions(view: View, t: Texts, finding: Finding, asset: Asset | None) -> dict[str, str]:
    """What each exhibit shows leaving, and the names of the services that either pays."""
    told, names = [], set[str]()
    listed, dated, others = (instead.texts(finding, name) for name in ("versions", "moments", "instead"))
    for text, moment, other in zip_longest(listed, dated, others, fillvalue=""):
        exhibit, out, *paid = text.split("|")
        if other:
            spending = t.joined(visible(name) for name in other.split())
            told.append(t.say("version.shows_other", exhibit=exhibit, transactions=spending))
            continue
        sums = []
        for name, _, amount in (part.rpartition("=") for part in paid):
            named = unnamed.hubs(view, t, str(finding.slots.get("asset")))
            if name:
                named = t.say("version.wallets", service=visible(figures.name(view, name, name), 80))
            names.add(named)
            value = t.units(int(amount), asset) if asset else amount
            sums.append(t.say("version.paid", amount=value, service=named))
        value = t.units(int(out), asset) if asset else out
        of_it = t.joined(sums) if sums else t.say("version.elsewhere")
        told.append(t.say("version.shows", exhibit=exhibit, amount=value, when=_when(t, moment), paid=of_it))
    return {"versions": "; ".join(told), "services": t.joined(sorted(names))}


def _when(t: Texts, moment: str) -> str:
    """When an exhibit has it, where exhibits disagree on that."""
    time, _, height = moment.partition("|")
    said = t.say("version.time", time=t.dated(time)) if time else ""
    return said + (t.say("version.block", height=height) if height else "")


def rows_of(view: View, finding: Finding) -> list[OffRamp]:
    """The row of an off-ramp's finding."""
    wanted = tuple(finding.slots.get(name) for name in ("service", "asset", "amount"))
    return [r for r in view.offramps if (r.address, r.service, r.asset, r.amount) == (finding.subject, *wanted)]


def _memo(view: View, finding: Finding) -> bool:
    """Whether a memo tells apart what lies at an off-ramp's address: of one no rule's rest is known."""
    return any(
        r.by_memo for r in view.offramps if (r.address, r.asset) == (finding.subject, finding.slots["asset"])
    )


def _apart(view: View, finding: Finding) -> bool:
    """Whether the rules give the losses of an off-ramp's finding different figures."""
    return any(ranged.losses([r]) for r in rows_of(view, finding))


def _passed(view: View, t: Texts, sums: tuple[str, ...]) -> str:
    """Amounts of several assets, each stored as its id and its base units."""
    pairs = (text.rsplit(" ", 1) for text in sums)
    said = [t.units(int(amount), figures.asset(view, asset_id)) for asset_id, amount in pairs]
    return t.joined(said) if said else t.say("alert.nothing")


def _slot(t: Texts, name: str, value: str | int | tuple[str, ...] | None, asset: Asset | None) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, int):
        return t.units(value, asset) if asset and name in _AMOUNTS else f"{value:,}"
    if isinstance(value, tuple):
        return t.joined(visible(v, 120) for v in value[:10]) + (
            f" ‹+{len(value) - 10}›" if len(value) > 10 else ""
        )
    return visible(t.own(value) if name in _TOLD else t.dated(value), 600)


def _largest(t: Texts, places: tuple[str, ...], values: object, asset: Asset | None) -> str:
    held = values if isinstance(values, tuple) else ()
    pairs = [
        f"{visible(p)} ({t.units(int(v), asset) if asset else v})" for p, v in zip(places[:3], held, strict=False)
    ]
    return t.joined(pairs)
