"""Doubles on loopback, named as such: a time-stamping authority made of openssl, an OpenTimestamps calendar that
promises and keeps nothing; and certificates of nobody."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PHRASE = "open sesame"
PLAIN = serialization.NoEncryption()
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(name: str, key: Key, usage: x509.ObjectIdentifier | None = None) -> x509.Certificate:
    """A certificate that its own key signs; `usage` is what it may be used for, critically."""
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
    )
    # An authority's may be used for stamps and nothing else, or no tool takes it.
    usages = x509.KeyUsage(True, usage is None, False, False, False, usage is None, False, False, False)
    made = made.add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
    made = made.add_extension(usages, critical=True)
    if usage is not None:
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return made.sign(key, hashes.SHA256())


def p12(path: Path, name: str, key: Key | None = None) -> Path:
    """A PKCS #12 file of nobody, with the pass phrase `PHRASE`."""
    key = key or rsa.generate_private_key(65537, 2048)
    hidden = serialization.BestAvailableEncryption(PHRASE.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, certificate(name, key), None, hidden))
    return path


@contextmanager
def served(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """A server on loopback that answers every POST; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


CONFIG = """[t]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def authority(folder: Path) -> Callable[[bytes], bytes]:
    """A time-stamping authority: `openssl ts -reply` with a certificate of nobody, kept at tsa.pem."""
    folder.mkdir()
    key = rsa.generate_private_key(65537, 2048)
    made = certificate("Authority of nobody", key, ExtendedKeyUsageOID.TIME_STAMPING)
    (folder / "tsa.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    (folder / "tsa.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, PLAIN))
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))

    def answer(query: bytes) -> bytes:
        (folder / "query").write_bytes(query)
        line = ["openssl", "ts", "-reply", "-queryfile", "query", "-config", "tsa.cnf", "-section", "t"]
        return subprocess.run(line, cwd=folder, capture_output=True, check=True).stdout

    return answer


def calendar(_digest: bytes) -> bytes:
    """A calendar's promise: one pending attestation, whose address is a name that nobody has."""
    uri = b"https://calendar.invalid"
    payload = bytes([len(uri)]) + uri
    return b"\x00" + bytes.fromhex("83dfe30d2ef90c8e") + bytes([len(payload)]) + payload
