"""Where the rules disagree: each endpoint's figure under every rule that may back a claim, least and most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from recover.sdk import View
from recover.sdk.ends import by_rule


def rows(view: View) -> Iterator[Sequence[Any]]:
    """The heading, then a row for each (asset, endpoint, reason): figures that differ first, the widest range
    first.

    `zero_under` names the rules that give nothing there. Losses are summed; endpoints.csv has them apart.
    """
    ids = [rule["id"] for rule in view.rules if rule["claim"] == "yes"]
    figures = by_rule(view.tables["ends"](), set(ids))
    ran = [id for id in ids if any(id in row for row in figures.values())]
    yield (
        *("asset", "decimals", "address", "reason", *ran, "least", "most", "range", "agree", "zero_under"),
        "declared_rule",
    )
    made = [(key, [row.get(id, 0) for id in ran]) for key, row in figures.items()]
    made.sort(key=lambda item: (item[0][0], min(item[1]) - max(item[1]), -max(item[1]), item[0]))
    for (asset, address, reason), values in made:
        known = view.assets.get(asset)
        least, most = min(values), max(values)
        zero = [id for id, value in zip(ran, values, strict=True) if not value]
        yield (
            *(asset, known.decimals if known else None, address, reason, *values, least, most, most - least),
            *("yes" if least == most else "no", zero, view.case.rule),
        )
