"""Where a source asks: an endpoint of the case, a password that is never stored, and a line protocol."""

from __future__ import annotations

import base64
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.loopback import Server

from recover.capture import Live, Replay
from recover.case import open_for_writing, settings
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
    monkeypatch.setenv("RECOVER_NODE_RPC", "user:p@ss/word")
    server = Server((200, b"{}"))
    url = server.url.replace("http://", "http://{node-rpc}@") + "/"
    with open_for_writing(path, "test") as case:
        live = Live(case=case, source="s", file="0001.warc.gz", budget=9, pause_ms=0)
        got = live.capture(Request(url=url))
        live.close()
    server.close()
    assert server.asked[0]["Authorization"] == "Basic " + base64.b64encode(b"user:p@ss/word").decode()
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
    ],
)
def test_an_endpoint_that_cannot_be(url: str, said: str, path: Path) -> None:
    with open_for_writing(path, "test") as case:
        text = settings.text(replace(case.settings, endpoints={"s": url}))
    with pytest.raises(Error, match="cannot be read") as caught:
        settings.parse(text)
    assert said in caught.value.why


def test_endpoints_are_written_and_read(path: Path) -> None:
    with open_for_writing(path, "test") as case:
        kept = replace(
            case.settings, endpoints={"s": "http://{node-rpc}@127.0.0.1:8332/", "e": "ssl://host:50002"}
        )
        assert settings.parse(settings.text(kept)).endpoints == kept.endpoints
