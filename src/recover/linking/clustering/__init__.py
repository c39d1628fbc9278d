"""Which addresses belong together: arrays of address numbers in, arrays out. Nothing here knows of chains."""

from recover.linking.clustering.clusters import Clusters, Numbers, cluster
from recover.linking.clustering.cuts import Cut, cuts
from recover.linking.clustering.loops import UNSEEN
from recover.linking.clustering.shortest import SOURCE, route, spread

__all__ = ["SOURCE", "UNSEEN", "Clusters", "Cut", "Numbers", "cluster", "cuts", "route", "spread"]
