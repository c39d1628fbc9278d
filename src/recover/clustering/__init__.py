"""Which addresses belong together: arrays of address numbers in, arrays out. Nothing here knows of chains."""

from recover.clustering.clusters import Clusters, Numbers, cluster
from recover.clustering.cuts import Cut, cuts
from recover.clustering.kernels import UNSEEN
from recover.clustering.routes import SOURCE, route, spread

__all__ = ["SOURCE", "UNSEEN", "Clusters", "Cut", "Numbers", "cluster", "cuts", "route", "spread"]
