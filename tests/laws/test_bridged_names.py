"""Whatever the events of a bridge name, in every recorded transaction, no chain refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugins.bridges.tests import recorded
from tests.laws.places import PLUGINS

from recover.sdk import Scope
from recover.sdk.identity import Spelling, spell
from recover_bridges.every import every

DATA = Path(__file__).parents[3] / "shared" / "data" / "bridge-pairs"
HEURISTICS = every()
TOPICS = recorded.topics(HEURISTICS)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/bridge-pairs"),
]


SIDES = [
    (folder.name.replace("-", ":"), str(path).removesuffix(".receipt.json"))
    for folder in sorted(DATA.glob("*/raw/eip155-*"))
    for path in sorted(folder.glob("*.receipt.json"))
    if folder.name.replace("-", ":") in PLUGINS.chains
]


@pytest.mark.parametrize("side", SIDES, ids=lambda each: "/".join(Path(each[1]).parts[-4:]))
def test_what_one_side_names_is_refused_by_no_chain(side: recorded.Tx) -> None:
    """A recipient is on the chain that the crossing leads to: none may be asked of the chain that it leaves."""
    spelling = Spelling(chains=PLUGINS.chains)
    given = recorded.ledger([side], TOPICS)
    for heuristic in HEURISTICS:
        for batch in heuristic.assertions(given, Scope()):
            made, refused = spell(batch, spelling)
            assert refused == []
            assert made.assertions is not None
            assert made.assertions["other"].null_count == batch.tables()["assertions"]["other"].null_count
