"""What the measurements in the browser run against: the built client, served as `voxlite web` does, and Playwright."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from scripts.model_windows import write_windows

from voxlite.browser.server import HOST, Handler, Server
from voxlite.errors import VoxliteError

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
PERF = "perf"
"""Folder beside the client that holds windows and their worker."""
SENT = "/perf/sent"


class CountingHandler(Handler):
    """Serves as `voxlite web`, counts the bytes of each path, and tells and forgets them when `SENT` is asked for."""

    def __init__(self, *arguments: Any, counted: Counter[str], **keywords: Any) -> None:
        self._counted = counted
        super().__init__(*arguments, **keywords)

    def do_GET(self) -> None:  # noqa: N802 - named by the base
        """Answer with a file, or with what was sent."""
        if self.path != SENT:
            super().do_GET()
            return
        body = json.dumps(self._counted).encode()
        self._counted.clear()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file and count it."""
        file: BinaryIO = source
        self._counted[self.path.split("?")[0]] += os.fstat(file.fileno()).st_size
        super().copyfile(source, outputfile)


class Site:
    """A folder with the client and the measurements' windows beside it, and how a measurement runs against it.

    Parameters
    ----------
    folder
        For what is made; empty.
    client
        Folder of the built client.
    chromium
        The browser.
    """

    def __init__(self, folder: Path, client: Path, chromium: str) -> None:
        self.folder, self.client, self.address = folder, client, ""
        self.root = folder / "site"
        self.windows = self.root / PERF
        self._chromium = chromium
        self.windows.mkdir(parents=True)
        for entry in client.iterdir():
            if entry.name != PERF:
                (self.root / entry.name).symlink_to(entry.resolve())

    def add_windows(self) -> None:
        """Write every model's windows and build the worker that runs them.

        Raises
        ------
        VoxliteError
            If the worker cannot be built.
        """
        write_windows(self.windows)
        self._npx(
            ["vite", "build", "-c", "perf/vite.config.ts"], {"CLIENT": self.client, "SITE": self.windows}
        )

    def measure(self, name: str, **settings: object) -> Any:
        """Run a measurement of web/perf and return what it hands over.

        Parameters
        ----------
        name
            Of the file, without ".spec.ts".
        settings
            What it asks for, upper-case names.

        Raises
        ------
        VoxliteError
            If it fails; the message is the end of what it said.
        """
        out = self.folder / f"{name}.json"
        out.unlink(missing_ok=True)
        own = {"ADDRESS": self.address, "CHROMIUM": self._chromium, "OUT": out}
        results = self.folder / f"playwright-{name}"
        command = [
            "playwright",
            "test",
            "-c",
            "perf/playwright.config.ts",
            "--output",
            str(results),
            f"{name}.spec",
        ]
        self._npx(command, own | settings)
        return json.loads(out.read_text(encoding="utf-8"))

    def _npx(self, command: list[str], settings: dict[str, Any]) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        npx = shutil.which("npx", path=path)
        if npx is None or not (WEB / "node_modules").is_dir():
            raise VoxliteError("Node or the browser client's packages are missing: run `make web-build`")
        environment = os.environ | {"PATH": path}
        environment |= {f"VOXLITE_PERF_{name}": str(value) for name, value in settings.items()}
        done = subprocess.run(
            [npx, "--no-install", *command],
            cwd=WEB,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip().splitlines()[-12:]
            raise VoxliteError(f"{command[0]} failed (status {done.returncode}):\n" + "\n".join(said))

    def version(self) -> str:
        """Return what the browser calls itself, such as "Chromium 140.0.7339.80"."""
        said = subprocess.run(
            [self._chromium, "--version"], capture_output=True, text=True, check=True
        ).stdout
        return " ".join(said.split()[:2])


@contextmanager
def served(site: Site) -> Iterator[Site]:
    """Serve a site on a free port of this machine inside the `with`."""
    handler = partial(CountingHandler, directory=str(site.root), counted=Counter())
    server = Server((HOST, 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.address = f"http://{HOST}:{server.server_address[1]}/"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
