"""A duty officer's night: what servers answer that know nothing, want less, or refuse is told as what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_cli_show import RAMP
from tests.core.test_now_unsettled import HOP, SHOP, THEFT, THIEF
from tests.live import grid

from recover.capture import own
from recover.capture.asking import plain, remedy
from recover.case import derived, open_for_reading
from recover.cli.main import main
from recover.pursuit import reached
from recover.pursuit.booked import Booked
from recover.trails import asks
from recover_chain_tron.testing.made import START, USDT, token_items
from recover_chain_tron.testing.server import Double, Fault, serving

PAGES = {THIEF.text: token_items(THEFT) + token_items(HOP), SHOP.text: token_items(HOP)}


@pytest.fixture(autouse=True)
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty configuration, and a folder to work in."""
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "recover.toml"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Desk:
    """The command as it is typed: its exit code, what it printed, and what it said beside."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        code = main([*words])
        out, err = self.capsys.readouterr()
        return code, out, err

    def events(self, *words: str) -> tuple[int, list[dict[str, Any]], str]:
        code, out, err = self(*words, "--json")
        return code, [json.loads(line) for line in out.splitlines() if line.startswith("{")], err


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def configured(url: str, *sources: str) -> None:
    tables = "".join(f'[sources.{name}]\nendpoint = "{url}"\n' for name in sources)
    own.path().write_text(f'[defaults]\nexaminer = "N"\nagency = "A"\nrule = "fifo"\n{tables}')


def known(**more: Any) -> Double:
    return Double(made=(THEFT, HOP), tokens=PAGES, at=START + 600_000, **more)


@pytest.mark.parametrize("first", [("now", "c", f"tron:{THIEF.text}"), ("run", "c")])
def test_a_source_that_answered_with_nothing_is_said_to_have_answered(first: tuple[str, ...], desk: Desk) -> None:
    server = Double(at=START + 600_000)
    with serving(server) as url:
        configured(url, "trongrid-trc20")
        if first[0] == "run":
            assert desk("open", "c", "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")[0] == 0
            assert desk("loss", "c", "--address", f"tron:{THIEF.text}")[0] == 0
            first = (*first, "--source", f"trongrid-trc20={url}")
        for words in (first, (first[0], "c", *first[3 if first[0] == "now" else 2 :])):
            code, _, err = desk(*words)
            assert code == 2
            assert f"trongrid-trc20 answered for {THIEF.text}, and its answer shows no transfer (exhibit " in err
            assert "No source that may be asked" not in err
            assert "not asked yet: trongrid: recover now c --source ID." in err
            assert "recover loss c --drop L1" in err
        assert not (Path("c") / "out").exists(), "and no paper is made of it"
        code, out, _ = desk("show", "c", "gaps", "--json")
        (gap,) = (row for row in json.loads(out) if row["code"] == "loss-not-found")
        assert code == 0
        assert "No exhibit shows a transfer of the address of loss L1. One that claims its history" in gap["why"]
        code, out, _ = desk("status", "c", "--json")
        assert (code, json.loads(out)[0]["open_count"]) == (5, 1)
        code, _, err = desk("watch", "c", "--once")
        assert (code, "there is nothing to watch" in err) == (2, True)
        configured(url, "trongrid-trc20", "trongrid")
        assert desk("collect", "c")[0] == 5, "it is open still"
        assert desk("collect", "c", "--source", "trongrid-trc20")[0] == 5, "also when it was asked again"
        server.tokens = PAGES
        code, told, err = desk.events("now", "c", "--source", "trongrid-trc20")
    assert code in (0, 5), err
    assert told[-1]["resolved"], "what came since is found by the same command"


def test_where_nothing_is_here_no_remedy_leads_back(desk: Desk) -> None:
    configured("http://127.0.0.1:9", "trongrid-trc20")
    assert desk("open", "c", "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")[0] == 0
    assert desk("loss", "c", "--address", f"tron:{THIEF.text}")[0] == 0
    code, _, err = desk("show", "c", "gaps")
    assert code == 2
    assert "recover now c" in err
    assert "recover import c FILE" in err
    assert "recover run" not in err
    code, out, _ = desk("status", "c")
    assert code == 5
    assert "Nothing was examined yet" in out


@pytest.fixture(scope="module")
def spread() -> Iterator[str]:
    with grid.serving("small") as url:
        yield url


def test_a_hub_is_told_by_its_own_address_and_what_is_open_by_one_count(spread: str, desk: Desk) -> None:
    world = grid.WORLDS["small"]()
    configured(spread, "trongrid-trc20")
    code, told, err = desk.events("now", "c", f"tron:{world.start}")
    assert code == 5, err
    ramps = [event for event in told if event["event"] == "off-ramp"]
    assert len(ramps) == 3
    for ramp in ramps:
        assert (ramp["hub"], ramp["wallets"]) == (world.service, [world.service])
        assert (ramp["credited_address"], ramp["paid_by"] != world.service) == (None, True)
        payer = f"paid by {ramp['paid_by']} (may be a private wallet)"
        assert f"an unlabelled hub, {world.service}, {payer}" in ramp["said"]
        assert f"whose wallet {world.service} is (3 addresses whose history is here paid it 6 times)" in ramp["do"]
    _, out, _ = desk("show", "c", "offramps")
    assert all(world.service in line for line in out.splitlines()[1:])
    _, out, _ = desk("show", "c", "findings", "--json")
    (note,) = (row["slots"]["note"] for row in json.loads(out) if row["kind"] == "hub")
    assert "3 of them sent at least 95 % of what they paid out in one asset to it. Behaviour" in note
    # One count, one exit: 16 balances that nobody who may be asked answers for; and the receipts of what came
    # where it rests (16), to those that paid the hub (3), and to the hub (6), which count.
    done = told[-1]
    assert (done["asks_open"], done["asks_beside"], done["moving"]) == (25, 16, 25)
    assert "16 further asks" in done["said"]
    assert "tron-node or trongrid could answer" in done["said"]
    code, out, _ = desk("status", "c", "--json")
    (standing,) = json.loads(out)
    assert (code, standing["open_count"], standing["beside"] in done["said"]) == (5, 25, True)
    assert {(one["hub"], one["paid_by"]) for one in standing["clocks"]} == {
        (world.service, ramp["paid_by"]) for ramp in ramps
    }
    assert all(world.service in one["what"] for one in standing["clocks"])
    code, out, err = desk("collect", "c")
    assert (code, "25 open asks" in out, "16 further asks" in err) == (5, True, True)
    # With nobody to ask, a pursuit has not done what it is for.
    own.path().unlink()
    code, told, _ = desk.events("now", "c")
    assert code == 5
    assert told[-1]["why"] == "nobody could be asked"
    assert any(event.get("code") == "no-source" for event in told)
    # What is set aside is asked again, and nothing else.
    case = open_for_reading(Path("c"))
    asked = next(entry.body["ask"] for entry in case.entries if entry.body.get("number") == 3)
    assert desk("set-aside", "c", "3", "--reason", "it is doubted")[0] == 0
    assert asked not in asks.answered(open_for_reading(Path("c")))
    assert len(asks.answered(case)) - len(asks.answered(open_for_reading(Path("c")))) == 1


def test_a_hub_that_was_credited_itself_is_no_address_that_passes_on() -> None:
    ramp = replace(RAMP, through="toy-hot")
    assert reached.who(ramp) == "an unlabelled hub, toy-hot"
    assert reached.where(ramp).startswith("directly")
    credit = Booked(ramp.transactions, ramp.first, ramp.last)
    assert RAMP.first is not None
    assert "many" not in reached.todo(ramp, credit, RAMP.first + timedelta(days=1))
    hinted = replace(ramp, possible="Kraken")
    assert "possibly of Kraken, by a label of another chain" in reached.who(hinted)


def test_an_id_that_nobody_has_is_compared_first(desk: Desk) -> None:
    with serving(known()) as url:
        configured(url, "tron-node")
        wrong = THEFT.id[:-1] + ("0" if THEFT.id[-1] != "0" else "1")
        code, told, err = desk.events("now", "c", f"tron:{wrong}")
    assert code == 2
    (failure,) = (e for e in told if e.get("event") == "failure" and e["why"] != "waiting")
    again = [e["again"] for e in told if e.get("why") == "waiting"]
    assert again == [5, 10], "it may be seconds old: it is asked for again, and not for long"
    assert failure["do"].startswith("Compare the id with where it was copied from")
    assert "Compare the id" in err
    assert "recover loss c --drop L1" in err


@pytest.mark.parametrize("more", [(), ("--amount", "0.001", "--asset", "USDT")])
def test_a_server_that_wants_fewer_requests_is_told_while_the_chain_is_looked_for(
    more: tuple[str, ...], desk: Desk
) -> None:
    with serving(known(faults=[Fault(kind="429", times=-1)])) as url:
        configured(url, "tron-node", *(() if more else ("xrpl-server",)))
        name = f"tron:{THEFT.id}" if more else THEFT.id
        code, told, _ = desk.events("now", "c", name, *more, "--within", "6")
    assert code == 2
    whys = [event["why"] for event in told if event.get("event") == "failure"]
    assert {"rest", "limit"} & set(whys), "before it is over"
    said = [event["said"] for event in told if event.get("event") == "failure"]
    assert len(said) == len(set(said)), "each once"


@pytest.mark.parametrize(
    ("why", "keys", "absent", "said"),
    [
        ("x gave no answer to GET y. HTTP 404 (stored)", (), True, "Compare the id"),
        ("The node knows transaction t, and no block of its chain holds it.", (), True, "Ask again in a minute."),
        ("x gave no answer to GET y. HTTP 401 (stored)", ("trongrid-key",), False, "RECOVER_TRONGRID_KEY"),
        ("The explorer refused. It says: 'Invalid API Key'", ("etherscan-key",), False, "RECOVER_ETHERSCAN_KEY"),
        ("x gave no answer to GET y. HTTP 403 (stored)", (), False, "wants a key in its address"),
        ("TronGrid refused y. It says: 'ItemNotFound'", (), False, "Ask again later"),
        ("ConnectError: [Errno 111] Connection refused", (), False, "that it is running"),
    ],
)
def test_a_remedy_fits_what_was_said(why: str, keys: tuple[str, ...], absent: bool, said: str) -> None:
    assert said in remedy(why, keys, absent=absent)
    assert plain(why).endswith((".", "!"))


def test_dust_is_not_told_as_what_can_be_frozen(desk: Desk) -> None:
    with serving(known(balances={(USDT, THIEF.text): 1_000, (USDT, SHOP.text): 4_000})) as url:
        configured(url, "trongrid")
        desk.events("now", "c", f"tron:{THEFT.id}")
        case = Path("c") / "case.toml"
        assert case.exists()
        _, told, _ = desk.events("now", "c")
        assert {event["address"] for event in told if event["event"] == "freezable" and "address" in event} == {
            THIEF.text,
            SHOP.text,
        }
        # A fifth of all that was taken, and a case that calls as much dust.
        case.write_text(case.read_text() + "\n[find]\ndust = 200000\n")
        _, told, _ = desk.events("now", "c")
    named = json.dumps([event for event in told if event["event"] == "freezable"])
    assert SHOP.text in named
    assert THIEF.text not in named


def refused(*more: object) -> None:
    """What a disk that takes nothing says."""
    raise OSError(30, "Read-only file system")


def test_a_source_that_is_named_is_kept_where_its_help_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command, said in {
        "now": "kept for this case",
        "watch": "kept for this case",
        "run": "for this call",
    }.items():
        assert said in " ".join(desk(command, "--help")[1].split()).replace("│ ", ""), command
    own.path().write_text("# of mine\n")
    with serving(known()) as url:
        words = ("--source", f"tron-node={url}")
        desk.events("now", "c", f"tron:{THEFT.id}", *words, "--source", f"trongrid-trc20={url}")
        name = open_for_reading(Path("c")).id
        assert {one: place.endpoint for one, place in own.load().cases[name].items()} == {
            "tron-node": url,
            "trongrid-trc20": url,
        }
        desk.events("now", "c", "--source", "tron-node=http://127.0.0.1:9")
        kept = own.load().cases[name]
        assert (kept["tron-node"].endpoint, kept["trongrid-trc20"].endpoint) == ("http://127.0.0.1:9", url)
        assert own.path().read_text().startswith("# of mine\n")
        # Where nothing can be kept the call goes on, and says so.
        monkeypatch.setattr(own, "keep", refused)
        code, _, err = desk("now", "d", f"tron:{THEFT.id}", *words)
    assert code in (0, 5), err
    assert "--source counts for this call alone" in err
    assert derived.read(open_for_reading(Path("d")), "transactions", ["id"]).num_rows == 1


def test_doctor_is_not_content_where_no_id_can_be_looked_up(desk: Desk) -> None:
    configured("http://127.0.0.1:9", "trongrid-trc20")
    code, out, err = desk("doctor")
    assert code == 5
    assert "No source that is ready looks up a transaction id" in err
    configured("http://127.0.0.1:9", "trongrid-trc20", "tron-node")
    code, out, err = desk("doctor", "--json")
    assert (code, json.loads(out)["lookups"]) == (0, ["TRON"])


def test_doctor_tells_what_is_kept_for_one_case_apart(desk: Desk) -> None:
    configured("http://127.0.0.1:9", "trongrid-trc20")
    own.keep("some-case", Path("first"), {"tron-node": "http://127.0.0.1:9"})
    code, out, err = desk("doctor")
    assert code == 5, "a new case could look up nothing"
    assert "for 1 case only" in " ".join(out.split())
    assert f"tron-node may be asked for {Path('first').resolve()} alone" in " ".join(out.split())
    assert "No source that is ready looks up a transaction id" in err


def test_that_other_chains_were_not_asked_is_said_and_nothing_is_typed_again(desk: Desk) -> None:
    wrong = "0x" + THEFT.id[:-1] + ("0" if THEFT.id[-1] != "0" else "1")
    with serving(known()) as url:
        configured(url, "tron-node")
        code, told, err = desk.events("now", "c", wrong, "--within", "4")
        assert code == 2
        assert any("sources that could: " in (said := e.get("said", "")) and "evm-rpc" in said for e in told)
        assert "where nobody was asked" in err
        assert "evm-rpc" in err
        assert not open_for_reading(Path("c")).settings.losses
        assert f"asks for {wrong}, which no source showed" in " ".join(desk("status", "c")[1].split())
        code, told, err = desk.events("now", "c", "--within", "4")
    assert (code, "no-loss" in err) == (2, False), "it is looked for again"
    assert any(wrong[2:] in e["said"] for e in told if e.get("event") == "chain")
