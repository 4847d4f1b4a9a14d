"""The browser client in Debian's Chromium, beside the Python client: `python -m benchmarks.browser`.

What a visit loads and how long it takes, first, again and without a network; the time that each shipped model takes
for one window, and how far its scores are from the Python client's; a whole recording in Files; the lag of the labels
behind the sound and the memory over ten minutes of listening, with the sample call as the microphone. Parts that are
not asked for keep their figures. Needs `make web-build`, which brings Node, and Chromium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.browser_memory import draw
from benchmarks.browser_parts import lag, load, memory, recording, windows
from benchmarks.browser_site import Site, served
from benchmarks.common import publish
from benchmarks.sections.browser import tables
from voxlite.browser.server import client_folder
from voxlite.errors import VoxliteError

OUT = Path("benchmarks/results/browser.json")
PICTURE = Path("docs/images/browser-memory.png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that were asked for, all of them by default; return the exit status."""
    options = parse(arguments)
    runs: dict[str, Callable[[Site], dict[str, Any]]] = {
        "load": lambda site: load(site, options.visits),
        "windows": lambda site: windows(site, options.windows),
        "recording": lambda site: recording(site, options.recordings),
        "lag": lambda site: lag(site, options.delays),
        "memory": lambda site: memory(site, options.minutes),
    }
    if unknown := set(options.parts) - set(runs):
        print(f"unknown part {sorted(unknown)[0]!r}: choose from {', '.join(runs)}", file=sys.stderr)
        return 2
    parts = options.parts or list(runs)
    earlier = json.loads(options.out.read_text(encoding="utf-8")) if options.out.is_file() else {}
    result = {"benchmark": "browser", **{key: value for key, value in earlier.items() if key in runs}}
    try:
        with tempfile.TemporaryDirectory() as name:
            site = Site(Path(name), options.client or client_folder(), options.chromium)
            result["browser"] = site.version()
            with served(site):
                if "windows" in parts:
                    site.add_windows()
                for part in parts:
                    result[part] = runs[part](site)
    except VoxliteError as error:
        print(error, file=sys.stderr)
        return 1
    if "memory" in parts:
        draw(result["memory"], options.picture)
    publish(result, options.out, tables(result))
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help="of load, windows, recording, lag, memory")
    parser.add_argument("--client", type=Path, help="folder of a built client; default: the package's")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    parser.add_argument("--visits", type=int, default=5, help="rounds of all kinds of visits")
    parser.add_argument("--windows", type=int, default=200, help="timed windows per model and threads")
    parser.add_argument("--recordings", type=int, default=3, help="analyses of the recording")
    parser.add_argument("--delays", type=int, default=200, help="samples of the lag, ten a second")
    parser.add_argument("--minutes", type=float, default=10.0, help="of listening for the memory")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
