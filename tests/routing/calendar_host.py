"""A host of calendars: a real https server with a certificate of an authority of its own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ICAL = "200 OK\r\ncontent-type: text/calendar"


@dataclass
class CalendarHost:
    """What was asked, and what to answer next: head and body; the last answer repeats."""

    port: int = 0
    authority: Path = Path()
    answers: list[tuple[str, bytes]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event | None = None
    """Where there is one, no answer is sent until it is set."""
    silent: bool = False
    """Answers nothing."""
    keeps: bool = False
    """Keeps a connection for the next request."""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/private-0a1b2c/basic.ics"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):  # whoever asked had enough
            while await self._answer(reader, writer) and self.keeps:
                pass
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        self.asked.append(headers | {"request": head[0]})
        self.was_asked.set()
        if self.silent:
            await reader.read()
            return False
        if self.may_answer is not None:
            await self.may_answer.wait()
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        after = "keep-alive" if self.keeps else "close"
        writer.write(f"HTTP/1.1 {status}\r\nconnection: {after}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        return True


@asynccontextmanager
async def hosting(folder: Path) -> AsyncIterator[CalendarHost]:
    """Listen on this machine; the certificate and its authority lie in a folder."""
    host = CalendarHost(authority=folder / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_write_certificates(folder))
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=context)
    host.port = server.sockets[0].getsockname()[1]
    async with server:
        yield host


def _write_certificates(folder: Path) -> Path:
    """Write an authority, and a certificate for this machine with its key; return the file of the latter."""
    now = datetime.now(UTC)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Calendars' authority")])
    days = now - timedelta(days=1), now + timedelta(days=2)
    known = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())

    def begin(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(public)
        return made.serial_number(x509.random_serial_number()).not_valid_before(days[0]).not_valid_after(days[1])

    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = (
        begin(issuer, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(known, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    named = begin(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), key.public_key())
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known)
    certificate = (
        named.add_extension(names, critical=False)
        .add_extension(issued_by, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    own = folder / "host.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    own.write_bytes(private + certificate.public_bytes(pem))
    return own
