"""A real HTTP server on loopback, for what would go over the network."""

from __future__ import annotations

import threading


class Server:
    """A real HTTP server on loopback that answers from a list and keeps what it was asked."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        left = list(answers)
        asked: list[dict[str, str]] = []
        self.asked = asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append({"path": self.path, **dict(self.headers.items())})
                status, body = left.pop(0) if left else (404, b"")
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
