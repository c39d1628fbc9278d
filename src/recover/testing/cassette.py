"""A recorder that answers from a file, so that collecting is tested with no network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from recover.sdk import Error, Exhibit, Request
from recover.testing.exhibits import exhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and the bytes that came back. A `status` of 400 or more is a refusal."""

    request: Request
    answer: bytes
    media: str = "application/json"
    status: int = 200


@dataclass(slots=True)
class Cassette:
    """Answers `capture` from recorded exchanges. Headers do not tell two requests apart: they hold the secrets.

    `endpoint` is where the source is told to ask: the place that the exchanges were recorded from.
    `captured` lists the exhibits handed over, in order, for tests to look at.
    """

    exchanges: tuple[Exchange, ...] = ()
    source: str = ""
    endpoint: str = ""
    captured: list[Exhibit] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path, *, source: str = "") -> Cassette:
        """A cassette from a JSON file, or from `cassette.json` in a folder. Raises Error when it cannot be read.

        The file is a list of objects with `url`, and `text` (the answer) or `file` (its name, beside the
        cassette); `method`, `headers` (pairs), `body`, `media` and `status` where they differ from a plain GET.
        """
        file = path / "cassette.json" if path.is_dir() else path
        try:
            listed = json.loads(file.read_text("utf-8"))
            if not isinstance(listed, list):
                raise TypeError("it is no list")
            return cls(exchanges=tuple(_exchange(entry, file.parent) for entry in listed), source=source)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Error(
                "cassette-unreadable",
                f"{file.name} is not a cassette.",
                f"{type(error).__name__}: {error}",
                "A cassette is a JSON list of objects with `url`, and `text` or `file`.",
            ) from error

    def capture(self, request: Request) -> Exhibit:
        """Raises Error for a request that was not recorded, and for one that was refused."""
        for each in self.exchanges:
            if _key(each.request) == _key(request):
                return self._hand_over(each)
        near = get_close_matches(request.url, [e.request.url for e in self.exchanges], n=1, cutoff=0)
        raise Error(
            "not-recorded",
            f"The cassette holds no answer to {request.method} {request.url}.",
            f"The nearest that it holds is {near[0]}." if near else "It holds no answers.",
            "Record this request, or correct the one that was made.",
        )

    def stored(self, request: Request) -> Exhibit | None:
        """What was handed over for this request before, None if nothing was."""
        return next((e for e in reversed(self.captured) if e.asked and _key(e.asked) == _key(request)), None)

    def _hand_over(self, each: Exchange) -> Exhibit:
        if each.status >= 400:
            raise Error(
                "no-answer",
                f"{self.source or 'The source'} gave no answer to {each.request.method} {each.request.url}.",
                f"HTTP {each.status}",
                "What was answered before is kept, and what is missing is listed as a gap.",
            )
        made = exhibit(each.request.url, each.answer, media=each.media, source=self.source, asked=each.request)
        self.captured.append(made)
        return made


def save(path: Path, exchanges: Iterable[Exchange]) -> None:
    """Write a cassette whose answers are text. Raises UnicodeDecodeError for one that is not UTF-8."""
    listed = [
        {
            "method": each.request.method,
            "url": each.request.url,
            "headers": [list(pair) for pair in each.request.headers],
            "body": each.request.body.decode("utf-8"),
            "media": each.media,
            "status": each.status,
            "text": each.answer.decode("utf-8"),
        }
        for each in exchanges
    ]
    path.write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _key(request: Request) -> tuple[str, str, bytes]:
    # As the live recorder tells requests apart, so that a test cannot pass on an answer that a replay would not
    # find.
    return request.method, request.url, request.body


def _exchange(entry: Mapping[str, Any], folder: Path) -> Exchange:
    method: Literal["GET", "POST"] = "POST" if entry.get("method", "GET") == "POST" else "GET"
    request = Request(
        url=entry["url"],
        method=method,
        headers=tuple((str(name), str(value)) for name, value in entry.get("headers", ())),
        body=entry.get("body", "").encode("utf-8"),
    )
    answer = entry["text"].encode("utf-8") if "text" in entry else _beside(folder, entry["file"]).read_bytes()
    media = entry.get("media", "application/json")
    return Exchange(request=request, answer=answer, media=media, status=entry.get("status", 200))


def _beside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    # A cassette comes with a plugin; it may not read the tester's other files.
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name!r} lies outside the cassette's folder")
    return path
