"""What libraries look for in vain: told once that it is not there, they need not search each time.

pyarrow tries to import dateutil wherever a Python value enters a call, and a search that finds nothing takes a
millisecond: together a third of what an exhibit of a few rows costs.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

if find_spec("dateutil") is None:
    sys.modules["dateutil"] = None  # type: ignore[assignment]
