"""While a case is watched its letters are drafted: a watch gives the case back between its looks."""

from __future__ import annotations

from pathlib import Path

from tests.live.test_now import MULE, THEFT, USD, configured, double, events, labels
from tests.live.told import running

from recover.case import open_for_reading
from recover_chain_tron.testing import made
from recover_chain_tron.testing.server import serving

__all__ = ["labels"]


def test_a_letter_is_drafted_while_the_case_is_watched(tmp_path: Path, labels: Path) -> None:
    case, server = tmp_path / "case", double()
    server.balances = {(made.USDT, MULE.text): 300 * USD}
    with serving(server) as url:
        configured(tmp_path, url)
        _, code, said = events(tmp_path, "now", str(case), f"tron:{THEFT.id}")
        assert code in (0, 5), said
        assert events(tmp_path, "import", str(case), str(labels))[1] == 0
        assert events(tmp_path, "now", str(case))[1] in (0, 5)
        with running(tmp_path, "watch", str(case), "--every", "5") as watching:
            watching.until("looked")
            words = ("draft", str(case), "--kind", "preserve", "--to", "kraken", "--as", "authority")
            for _ in range(3):  # on a slow machine a look can outlast what a letter waits
                _, code, said = events(tmp_path, "letter", *words)
                if code == 0:
                    break
                assert "lock" in said, said
            assert code == 0, said
            before = len(open_for_reading(case).entries)
            assert watching.process.poll() is None, "the watch goes on"
            watching.process.send_signal(2)
            watching.process.wait(60)
    case_ = open_for_reading(case)
    assert any(entry.kind == "letter" for entry in case_.entries)
    assert len(case_.entries) >= before
