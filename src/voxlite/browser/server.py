"""A static server for the browser client, on this machine alone.

Any static host will do as well, if it sends the same headers: COOP and COEP, without which a browser gives no threads
to WebAssembly, and a Content-Security-Policy that forbids any connection but to the page's own origin.
"""

from __future__ import annotations

import re
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path

from voxlite.errors import VoxliteError

HOST = "127.0.0.1"
SECURITY_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every answer."""
_HASHED = re.compile(r"-[0-9A-Za-z_-]{8,}\.\w+$")
_FOREVER, _ASK = "public, max-age=31536000, immutable", "no-cache"


def client_folder() -> Path:
    """Return the folder of the built browser client.

    Raises
    ------
    VoxliteError
        If this copy of voxlite carries none.
    """
    folder = Path(str(resources.files("voxlite.browser"))) / "static"
    if not (folder / "index.html").is_file():
        raise VoxliteError(
            "the browser client is not built in this copy of voxlite: run `make web-build` in a checkout, or install a "
            "release"
        )
    return folder


class Handler(SimpleHTTPRequestHandler):
    """Serves files with the headers that the client needs, to this machine's own names only."""

    extensions_map = {  # noqa: RUF012 - an attribute of the base
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".tflite": "application/octet-stream",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
    }
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "voxlite", ""

    def do_GET(self) -> None:
        """Answer with a file."""
        if self._is_own():
            super().do_GET()

    def do_HEAD(self) -> None:
        """Answer with a file's headers."""
        if self._is_own():
            super().do_HEAD()

    def end_headers(self) -> None:
        """Add what every answer carries."""
        for name, value in SECURITY_HEADERS.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", _FOREVER if _HASHED.search(self.path.split("?")[0]) else _ASK)
        super().end_headers()

    def list_directory(self, path: object) -> None:
        """Tell nobody what lies in a folder."""
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def _is_own(self) -> bool:
        """Refuse requests under another name: a page elsewhere may have had it point here (DNS rebinding)."""
        name = self.headers.get("Host", "").rsplit(":", 1)[0]
        if name in (HOST, "localhost", "[::1]"):
            return True
        self.send_error(403)
        return False


class Server(ThreadingHTTPServer):
    """Stays quiet when a browser hangs up in the middle of an answer; anything else it tells in one line."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Tell what went wrong with a request, if it is worth telling."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            print(f"voxlite: error: a request failed: {error!r}", file=sys.stderr)  # noqa: T201 - no traceback


def open_server(port: int, folder: Path) -> Server:
    """Return a server of a folder that listens on this machine alone, ready for `serve_forever`.

    Parameters
    ----------
    port
        To listen on; 0 takes a free one.
    folder
        Of the built client.

    Raises
    ------
    VoxliteError
        If the port is taken or not allowed.
    """
    try:
        return Server((HOST, port), partial(Handler, directory=str(folder)))
    except OSError as error:
        reason = error.strerror or error
        raise VoxliteError(
            f"cannot listen on port {port} ({reason}): choose another with --port, or 0 for any free one"
        ) from None
