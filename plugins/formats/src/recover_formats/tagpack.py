"""GraphSense TagPack: one tag a name of an address, with the confidence that stands for its grade."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from recover.sdk import ExporterInfo, View
from recover.sdk.shareable import Holder, Name, shareable
from recover_formats.text import clean, dumps, readme, said

OWN = frozenset({"deposit-address"})
"""Kinds of name that a method of this program gives."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ROLES = {"mixer": "mixing_service", "bridge": "defi_bridge", "contract": "defi", "sanctioned": "sanction"}
_CATEGORIES = frozenset(
    (
        "exchange",
        "wallet_service",
        "payment_processor",
        "gambling",
        "market",
        "service",
        "mixing_service",
        "coinjoin",
    )
) | {"defi", "defi_dex", "defi_lending", "defi_bridge", "miner", "atm", "faucet", "shop", "hosting"}
"""Concepts of GraphSense that categories of names may be, as they are spelled."""


@dataclass(frozen=True, slots=True)
class TagPack:
    """`tagpack.yaml`: strings are written as JSON writes them, which YAML reads as they are."""

    info = ExporterInfo(
        id="tagpack",
        version="1",
        title="GraphSense TagPack",
        form="TagPack YAML (tagpack-tool 25.8)",
        edition="V2",
    )

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """The pack, in the order of (chain, address), and README.txt."""
        shared = shareable(view)
        tags = [line for one in shared.holders for name in one.names for line in _tag(view, one, name)]
        head = {
            "title": f"Attributions of case {clean(view.case.reference) or view.head[:12]}",
            "creator": clean(view.case.agency),
            "description": f"Written by recover {view.version}; journal head {view.head}",
        }
        lines = [f"{key}: {dumps(text)}" for key, text in head.items()]
        yield "tagpack.yaml", "\n".join([*lines, "tags:" if tags else "tags: []", *tags, ""]).encode()
        bare = sum(not one.names for one in shared.holders)
        more = (("addresses without a name", bare), ("movements", len(shared.moves)))
        yield readme(view, shared, "tagpack", more)


@cache
def _networks() -> Mapping[str, str]:
    data = tomllib.loads((Path(__file__).parent / "networks.toml").read_text(encoding="utf-8"))
    return dict(data["networks"])


def _tag(view: View, holder: Holder, name: Name) -> Iterator[str]:
    network = _networks().get(holder.chain, holder.chain)
    fields = {
        "address": holder.address,
        "label": clean(name.label),
        "source": clean(name.origin),
        "network": network,
        "currency": network,
        "confidence": confidence(name),
        "actor": _actor(view, name),
        "tag_type": "actor",
        "context": json.dumps({**said(name, holder.chain), "parts": holder.parts}, ensure_ascii=False),
    }
    if name.role == "sanctioned":
        fields["abuse"] = _ROLES["sanctioned"]
    else:
        fields["category"] = _category(view, name)
    first = True
    for key, text in fields.items():
        if text:
            yield f"{'-' if first else ' '} {key}: {dumps(text)}"
            first = False
    if _DATE.fullmatch(name.asserted):
        yield f"  lastmod: {name.asserted}"


def confidence(name: Name) -> str:
    """What of GraphSense's confidences comes nearest to the grade without saying more."""
    own = name.kind in OWN
    return {
        "A": "ledger_immanent",
        "B": "authority_data" if name.role == "sanctioned" else "service_data",
        "C": "forensic_investigation" if own else "trusted_provider",
        "D": "heuristic" if own else "web_crawl",
        "E": "unknown",
    }[name.grade]


def _actor(view: View, name: Name) -> str:
    """The id of a service in the register, which GraphSense's actors share; else its name."""
    entry = view.services.get(name.service)
    return entry.id if entry and entry.as_of else clean(name.service)


def _category(view: View, name: Name) -> str:
    entry = view.services.get(name.service)
    told = (_ROLES.get(name.role, ""), name.category, entry.category if entry else "")
    found = next((one.replace("-", "_") for one in told if one.replace("-", "_") in _CATEGORIES), "")
    return found or ("service" if name.service else "")
