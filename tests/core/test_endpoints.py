"""Where a source asks: an endpoint of the user's, a password that is never stored, and a line protocol."""

from __future__ import annotations

import base64
import socket
import threading
from pathlib import Path

import pytest
from tests.core.loopback import Server

from recover.capture import Live, Replay, own
from recover.case import open_for_reading, open_for_writing
from recover.sdk import Error, Request
from recover.stages import open as opening


@pytest.fixture
def path(tmp_path: Path) -> Path:
    opening.create(tmp_path / "case", title="T", examiner="N", agency="A", rule="fifo")
    return tmp_path / "case"


class Lines:
    """A server of lines on loopback; None as an answer closes the connection."""

    def __init__(self, *answers: bytes | None) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.asked: list[bytes] = []
        self.connections = 0
        self.left = list(answers)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Stop, once every answer was given."""
        self.thread.join(10)
        self.socket.close()
        assert not self.thread.is_alive(), "an answer was never asked for"

    def _serve(self) -> None:
        while self.left:
            client, _ = self.socket.accept()
            self.connections += 1
            with client, client.makefile("rb") as lines:
                for line in lines:
                    self.asked.append(line)
                    answer = self.left.pop(0)
                    if answer is None:
                        break
                    client.sendall(answer)
                    if not self.left:
                        break


def test_a_line_is_stored_as_sent_and_as_received_and_replayed(path: Path) -> None:
    server = Lines(b'{"id":0,"result":1}\n')
    with open_for_writing(path, "test") as case:
        live = Live(case=case, source="s", file="0001.warc.gz", budget=9, endpoint=server.url, pause_ms=0)
        one = live.capture(Request(url=server.url, method="POST", body=b'{"id":0}'))
        live.close()
        assert one.data == b'{"id":0,"result":1}'
        assert one.asked == Request(url=server.url, method="POST", body=b'{"id":0}')
        assert one.media == "application/json"
        again = Replay(case=case).capture(Request(url=server.url, method="POST", body=b'{"id":0}'))
        assert (again.data, again.asked) == (one.data, one.asked)
        with pytest.raises(Error, match="holds no answer"):
            Replay(case=case).capture(Request(url=server.url, method="POST", body=b'{"id":5}'))
    server.close()
    assert server.asked == [b'{"id":0}\n']


def test_a_closed_connection_is_no_answer_and_is_tried_again_on_a_new_one(path: Path) -> None:
    server = Lines(None, b"{}\n")
    with open_for_writing(path, "test") as case:
        live = Live(case=case, source="s", file="0001.warc.gz", budget=9, pause_ms=0)
        assert live.capture(Request(url=server.url, method="POST", body=b"x")).data == b"{}"
        live.close()
    server.close()
    assert server.connections == 2


def test_nobody_there_is_an_error_and_stores_nothing(path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with open_for_writing(path, "test") as case:
        live = Live(case=case, source="s", file="0001.warc.gz", budget=9, pause_ms=0)
        with pytest.raises(Error, match="gave no answer"):
            live.capture(Request(url=f"tcp://127.0.0.1:{port}", method="POST", body=b"x"))
        assert case.exhibits() == ()


def test_a_password_in_the_endpoint_reaches_the_server_and_no_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOVER_NODE_RPC", "user:p@ss/word-word")
    server = Server((200, b"{}"))
    url = server.url.replace("http://", "http://{node-rpc}@") + "/"
    with open_for_writing(path, "test") as case:
        live = Live(case=case, source="s", file="0001.warc.gz", budget=9, pause_ms=0)
        got = live.capture(Request(url=url))
        live.close()
    server.close()
    assert server.asked[0]["Authorization"] == "Basic " + base64.b64encode(b"user:p@ss/word-word").decode()
    assert got.asked is not None
    assert got.asked.url == url
    stored = b"".join(f.read_bytes() for f in path.rglob("*") if f.is_file())
    assert b"p@ss" not in stored
    assert b"p%40ss" not in stored


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://user:secret@127.0.0.1:1/", "holds a password"),
        ("ftp://127.0.0.1/", "no http"),
        ("127.0.0.1:8332", "no http"),
        ("http://", "no http"),
        ("tcp://127.0.0.1", "no port"),
        ("tcp://127.0.0.1:key", "no address"),
    ],
)
def test_an_endpoint_that_cannot_be(url: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Error, match="cannot be asked there") as caught:
        opening.create(
            tmp_path / "c", title="T", examiner="N", agency="A", rule="fifo", sources=[f"bitcoin-core={url}"]
        )
    assert said in caught.value.why
    assert not (tmp_path / "c").exists()


def test_where_to_ask_stands_in_the_users_own_file_and_never_in_the_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "own" / "recover.toml"))
    where = "http://{node-rpc}@127.0.0.1:8332/"
    sources = [f"bitcoin-core={where}", "trongrid"]
    opening.create(tmp_path / "c", title="T", examiner="N", agency="A", rule="fifo", sources=sources)
    opened = open_for_reading(tmp_path / "c")
    assert opened.settings.sources == ("bitcoin-core", "trongrid")
    assert b"8332" not in b"".join(f.read_bytes() for f in (tmp_path / "c").rglob("*") if f.is_file())
    mine = own.load()
    assert mine.place(opened.id, "bitcoin-core") == own.Place(endpoint=where)
    assert mine.place(opened.id, "trongrid") == own.Place()
    assert mine.place("0" * 64, "trongrid") is None
    assert (tmp_path / "own" / "recover.toml").stat().st_mode & 0o077 == 0


def test_an_old_case_that_says_where_to_ask_opens_and_says_that_nothing_is_sent_there(path: Path) -> None:
    toml = path / "case.toml"
    text = toml.read_text().replace(
        "[collect]", '[collect.endpoints]\ntrongrid = "http://127.0.0.1:9"\n\n[collect]'
    )
    toml.write_text(text)
    with open_for_writing(path, "test") as case:
        assert case.settings.ignored == ("trongrid",)
        assert "nothing is sent there" in " ".join(case.told)
