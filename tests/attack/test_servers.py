"""Servers that lie, drip, redirect, and repeat keys: bounded, named, and no key in any stored or printed byte."""

from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import json
import lzma
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from tests.attack.field import Field, lies_in
from tests.attack.servers import Script, dripping, http, raw, serving, silent

from recover.capture import Live, secrets
from recover.capture import live as recorder
from recover.case import open_for_writing
from recover.sdk import Error, Exhibit, Request

KEY = 'Sk-7f/Zq+w9=T3st&Key"x'
BASIC = "examiner:correct horse battery"


def ask(field: Field, url: str, *, seconds: float = 5) -> Exhibit:
    """One request with a key in a header, tried once."""
    with open_for_writing(field.case, "test") as case:
        file = case.next_file()
        live = Live(case=case, source="toy", file=file, budget=9, pause_ms=0, tries=1, seconds=seconds)
        try:
            headers = (("X-Key", "{toy-key}"),) if "{" not in url else ()
            return live.capture(Request(url=url, headers=headers))
        finally:
            live.close()


@pytest.fixture(autouse=True)
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVER_TOY_KEY", KEY)
    monkeypatch.setenv("RECOVER_TOY_LOGIN", BASIC)


def spread(text: str) -> list[bytes]:
    """A text in the ways in which it may come back."""
    plain = text.encode()
    return [
        plain,
        plain.upper(),
        plain.lower(),
        quote(text, safe="").encode(),
        quote(text, safe="").lower().encode(),
        quote(quote(text, safe=""), safe="").encode(),
        "".join(f"%{b:02X}" for b in plain).encode(),
        json.dumps(text).encode(),
        json.dumps(json.dumps(text)).encode(),
        text.replace("/", "\\/").replace('"', '\\"').encode(),
        "".join(f"\\u{ord(c):04X}" for c in text).encode(),
        "".join(f"\\x{ord(c):02x}" for c in text).encode(),
        "".join(f"&#{ord(c)};" for c in text).encode(),
        "".join(f"&#x{ord(c):X};" for c in text).encode(),
        text.replace("&", "&amp;").replace('"', "&quot;").encode(),
        plain.hex().encode(),
        plain.hex().upper().encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        *(base64.b64encode(b"x" * n + plain + b"yz") for n in range(3)),
        *(base64.urlsafe_b64encode(b"x" * n + plain + b"yz") for n in range(3)),
        base64.encodebytes(b"z" * 50 + plain),
        quote(base64.b64encode(plain).decode(), safe="").encode(),
        b'"' + base64.b64encode(plain).replace(b"/", b"\\/") + b'"',
    ]


def disguised(text: str) -> list[bytes]:
    """The same, in ways that no server uses by accident."""
    plain = text.encode()
    inner = base64.b64encode(plain)
    return [
        plain[::-1],
        codecs.encode(text, "rot13").encode(),
        b" ".join(bytes([b]) for b in plain),
        b"\n".join(bytes([b]) for b in plain),
        b"\\n".join(plain[n : n + 7] for n in range(0, len(plain), 7)),
        plain.hex(" ").encode(),
        plain.hex(":").upper().encode(),
        b", ".join(b"0x%02x" % b for b in plain),
        json.dumps(list(plain)).encode(),
        json.dumps(list(plain), separators=(",", ":")).encode(),
        *(base64.b32encode(b"x" * n + plain) for n in range(5)),
        *(base64.b64encode(b"x" * n + inner) for n in range(3)),
        base64.b64encode(base64.b64encode(b"xy" + plain + b"z")),
        base64.b64encode(gzip.compress(b'{"key":"' + plain + b'"}', mtime=0)),
        *(plain[: len(plain) - n] for n in range(1, len(plain) - 12)),
        *(plain[n:] for n in range(1, len(plain) - 12)),
        plain[:12] + b" ... " + plain[-12:],
        plain[::-1][:14],
    ]


@pytest.mark.parametrize("form", disguised(KEY), ids=range(len(disguised(KEY))))
def test_a_key_in_disguise_or_in_part(form: bytes) -> None:
    body = b'{"a":[1],"echo":|' + form + b'|,"b":2}'
    clean, ranges = secrets.mask(body, [KEY])
    assert len(clean) == len(body)
    (start, length) = ranges[0]
    # But for the letters of an encoding that also say what stands beside the key.
    assert 17 <= start <= 17 + 14
    last = ranges[-1][0] + ranges[-1][1]
    assert len(body) - 9 - 14 <= last <= len(body) - 8
    assert length >= 12
    assert form[len(form) // 3 : -(len(form) // 3)] not in clean


@pytest.mark.parametrize(
    "form", [KEY[:11], KEY[-11:], KEY[:6] + "-" + KEY[6:12], "0" * 64, "Sk-7f/Zq+w", "ab" * 500], ids=range(6)
)
def test_what_is_too_short_to_be_a_part_of_a_key_stays(form: str) -> None:
    body = b'{"echo":"' + form.encode() + b'"}'
    assert secrets.mask(body, [KEY]) == (body, ())


@pytest.mark.parametrize("kind", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_answer_that_does_not_say_so(kind: Callable[[bytes], bytes], field: Field) -> None:
    with serving(http(kind(b'{"key":"' + KEY.encode() + b'"}'))) as (place, _), pytest.raises(Error) as caught:
        ask(field, f"http://{place}/x")
    assert "packed" in caught.value.why
    assert not list((field.case / "exhibits").glob("0002*"))


@pytest.mark.parametrize(
    "unit",
    [b"\\", b"r", b"\\n", b"&#0", b"%25", b"0", b"0,", b" ", b"\0", b"83,", b"H4sI", KEY[:11].encode(), b"53 6b"],
)
def test_an_answer_made_to_take_long_to_search(unit: bytes) -> None:
    began = time.process_time()
    secrets.mask(unit * (5 * 10**6 // len(unit)), [KEY])
    assert time.process_time() - began < 5


def leaks(field: Field, form: bytes) -> bool:
    """Whether the form stands in the case, packed or unpacked, or in what was told."""
    with open_for_writing(field.case, "look") as case:
        unpacked = b"".join(gzip.decompress(case.packed(s)) for s in case.exhibits())
    return form in unpacked or lies_in(form, field.case)


@pytest.mark.parametrize("form", spread(KEY), ids=range(len(spread(KEY))))
def test_a_body_that_repeats_the_key_in_any_writing(form: bytes, field: Field) -> None:
    body = b'{"a":[1],"echo":' + form + b',"b":2}'
    with serving(http(body)) as (place, asked):
        got = ask(field, f"http://{place}/x")
    assert KEY.encode() in asked[0]
    assert got.redacted
    assert len(got.data) == len(body)
    assert got.data.startswith(b'{"a":[1],"echo":')
    assert got.data.endswith(b',"b":2}')
    core = form[4:-8]  # the ends of Base64 also say what stands beside the key
    assert core not in got.data
    assert not leaks(field, core)


@pytest.mark.parametrize("form", spread(KEY)[:1] + spread(KEY)[3:8] + spread(KEY)[19:20])
def test_a_header_that_repeats_it(form: bytes, field: Field) -> None:
    script = http(b"{}", b"200 OK", b"Location: http://h/" + form, b"X-Other: a" + form + b"b")
    with serving(script) as (place, _):
        got = ask(field, f"http://{place}/x")
    assert got.redacted
    assert not leaks(field, form[2:-4])


@pytest.mark.parametrize("status", [b"200 ", b"403 ", b"500 ", b"302 "])
def test_a_reason_that_repeats_it(status: bytes, field: Field) -> None:
    told = ""
    with serving(http(b"{}", status + KEY.encode())) as (place, _):
        try:
            ask(field, f"http://{place}/x")
        except Error as error:
            told = str(error)
    assert KEY not in told
    assert not leaks(field, KEY.encode())


@pytest.mark.parametrize("form", [BASIC.encode(), b"correct horse battery", base64.b64encode(BASIC.encode())])
def test_a_password_of_an_address_that_comes_back_alone(form: bytes, field: Field) -> None:
    with serving(http(b"hello " + form + b" bye")) as (place, asked):
        got = ask(field, f"http://{{toy-login}}@{place}/x")
    assert b"Authorization: Basic " in asked[0]
    assert got.data == b"hello " + b"*" * len(form) + b" bye"


def test_a_packed_answer_is_refused_since_no_key_can_be_looked_for_in_it(field: Field) -> None:
    script = http(gzip.compress(KEY.encode()), b"200 OK", b"Content-Encoding: gzip")
    with serving(script) as (place, _), pytest.raises(Error, match="gave no answer") as caught:
        ask(field, f"http://{place}/x")
    assert "packed" in caught.value.why


@pytest.mark.parametrize(
    "value",
    [
        KEY + "\n",
        KEY + "\r\nX-Evil: 1",
        "short",
        "fifteen-letters",
        KEY + "\0",
        "kéy-with-accents-in-it",
        " " + KEY,
        "\ud800" * 20,
    ],
)
def test_a_key_that_cannot_be_one_is_refused_and_never_told(
    value: str, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recover.capture.secrets.os.environ", {"RECOVER_TOY_KEY": value})
    with serving(http(b"{}")) as (place, asked), pytest.raises(Error) as caught:
        ask(field, f"http://{place}/x")
    assert caught.value.code in ("secret-unusable", "secret-missing")
    assert value not in str(caught.value)
    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "tcp://127.0.0.1:{toy-key}",
        "tcp://{toy-key}",
        "ssl://{toy-key}:x",
        "http://127.0.0.1:{toy-key}/",
        "http://[{toy-key}/",
    ],
)
def test_an_address_that_holds_a_key_in_the_wrong_place_tells_nothing(url: str, field: Field) -> None:
    with pytest.raises(Error) as caught:
        ask(field, url, seconds=1)
    assert KEY[:8] not in str(caught.value)
    assert KEY not in str(caught.value)
    assert not leaks(field, KEY.encode())


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See", b"307 Temp", b"308 Perm", b"304 Not"])
def test_a_redirect_is_no_evidence_and_is_not_followed(status: bytes, field: Field) -> None:
    with serving(http(b'{"rows":[]}')) as (other, followed):
        where = b"Location: http://" + other.encode() + b"/"
        with serving(http(b'{"rows":[]}', status, where)) as (place, _), pytest.raises(Error) as caught:
            ask(field, f"http://{place}/x")
    assert "sends elsewhere" in caught.value.why
    assert followed == []
    with open_for_writing(field.case, "look") as case:
        assert case.exhibits()[-1].sources == ()


@pytest.mark.parametrize(
    "status", [b"100 Continue", b"101 Switch", b"199 x", b"400 x", b"401 x", b"404 x", b"418 x", b"503 x"]
)
def test_an_answer_that_says_no_is_no_evidence(status: bytes, field: Field) -> None:
    with serving(http(b'{"rows":[]}', status)) as (place, _), pytest.raises(Error, match="gave no answer"):
        ask(field, f"http://{place}/x", seconds=1)


@pytest.mark.parametrize(
    "script",
    [
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: y\r\n"),
        dripping(b"HTTP/1.1 ", b"2"),
        dripping(b"HTTP/1.1 200 OK\r\nX: ", b"z"),
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        silent,
    ],
    ids=["body", "chunks", "headers", "status", "one header", "continue", "silence"],
)
def test_an_answer_that_never_ends_does(script: Script, field: Field) -> None:
    began = time.monotonic()
    with serving(script) as (place, _), pytest.raises(Error, match="gave no answer"):
        ask(field, f"http://{place}/x", seconds=1)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("script", [dripping(b"", b"x"), silent], ids=["drip", "silence"])
def test_a_line_that_never_ends_does(script: Script, field: Field) -> None:
    began = time.monotonic()
    with serving(script) as (place, _), open_for_writing(field.case, "test") as case:
        live = Live(case=case, source="toy", file=case.next_file(), budget=9, pause_ms=0, tries=1, seconds=1)
        with pytest.raises(Error, match="gave no answer"):
            live.capture(Request(url=f"tcp://{place}", method="POST", body=b"{}"))
        live.close()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "script",
    [
        http(b"x" * 5000),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n", 0),
    ],
    ids=["whole", "chunks"],
)
def test_an_answer_larger_than_the_bound(script: Script, field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LARGEST", 4000)
    with serving(script) as (place, _), pytest.raises(Error) as caught:
        ask(field, f"http://{place}/x")
    assert "longer than 4000 bytes" in caught.value.why


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff" * 100,
        b"HTTP/9.9 999 \r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nA\x00B: c\r\n\r\n",
    ],
)
def test_an_answer_that_is_no_http(data: bytes, field: Field) -> None:
    with serving(raw(data)) as (place, _), pytest.raises(Error, match="gave no answer"):
        ask(field, f"http://{place}/x", seconds=2)


@pytest.mark.parametrize(
    "header", [b"X: \xff\xfe", b"X: a\x1b[31mb", b"Content-Type: \xf0\x9f\x92\xa9", b"X: " + b"y" * 60_000]
)
def test_odd_headers_are_stored_on_one_line(header: bytes, field: Field) -> None:
    with serving(http(b"{}", b"200 OK", header)) as (place, _):
        ask(field, f"http://{place}/x")
    with open_for_writing(field.case, "look") as case:
        stored = gzip.decompress(case.packed(case.exhibits()[-1]))
    assert b"\x1b" not in stored
    assert field.do("verify").code in (0, 5)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (lambda place, other: f"http://{other}/x", "other-host"),
        (lambda place, other: f"https://{place}/x", "other-host"),
        (lambda place, other: f"http://evil@{place}/x", "other-host"),
        (lambda place, other: f"http://{place}.evil.example/x", "other-host"),
        (lambda place, other: f"tcp://{other}", "other-host"),
        (lambda place, other: f"http://{place}/x?next={{other-key}}", "other-key"),
        (lambda place, other: f"http://{place}/{{toy-login}}", "other-key"),
    ],
)
def test_an_answer_cannot_lead_the_source_to_another_server_or_key(
    url: Callable[[str, str], str], code: str, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOVER_OTHER_KEY", "another-source's-key")
    with (
        serving(http(b"{}")) as (place, asked),
        serving(http(b"{}")) as (other, trapped),
        open_for_writing(field.case, "test") as case,
    ):
        here, fills = f"http://{place}", frozenset({"toy-key"})
        live = Live(case=case, source="toy", file=case.next_file(), budget=9, endpoint=here, fills=fills)
        with pytest.raises(Error) as caught:
            live.capture(Request(url=url(place, other)))
        live.close()
    assert caught.value.code == code
    assert asked == trapped == []
