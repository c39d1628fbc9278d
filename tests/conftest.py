"""The toy chain is not installed here: tests register it by hand, as if somebody had just written it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "toy" / "src"))
