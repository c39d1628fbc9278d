"""The toy chains are not installed here: tests register them by hand, as if somebody had just written them."""

import sys
from pathlib import Path

for place in ("toy", "toys/accounts", "toys/memos"):
    sys.path.insert(0, str(Path(__file__).parent / place / "src"))
