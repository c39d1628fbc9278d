"""The view: everything that papers and exports may say of a case, read from what was derived."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

import recover
from recover.case import Case, derived
from recover.case.settings import Settings
from recover.declared import edition, elections, handing, overlay
from recover.findings import cards, distinct, reviews, stored
from recover.findings.declaration import declaration
from recover.ledger import Part, parts
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.registers import addressees
from recover.sdk.addressee import Addressee
from recover.sdk.facts import AsideFacts
from recover.sdk.plugin import HeuristicInfo
from recover.sdk.values import Asset
from recover.sdk.view import CaseFacts, ExhibitFacts, Finding, OffRamp, Service, View
from recover.tracing import Model, Rule, rules
from recover.trails import hops, routed
from recover.trails.prepared import beside
from recover.victims import cues, spread, withheld


def load(case: Case, plugins: Plugins, stale: str = "") -> View:
    """Raises Error naming the stage to run when something was not derived yet. `stale` is said on every page."""
    head, number = case.head
    ramps, models, findings = stored.offramps(case), _models(case, plugins), stored.findings(case)
    named = {r.service for r in ramps if r.service} | _named(case, ramps, findings)
    services, addressed = _services(case, plugins, named, overlay.lettered(case))
    confirmed = overlay.confirmed(case, overlay.entries(case, plugins))
    # Only what ran is listed as run: a rule of another model, or one that needs elections, did not.
    wanted = edition.wanted(case)
    ran = {rule.id for model in models for rule in beside(bool(case.settings.elections), cast(Model, model))}
    return View(
        case=_facts(case, wanted.language),
        edition=wanted.edition,
        pack=wanted.pack,
        head=head,
        entries=number,
        version=recover.__version__,
        plugins=tuple((o.name, o.version, o.sha256) for o in pins.origins(plugins)),
        heuristics=_heuristics(case, plugins, models),
        models=models,
        chains={chain.info.id: chain.info.title for chain in plugins.chains.values()},
        declaration=declaration(case),
        rules=tuple(_rule(r, case) for r in rules.RULES.values() if r.id in ran),
        assets=_assets(case, plugins),
        firsts=plugins.firsts(),
        exhibits=tuple(_exhibits(case, plugins)),
        set_aside=_set_aside(case),
        stale=stale,
        offramps=ramps,
        findings=findings,
        services=services,
        addressees=addressed,
        confirmed=confirmed,
        lapsed=tuple(one for one in overlay.heard(case) if one not in confirmed),
        brought=frozenset(overlay.brought(case)),
        owners=spread.owners(case),
        acts=reviews.acts(case),
        custody=handing.custody(case),
        reviews=reviews.reviews(case, findings),
        # Read when asked for: a letter needs few of them, and the flows under every rule are traced again.
        tables={
            **{name: _table(case, name) for name in _TABLES},
            "hops": lambda: hops.by_rule(case),
            "routes": cache(lambda: routed.table(case, ramps)),
            "unscreened": cache(lambda: cues.table(case)),
            "rested": cache(lambda: routed.rested(case, _freezable(findings))),
        },
    )


def _named(case: Case, ramps: Iterable[OffRamp], findings: Iterable[Finding]) -> set[str]:
    """The services that anything names for an address of an off-ramp: a letter to each knows its addressee."""
    here = {address for r in ramps for address in (r.address, *r.hot_wallets)}
    said = derived.read(case, "assertions", ["kind", "address", "service"])
    wanted = pc.and_(
        pc.equal(said["kind"], "label"),
        pc.is_in(said["address"], value_set=pa.array(sorted(here), pa.string())),
    )
    others = {str(f.slots["other"]) for f in findings if f.kind == "label-against"}
    return {*said.filter(wanted)["service"].unique().to_pylist(), *others} - {""}


def _freezable(findings: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    """Where value is left in an asset whose issuer can stop it."""
    return frozenset((f.subject, str(f.slots.get("asset", ""))) for f in findings if f.kind == "freezable")


_TABLES = (
    *("transfers", "transactions", "blocks", "events", "states", "coverage", "differing", "fallen"),
    *("assertions", "labels", "entities", "flows", "ends", "gaps", "accounts", "origins", "totals"),
    *("assets", "shares", "orders", "ties", "parts", "completeness", "prices", "crossings", "exchanges"),
)


_LARGE = ("transfers", "transactions", "events", "states", "blocks", "assertions", "flows")


def _table(case: Case, name: str) -> Callable[[], pa.Table]:
    def read() -> pa.Table:
        return derived.read(case, name)

    # Those that grow with the case are not held: what is printed of them is read once.
    return read if name in _LARGE else cache(read)


def _facts(case: Case, language: str) -> CaseFacts:
    s = case.settings
    return CaseFacts(
        title=s.title,
        examiner=s.examiner,
        agency=s.agency,
        rule=s.rule,
        opened=s.opened,
        language=language or s.language,
        losses=s.losses,
        reference=s.reference,
        note=s.note,
        merge=s.merge,
        least=s.least,
        dust=s.dust,
    )


def _heuristics(case: Case, plugins: Plugins, models: Collection[str]) -> tuple[Mapping[str, str], ...]:
    """The heuristics that fit a chain of this case, each with whether anything here rests on it."""
    rows = derived.read(case, "assertions", ["method", "kind"])
    pairs = set(zip(rows.column("method").to_pylist(), rows.column("kind").to_pylist(), strict=True))
    merging = set(case.settings.merge)
    # Heuristics that ran and on which no figure rests are named apart, so that nobody has to answer for their
    # errors.
    resting = {name for name, kind in pairs if kind not in _OWNERSHIP or name in merging}
    chains = set(derived.read(case, "transactions", ["chain"]).column("chain").unique().to_pylist())
    fitting = (h.info for h in plugins.heuristics.values() if not set(h.info.models).isdisjoint(models))
    return tuple(
        {**_heuristic(info, chains, case.settings), "rests": "yes" if info.id in resting else "no"}
        for info in fitting
    )


def _models(case: Case, plugins: Plugins) -> tuple[str, ...]:
    """The accounting models of the chains whose transactions the case holds."""
    chains = set(derived.read(case, "transactions", ["chain"]).column("chain").unique().to_pylist())
    return tuple(sorted({chain.info.model for chain in plugins.chains.values() if chain.info.id in chains}))


_OWNERSHIP = frozenset({"same-owner", "change"})
"""Kinds that count for nothing unless the case's policy lets them merge."""


def _heuristic(info: HeuristicInfo, chains: Collection[str], settings: Settings) -> Mapping[str, str]:
    card = cards.fit(info, chains, settings)
    used = settings.chosen(info.id, {name: default for name, (default, _) in info.parameters.items()})
    return {
        "id": info.id,
        "version": info.version,
        "title": info.title,
        "asserts": ", ".join(info.asserts),
        "citation": info.citation,
        "fails": "; ".join(info.fails),
        "parameters": "; ".join(f"{k} = {used[k]} ({what})" for k, (_, what) in sorted(info.parameters.items())),
        "population": card.population if card else "",
        "truth": card.truth if card else "",
        "grades": "; ".join(cards.by_grade(card)),
        "measured": cards.counts(card),
        "found": cards.found(card),
        "by": ", ".join(filter(None, (card.by, card.measured))) if card else "",
    }


def _rule(rule: Rule, case: Case) -> Mapping[str, str]:
    return {
        "id": rule.id,
        "title": rule.title,
        "law": rule.law,
        "source": rule.source,
        "used_when": rule.used_when,
        "refused_when": rule.refused_when,
        "claim": "yes" if rule.claim else "no",
        "declared": "yes" if rule.id == case.settings.rule else "no",
        "elections": elections.told(case) if rule.elective else "",
    }


def _assets(case: Case, plugins: Plugins) -> dict[str, Asset]:
    rows = derived.read(case, "assets").to_pylist()
    symbols = distinct.symbols(rows, {chain.info.id: chain.info.title for chain in plugins.chains.values()})
    return {
        row["asset"]: Asset(
            id=row["asset"], symbol=symbols[row["asset"]], decimals=row["decimals"], name=row["name"]
        )
        for row in rows
    }


@dataclass(slots=True)
class _Period:
    """The period that one exhibit's content covers: what it states goes before what is seen in it."""

    seen: list[datetime] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)
    until: list[datetime] = field(default_factory=list)

    def read(self, case: Case, part: Part) -> int:
        """Take in what a part covers; how many records it has."""
        count = 0
        for name, columns in (("transactions", ["time"]), ("coverage", ["since", "until"]), ("assertions", [])):
            found = parts.read(case, part, name, columns)
            if found is None:
                continue
            count += found.num_rows if name != "coverage" else 0
            for column in columns:
                kept = found.column(column).drop_null()
                if len(kept):
                    into = {"time": self.seen, "since": self.since, "until": self.until}[column]
                    into += [pc.min(kept).as_py(), pc.max(kept).as_py()]
        return count

    @property
    def stated(self) -> bool:
        return bool(self.until)

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        first = min(self.since or self.seen, default=None)
        return first, max(self.until or self.seen, default=None)


def _exhibits(case: Case, plugins: Plugins) -> list[ExhibitFacts]:
    records: dict[int, int] = {}
    left = withheld.of(case)
    periods: dict[int, _Period] = {}
    for part in parts.parts(case, plugins):
        count = periods.setdefault(part.exhibit, _Period()).read(case, part)
        records[part.exhibit] = records.get(part.exhibit, 0) + count
    return [
        ExhibitFacts(
            number=s.number,
            digest=s.digest,
            name=s.name,
            size=s.size,
            media=s.media,
            captured=s.captured,
            sources=s.sources,
            method=s.method,
            records=records.get(s.number, 0),
            since=periods.get(s.number, _Period()).span[0],
            until=periods.get(s.number, _Period()).span[1],
            stated=periods.get(s.number, _Period()).stated,
            obtained=s.obtained,
            by=s.by,
            origin=s.origin,
            withheld=left.get(s.number, ()),
        )
        for s in case.exhibits()
        if s.method != "issued"  # a letter of our own is no material that results rest on
    ]


def _set_aside(case: Case) -> tuple[AsideFacts, ...]:
    names = {s.number: s.name for s in case.exhibits()}
    return tuple(
        AsideFacts(number=n, name=names[n], reason=s.reason, by=s.by, at=s.at, value=s.value)
        for n, s in case.set_aside().items()
        if n in names
    )


def _owned(service: Service, entry: Addressee) -> Service:
    """The service with the legal entities that the register of addressees names."""
    if not (entry.entities or entry.to):
        return service
    first = entry.entities[0] if entry.entities else entry.status
    said = {**addressees.legal(entry), "address": "", "channel": ""}
    return replace(service, legal=said, source=first.source, as_of=first.as_of)


def _services(
    case: Case, plugins: Plugins, names: set[str], lettered: frozenset[str]
) -> tuple[dict[str, Service], dict[str, Addressee]]:
    """The register's entries of the services found, and who answers for them, by the name in the off-ramps; of the
    bridges that traced value came to, by their protocols; and of those whom letters name."""
    known = overlay.entries(case, plugins)
    register = addressees.services(plugins.templates, known)
    found, addressed = {}, {}
    for name in sorted(names):
        entry = register.match(name)
        one = addressees.of(entry, known, register) if entry else None
        if entry is not None and one is not None:
            addressed[name] = one
            entry = _owned(entry, one)
        found[name] = entry or _unlisted(name, "")
    for name in sorted({*derived.read(case, "crossings", ["protocol"])["protocol"].to_pylist()} - names):
        one = addressees.meant(name, known, register)
        operator = one if one is not None and one.kind == "bridge" else None
        found[name] = addressees.service(operator) if operator else _unlisted(name, "bridge")
        if operator is not None:
            addressed[name] = operator
    for name in sorted(lettered - {*found}):
        entry = register.match(name)
        one = addressees.of(entry, known, register) if entry else None
        one = one or addressees.meant(name, known, register)
        if one is not None:
            addressed[name] = one
            entry = _owned(entry, one) if entry else addressees.service(one)
        if entry is not None:
            found[name] = entry
    return found, addressed


def _unlisted(name: str, category: str) -> Service:
    """A service without an entry is still named: a letter to it then shows what a person must fill in."""
    return Service(
        id="".join(c if c.isalnum() else "-" for c in name.casefold())[:64],
        name=name,
        category=category,
        aliases=(),
        uri="",
        jurisdictions=(),
        legal={},
        source="no entry in the register",
        as_of="",
    )
