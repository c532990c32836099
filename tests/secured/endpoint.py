"""A token endpoint (OAuth 2, client credentials) as an identity provider has, for one client."""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.secured.broker import PASSWORD, USER


class Endpoint(BaseHTTPRequestHandler):
    """Answers with a token that nobody signed, which Kafka's own validator for tests takes."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        scheme, _, login = self.headers["Authorization"].partition(" ")
        right = scheme == "Basic" and b64decode(login).decode() == f"{USER}:{PASSWORD.replace(' ', '+')}"
        now = int(time.time())
        claims = _part({"sub": USER, "iat": now, "exp": now + 3600})
        body = {"access_token": f"{_part({'alg': 'none'})}.{claims}.", "expires_in": 3600, "token_type": "bearer"}
        answer = json.dumps(body if right else {"error": "invalid_client"}).encode()
        self.send_response(200 if right else 401)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def token_endpoint() -> Iterator[str]:
    """Serve it; yields its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/token"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _part(content: dict[str, object]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
