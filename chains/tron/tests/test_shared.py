"""The 6,055-row export of the evaluation data, where it lies beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pytest

from recover.testing.exhibits import of_file
from recover_chain_tron.chain import asset
from recover_chain_tron.explorer import Transfers
from recover_chain_tron.tags import Tags

EXPORT = Path(__file__).parents[4] / "shared" / "data" / "tron-cases" / "seizure-orders" / "trc20_xfers_dev.csv"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not EXPORT.exists(), reason=f"EVALUATION DATA ABSENT: {EXPORT} is not here, nothing was checked"
    ),
]
USDT = asset("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")


def test_the_export_decodes_to_its_counts() -> None:
    claims, moved = (batch.tables() for batch in Transfers().decode(of_file(EXPORT)))
    assert len(claims["coverage"]["address"].unique()) == 20
    assert moved["transactions"].num_rows == 6055
    legs = moved["legs"]
    assert legs.num_rows == 12110
    usdt = legs.filter(pc.equal(legs.column("asset"), USDT))
    assert usdt.num_rows == 2 * 6015
    assert pc.sum(usdt.column("amount")).as_py() == 0
    assert moved["assets"].num_rows == 23


def test_its_tags_are_28_labels_of_grade_d() -> None:
    (batch,) = Tags().decode(of_file(EXPORT))
    labels = batch.tables()["assertions"]
    assert labels.num_rows == 28
    assert set(labels.column("grade").to_pylist()) == {"D"}
    services = dict(zip(labels.column("address").to_pylist(), labels.column("service").to_pylist(), strict=True))
    assert services["TM1zzNDZD2DPASbKcgdVoTYhfmYgtfwx9R"] == "Okex"
    assert services["TAUN6FwrnwwmaEqYcckffC7wYmbaS6cBiX"] == "Binance"
