"""A case from somebody else: it sends nothing anywhere, and no setting in it does more than settings may."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import recover_chain_toy
from recover_chain_toy.source import Payments
from tests.attack.field import OPEN, Field, load, tree
from tests.attack.servers import http, serving

from recover.capture import own
from recover.case import open_for_reading
from recover.plugins import registry
from recover.sdk import Ask, Batch, Error, Exhibit, History, Recorder, Request, Source, SourceInfo, plugin


class Asking:
    """Asks for an address's history, with a key, at its usual place."""

    def __init__(self, usual: str) -> None:
        self.info = SourceInfo(
            id="toy-asking",
            version="1",
            title="Asking",
            chains=("toy:1",),
            place="line",
            media="text",
            terms="Made for tests.",
            asks=("History",),
            secrets=("toy-key",),
            endpoint=usual,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return False

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        assert isinstance(ask, History)
        url = f"{recorder.endpoint}/{ask.address.text}"
        yield recorder.capture(Request(url=url, headers=(("X-Key", "{toy-key}"),)))

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield from Payments().decode(exhibit)


@pytest.fixture
def trap(field: Field, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[bytes]]]:
    """A host of the case's author on loopback, and a source whose usual place it is: the worst of both."""
    monkeypatch.setenv("RECOVER_TOY_KEY", "a-key-that-must-not-leave")
    with serving(http(b"# toy payments\n")) as (place, asked):

        class Plugged:
            @plugin
            def recover_sources(self) -> list[Source]:
                return [Asking(f"http://{place}")]

        monkeypatch.setattr(registry, "load", lambda: load(extra=[recover_chain_toy, Plugged()]))
        yield place, asked


def edit(field: Field, old: str, new: str) -> None:
    toml = field.case / "case.toml"
    text = toml.read_text()
    assert old in text
    toml.write_text(text.replace(old, new))


@pytest.mark.parametrize("command", [("run",), ("collect",), ("run", "--until", "trace")])
def test_a_source_that_the_case_names_is_not_asked(
    command: tuple[str, ...], field: Field, trap: tuple[str, list[bytes]]
) -> None:
    edit(field, "sources = []", 'sources = ["toy-asking"]')
    told = field.do(*command)
    assert told.code in (0, 5), told.said
    assert "not allowed it" in told.err
    assert trap[1] == []


@pytest.mark.parametrize("command", [("run",), ("collect",), ("verify",), ("show", "gaps")])
def test_an_old_case_that_says_where_to_ask(
    command: tuple[str, ...], field: Field, trap: tuple[str, list[bytes]]
) -> None:
    where = f'sources = ["toy-asking"]\nendpoints = {{ toy-asking = "http://{trap[0]}" }}'
    edit(field, "sources = []", where)
    assert field.do(*command).code in (0, 3, 5)
    assert trap[1] == []


def test_it_is_not_asked_there_even_where_its_user_allows_the_source(
    field: Field, trap: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(http(b"# toy payments\n2 toy-bob toy-eve 100\n")) as (mine, asked):
        Path(os.environ["RECOVER_CONFIG"]).write_text(f'[sources.toy-asking]\nendpoint = "http://{mine}"\n')
        edit(field, "sources = []", f'sources = ["toy-asking"]\nendpoints = {{ toy-asking = "http://{trap[0]}" }}')
        told = field.do("run", "--until", "trace")
        assert told.code in (0, 5), told.said
        assert "nothing is sent there" in told.err
        assert asked
    assert trap[1] == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_a_proxy_that_stands_only_in_the_environment_sees_nothing(
    name: str, field: Field, trap: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"http://{trap[0]}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving(http(b"# toy payments\n2 toy-bob toy-eve 100\n")) as (mine, asked):
        told = field.do("run", "--until", "trace", "--source", f"toy-asking=http://{mine}")
        assert told.code in (0, 5), told.said
        assert asked
    assert trap[1] == []


def test_a_proxy_of_the_users_own_is_used_and_journaled(field: Field, trap: tuple[str, list[bytes]]) -> None:
    Path(os.environ["RECOVER_CONFIG"]).write_text(
        f'[sources.toy-asking]\nendpoint = "http://192.0.2.1:9"\nproxy = "http://{trap[0]}"\n'
    )
    edit(field, "sources = []", 'sources = ["toy-asking"]')
    field.do("run", "--until", "trace")
    assert trap[1][0].startswith(b"GET http://192.0.2.1:9/")
    assert {e.body.get("proxy") for e in field.entries() if e.kind == "asked"} == {"127.0.0.1"}


def test_what_the_command_names_counts_for_that_call_alone(field: Field, trap: tuple[str, list[bytes]]) -> None:
    with serving(http(b"# toy payments\n2 toy-bob toy-eve 100\n")) as (mine, asked):
        field.do("collect", "--source", f"toy-asking=http://{mine}")
        before = len(asked)
        assert before
        field.do("run")
        assert len(asked) == before
    assert mine.encode() not in (field.case / "case.toml").read_bytes()
    assert not Path(os.environ["RECOVER_CONFIG"]).exists()
    assert trap[1] == []


@pytest.mark.parametrize(
    "said", ["requests = 1000000\nrounds = 900", "requests = -1", 'rounds = "all"', "rounds = {}"]
)
def test_how_much_is_asked_is_not_the_cases_to_say(said: str, field: Field, trap: tuple[str, list[bytes]]) -> None:
    Path(os.environ["RECOVER_CONFIG"]).write_text("[limits]\nrequests = 1\nrounds = 1\n[sources.toy-asking]\n")
    edit(field, "sources = []", f'sources = ["toy-asking"]\n{said}')
    told = field.do("run", "--until", "trace")
    assert told.code in (0, 5), told.said
    assert "how much to ask" in told.err
    assert len(trap[1]) == 1


@pytest.mark.parametrize("option", ["--requests", "--rounds"])
@pytest.mark.parametrize("number", ["-1", "1000001", "9" * 400])
def test_limits_that_cannot_be_meant_are_refused(option: str, number: str, field: Field) -> None:
    new = field.spot / "new"
    told = field.do("open", *OPEN, option, number, case=new)
    assert told.code == 2, told.said
    assert not new.exists()
    assert not Path(os.environ["RECOVER_CONFIG"]).exists()


def test_limits_given_on_open_are_kept_for_that_case_alone(field: Field) -> None:
    new = field.spot / "new"
    assert field.do("open", *OPEN, "--requests", "7", "--rounds", "2", case=new).code == 0
    mine = own.load()
    assert mine.limits(open_for_reading(new).id) == own.Limits(requests=7, rounds=2)
    assert mine.limits("another") == own.Limits()
    assert b"requests" not in (new / "case.toml").read_bytes()


def test_working_a_received_case_opens_no_connection_at_all(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    edit(field, "sources = []", 'sources = ["trongrid-trc20", "evm-rpc", "bitcoin-esplora"]')
    for command in (("run",), ("collect",), ("verify",), ("write", "--stale")):
        assert field.do(*command).code in (0, 5)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[collect]", "collect = 1\n[other]"),
        ("[link]", "link = 2\n[other]"),
        ("[parameters]", "parameters = 3\n[other]"),
        ("[parameters]", '[parameters.x]\ny = "z"'),
        ("format = 1", "format = 2"),
        ("format = 1", "format = 1\nloss = 4"),
        ("format = 1", "format = 1\nelection = 4"),
        ("format = 1", 'format = 1\nplugins = "x"'),
        ("format = 1", "format = 1\nx = " + "[" * 5000 + "]" * 5000),
        ("format = 1", 'format = 1\ntitle = "\\u0000"'),
        ("format = 1", "format = 1\n\x00"),
    ],
)
def test_settings_that_no_version_writes(old: str, new: str, field: Field) -> None:
    edit(field, old, new)
    before = tree(field.case)
    told = field.do("run")
    assert told.code == 2, told.said
    assert "case.toml cannot be read" in told.err
    assert field.do("verify").code == 3
    assert tree(field.case) == before


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x80abc", b"\xed\xa0\x80"])
def test_settings_that_are_no_text(data: bytes, field: Field) -> None:
    (field.case / "case.toml").write_bytes(data)
    assert field.do("run").code == 2
    assert field.do("verify").code == 3


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "[sources]\na = 1",
        '[sources.a]\nurl = "x"',
        '[sources.a]\nendpoint = "ftp://x"',
        '[sources.a]\nendpoint = "http://u:p@x/"',
        '[sources.a]\nproxy = "socks://x"',
        "[keys]\na = 1",
        "[case]\nx = 1",
        "[case.x]\ny = 1",
        "limits = 1",
        "[limits]\nrequests = -1",
        "[limits]\nrounds = true",
        "[case.x.limits]\nrounds = 1.5",
        "[limits]\nrequests = " + "9" * 5000,
        "[",
        "\x00",
    ],
)
def test_a_configuration_that_cannot_be_read_stops_before_anything_is_sent(
    text: str, field: Field, trap: tuple[str, list[bytes]]
) -> None:
    Path(os.environ["RECOVER_CONFIG"]).write_text(text)
    told = field.do("run", "--source", "toy-asking")
    assert (told.code, "recover.toml cannot be read" in told.err) == (2, True)
    assert trap[1] == []


def test_what_open_allowed_counts_for_that_folder_and_not_for_a_copy_of_it(
    field: Field, trap: tuple[str, list[bytes]]
) -> None:
    with serving(http(b"# toy payments\n2 toy-bob toy-eve 100\n")) as (mine, asked):
        own_case, copy = field.spot / "own", field.spot / "copy"
        assert field.do("open", *OPEN, "--source", f"toy-asking=http://{mine}", case=own_case).code == 0
        assert field.do("loss", "--address", "toy-bob", case=own_case).code == 0
        shutil.copytree(own_case, copy)
        told = field.do("run", case=copy)
        assert "not allowed it for this folder" in told.err
        assert asked == []
        assert field.do("run", case=own_case).code in (0, 5)
        assert asked
    assert trap[1] == []


def test_what_is_kept_never_makes_the_users_file_unreadable(field: Field) -> None:
    new = field.spot / "new"
    assert field.do("open", *OPEN, "--requests", "7", case=new).code == 0
    before = Path(os.environ["RECOVER_CONFIG"]).read_bytes()
    with pytest.raises(Error):
        own.keep(open_for_reading(new).id, new, {}, own.Limits())
    assert Path(os.environ["RECOVER_CONFIG"]).read_bytes() == before
    own.keep(open_for_reading(new).id, new, {"toy-asking": ""})
    assert "toy-asking" in own.load().cases[open_for_reading(new).id]
