"""web3.py's way to a node, made to send through the recorder: the only module here that imports web3.

It is imported when a source collects, and never when a plugin is loaded: the import takes a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from recover.sdk import Exhibit, Recorder
from recover_chain_evm.live import wire


class RecorderProvider(JSONBaseProvider):
    """A web3 provider whose every request is captured, batch or not, before anything reads the answer.

    `captured` are the exhibits that came and were not yet taken. The answers are those of the stored bytes.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder
        self.captured: list[Exhibit] = []

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One call, sent as a batch of one."""
        return self.make_batch_request([(method, params)])[0]

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse]:
        """Raises the recorder's Error when nothing came, and the wire's when what came is no answer."""
        calls = [wire.Call(method=str(method), params=tuple(params or ())) for method, params in requests]
        return [_response(answer) for answer in self.ask(calls)]

    def ask(self, calls: Sequence[wire.Call]) -> tuple[wire.Answer, ...]:
        """The same with typed answers."""
        exhibit = self.recorder.capture(wire.request(self.recorder.endpoint, calls))
        self.captured.append(exhibit)
        return wire.answers(exhibit)

    def is_connected(self, show_traceback: bool = False) -> bool:
        """Whether there is a connection is known only by asking; nothing is asked for that alone."""
        return True


def _response(answer: wire.Answer) -> RPCResponse:
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": answer.place}
    if answer.refused:
        body["error"] = {"code": answer.code, "message": answer.said}
    else:
        body["result"] = answer.result
    return cast(RPCResponse, body)
