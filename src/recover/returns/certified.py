"""The certificate of a seizure, from the chain's own record, and the receipt of a hand-over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise.assets import Units, shown_as
from recover.report.elements import Brief, Facts, Items, Para
from recover.report.texts import Texts
from recover.returns import leaves, paidout
from recover.returns.leaves import said
from recover.sdk.outside import visible
from recover.seizure import keeping, minor
from recover.seizure.keeping import Event


def write(case: Case, plugins: Plugins, events: Sequence[Event], out: Path) -> list[Path]:
    """One PDF an event."""
    t, units = leaves.words("en", plugins), shown_as(case, plugins)
    files = {}
    for event in events:
        kind = "certificate" if event.act == "record" else "receipt"
        files[f"{kind}-{event.id}.pdf"] = paper(case, t, event, units)
    return leaves.write(case, plugins, out, files)


def paper(case: Case, t: Texts, event: Event, units: Units) -> Brief:
    """A certificate of seizure, or a receipt for what left custody. Nobody has signed it."""
    seized = event.act == "record"
    head = "" if seized else "receipt_"
    body = "certificate.body" if seized else "certificate.receipt_body"
    place = event.address, event.asset
    alerts = tuple(a.said for a in keeping.alerts(case, units) if (a.address, a.asset) == place)
    to = str(event.body.get("to", "")).strip()
    alerts += tuple(line for line in paidout.beyond(case, units) if line.partition(" ")[0] == to)
    sign = "certificate.witness" if seized else "certificate.sign"
    return leaves.brief(
        case,
        t,
        t.say(f"certificate.{head}title"),
        t.say(f"certificate.{head}subtitle", id=event.id),
        [Para(text=t.say(body)), Facts(rows=tuple(_rows(case, t, event, units)))],
        [
            *([(t.say("certificate.alerts"), [Items(items=alerts)])] if alerts else []),
            (t.say("certificate.signatures"), [Para(text=t.say(sign), style="blank")]),
        ],
    )


def _planned(t: Texts, event: Event) -> str:
    """Whether it is what was planned, and whether the plan came first: each with its time."""
    if not event.body.get("planned"):
        return t.say("certificate.no")
    if times := keeping.late(event):
        seized, plan = (f"{one:%Y-%m-%d %H:%M}" for one in times)
        return t.say("certificate.late", seized=seized, plan=plan)
    since = str(event.body.get("plan_at", ""))
    return (
        t.say("certificate.since", plan=f"{datetime.fromisoformat(since):%Y-%m-%d %H:%M}")
        if since
        else (t.say("certificate.yes"))
    )


def _money_held(case: Case, currency: str) -> str:
    return minor.said(keeping.money(case).get(currency, 0), currency) if currency else ""


def _rows(case: Case, t: Texts, event: Event, units: Units) -> list[tuple[str, str, str]]:
    body = event.body
    held = {(a.address, a.asset): a.held for a in keeping.accounts(case)}.get((event.address, event.asset), 0)
    found = [
        ("address", event.address, "mono"),
        ("source", str(body.get("source", "")), "mono"),
        ("payers", ", ".join(map(str, body.get("payers", ()))), "mono"),
        ("asset", event.asset, "mono"),
        ("units", f"{said(event.asset, event.units, units)} ({event.units:,})" if event.units else "", "text"),
        ("tx", str(body.get("tx", "")), "mono"),
        ("block", f"{body.get('height') or ''} {body.get('block', '')}".strip(), "mono"),
        ("time", str(body.get("time", "")), "text"),
        ("fee", leaves.in_coin(event.address, int(body["fee"]), units) if body.get("fee") else "", "text"),
        ("confirmations", str(body.get("confirmations") or ""), "text"),
        ("exhibits", ", ".join(map(str, body.get("exhibits", ()))), "text"),
        ("proof", str(body.get("proof", "")), "text"),
        ("to", visible(str(body.get("to", "")), 120), "text"),
        ("money", minor.said(int(body["money"]), body["currency"]) if body.get("currency") else "", "text"),
        ("authority", visible(str(body.get("authority", "")), 200), "text"),
        ("roles", visible("; ".join(f"{k}: {v}" for k, v in body.get("roles", {}).items()), 200), "text"),
        ("value", visible(str(body.get("value", "")), 200), "text"),
        ("note", visible(str(body.get("note", "")), 300), "text"),
        ("by", f"{visible(event.by, 80)}, {event.at:%Y-%m-%d %H:%M} UTC", "text"),
        ("held", f"{said(event.asset, held, units)} ({held:,})", "text"),
        ("money_held", _money_held(case, str(body.get("currency", ""))), "text"),
    ]
    if event.act == "record":
        found.append(("planned", _planned(t, event), "text"))
    return [(t.say(f"certificate.{key}"), value, style) for key, value, style in found if value]
