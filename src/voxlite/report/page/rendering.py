"""Templates, style and script put together, and the policy that lets a browser load nothing else.

Whatever comes from outside (names of files and people, reasons, models' names) is escaped by jinja2. The content
security policy names the style and the script by their SHA-256, so that not even markup that got through could run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from voxlite._version import __version__
from voxlite.errors import MissingExtraError
from voxlite.report.jsonio import to_json
from voxlite.report.palette import COLOURS, SPEAKER_COLOURS

if TYPE_CHECKING:
    from jinja2 import Environment

_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def render(template: str, values: Mapping[str, Any], script_name: str) -> Iterator[str]:
    """Yield a page piece by piece.

    Parameters
    ----------
    template
        Name of a file in `templates`.
    values
        What it places; "data", where there is one, is plain data that goes into the page as JSON.
    script_name
        Name of the script that goes with it.

    Raises
    ------
    MissingExtraError
        If jinja2 is not installed.
    """
    environment = _environment()
    from markupsafe import Markup

    style, script = _style(), _text(script_name)
    page = {
        "style": Markup(style),
        "script": Markup(script),
        "policy": _policy(style, script),
        "version": __version__,
        "json": Markup(inlined_json(values["data"])) if "data" in values else None,
    }
    # Piece by piece: an embedded recording is not copied into one long text.
    return environment.get_template(template).generate({**values, **page})


def inlined_json(data: Any) -> str:
    """Return plain data as JSON that no text in it can leave: < > & and odd line ends are written as escapes."""
    return to_json(data, indent=None).translate(_ESCAPES)


def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise MissingExtraError("writing a page", "html") from error
    return Environment(
        loader=PackageLoader("voxlite.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def _style() -> str:
    """Return the style sheet; its colours of labels and speakers are those of every other output."""
    colours = [*COLOURS.items(), *((f"s{place}", colour) for place, colour in enumerate(SPEAKER_COLOURS))]
    names = "".join(f"--{name}:{colour};" for name, colour in colours)
    rules = "".join(f".s{place}{{--own:var(--s{place})}}" for place in range(len(SPEAKER_COLOURS)))
    return f":root{{{names}}}{rules}\n{_text('page.css')}"


def _text(name: str) -> str:
    return resources.files("voxlite.report.page").joinpath("templates", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            "media-src data: file: 'self'",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
