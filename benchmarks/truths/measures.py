"""Measures of error rates: intervals for proportions, and how well a partition fits a true one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

Z = 1.959964
"""The normal quantile of a two-sided 95 percent interval."""


def wilson(found: int, of: int) -> tuple[float, float]:
    """The Wilson 95 percent interval of found/of; (0, 1) where nothing was counted."""
    if not of:
        return 0.0, 1.0
    share, z2 = found / of, Z * Z
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def rate(found: int, of: int) -> str:
    """A proportion as text with its interval, "not measured" where nothing was counted."""
    if not of:
        return "not measured"
    low, high = wilson(found, of)
    return f"{found}/{of} = {found / of:.4f} [{low:.4f}, {high:.4f}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Pairs and B-cubed (Bagga and Baldwin) of a predicted partition against the truth, over the same items.

    `coverage` is, for each true entity, the share of its items in the one cluster that holds most of them;
    `purity` the share of that cluster's items that are its own.
    """

    pairs_right: int
    pairs_said: int
    pairs_true: int
    b3_precision: float
    b3_recall: float
    coverage: Mapping[str, float]
    purity: Mapping[str, float]

    @property
    def text(self) -> str:
        shares = sorted(self.coverage.values())
        mean = sum(shares) / len(shares) if shares else 0.0
        worst = min(self.purity.values(), default=0.0)
        return (
            f"pairs: precision {rate(self.pairs_right, self.pairs_said)}, "
            f"recall {rate(self.pairs_right, self.pairs_true)}; "
            f"B-cubed precision {self.b3_precision:.4f}, recall {self.b3_recall:.4f}; "
            f"{len(shares)} entities: coverage mean {mean:.4f}, least {min(shares, default=0.0):.4f}, "
            f"least purity {worst:.4f}"
        )


def fit(truth: Mapping[str, str], predicted: Mapping[str, str]) -> Fit:
    """Compare two partitions of the items of `truth`; an item without a cluster is alone."""
    cluster = {item: predicted.get(item, f"alone {item}") for item in truth}
    both = Counter((truth[item], cluster[item]) for item in truth)
    entities, clusters = Counter(truth.values()), Counter(cluster.values())
    size = len(truth) or 1
    best: dict[str, tuple[int, str]] = {}
    for (entity, name), count in sorted(both.items()):
        best[entity] = max(best.get(entity, (0, "")), (count, name))
    return Fit(
        pairs_right=sum(_pairs(n) for n in both.values()),
        pairs_said=sum(_pairs(n) for n in clusters.values()),
        pairs_true=sum(_pairs(n) for n in entities.values()),
        b3_precision=sum(n * n / clusters[name] for (_, name), n in both.items()) / size,
        b3_recall=sum(n * n / entities[entity] for (entity, _), n in both.items()) / size,
        coverage={entity: count / entities[entity] for entity, (count, _) in best.items()},
        purity={entity: count / clusters[name] for entity, (count, name) in best.items()},
    )


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
