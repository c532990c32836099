"""Another site: a folder of pages on an origin of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Log nothing."""


class Site:
    """Pages that somebody else publishes."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self.origin = f"http://localhost:{port}"

    def publish(self, body: str) -> str:
        """Publish a page; gives its address."""
        page = f'<!doctype html><html lang="en"><title>Elsewhere</title><h1>Our product</h1>{body}</html>'
        (self._folder / "index.html").write_text(page)
        return f"{self.origin}/index.html"

    @classmethod
    @contextmanager
    def serving(cls, folder: Path) -> Iterator[Self]:
        """Serve a folder until the end."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield cls(folder, server.server_port)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
