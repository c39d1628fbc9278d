"""Which of the texts of its kind says a finding: by what its slots hold."""

from __future__ import annotations

from recover.report import figures, leading
from recover.sdk import Finding


def variant(finding: Finding) -> str:
    """Which of the texts of its kind says a finding."""
    if finding.kind == "off-ramp":
        wallets = finding.slots.get("hot_wallets")
        own = isinstance(wallets, tuple) and finding.subject in wallets
        hub = "_rivals" if finding.slots.get("rivals") else "_hub"
        return f"off-ramp{hub if finding.slots.get('service') is None else ''}{'_own' if own else ''}"
    if finding.kind == "service-total" and not finding.slots.get("amount"):
        return "service-total_none"
    # Nothing was paid to the service from an address: it all arrived at its own wallets.
    if finding.kind == "service-total" and not finding.slots.get("sweeps"):
        return "service-total_own"
    if finding.kind == "service-total" and finding.slots.get("direct") and finding.slots.get("sweeps"):
        return "service-total_both"
    if finding.kind == "loss" and finding.slots.get("carried"):
        return "loss_part"
    if finding.kind == "loss" and finding.slots.get("declared") is not None:
        return "loss_declared"
    if finding.kind == "swap" and not finding.slots.get("carried"):
        return "swap_stopped"
    if finding.kind == "crossing" and finding.slots.get("refund"):
        return "crossing_refund"
    if finding.kind == "crossing-open" and finding.slots.get("why"):
        return "crossing-open_refused"
    if finding.kind == "stopped":
        return f"stopped_{finding.slots.get('reason')}"
    if finding.kind == "no-letter":
        # Without a wallet it is the register that says so, of the service itself.
        measure = "" if finding.slots["address"] else "_measure"
        return f"no-letter{measure}" + ("_overridden" if finding.slots.get("by") else "")
    if finding.kind == "came-back":
        none = "" if finding.slots.get("twice") else "_none"
        return f"came-back_{finding.slots.get('place')}{none}"
    if finding.kind == "alert":
        return f"alert_{finding.slots.get('alert')}"
    if finding.kind in figures.RESTING and finding.slots.get("standing"):
        return f"{finding.kind}_{finding.slots['standing']}"
    if finding.kind == "freezable" and finding.slots.get("history"):
        return "freezable_open"
    if finding.kind == figures.RETURNED and finding.slots.get("history"):
        return "returned_open"
    if finding.kind == "withdrawn" and (declared := finding.slots.get("declared")):
        return f"withdrawn_declared{'' if declared == finding.slots.get('amount') else '_part'}"
    if finding.kind == "withdrawn" and finding.slots.get("losses"):
        return "withdrawn_home"
    if finding.kind == "contradicted" and not finding.slots.get("to_most"):
        return "contradicted_elsewhere"
    if finding.kind == "settled" and finding.slots.get("rivals"):
        return "settled_rival"
    if finding.kind == "settled-otherwise" and finding.slots.get("rival"):
        return "settled-otherwise_rival"
    if finding.kind == "order-otherwise":
        return f"order-otherwise_{finding.slots['by']}"
    if finding.kind == "before-change" and not finding.slots.get("asset"):
        return "before-change_none"
    if finding.kind == leading.KIND:
        spent = "_spent" if finding.slots.get("spent") else ""
        return f"{leading.KIND}{spent}{'_service' if finding.slots.get('services') else ''}"
    if finding.kind == "label-against" and finding.slots.get("role"):
        return "label-against_own"
    if finding.kind == "zero-under-rule" and finding.slots.get("every"):
        return "zero-under-rule_every"
    if finding.kind == "swap" and finding.slots.get("form"):
        return "swap_wrapped"
    return finding.kind
