"""`voxlite web`: the browser client, served on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from voxlite.cli.shell import console


def web(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8800,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser at once.")] = True,
) -> None:
    """Serve the browser client to this machine alone, until Ctrl+C.

    It listens, recognises and keeps everything in the browser: the models run there, and nothing is sent back here.
    """
    import webbrowser

    from voxlite.browser.server import HOST, client_folder, open_server

    with open_server(port, client_folder()) as server:
        address = f"http://{HOST}:{server.server_address[1]}/"
        console().print(f"{address}  (Ctrl+C ends it)", soft_wrap=True)
        if open_browser:
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            console().print("ended")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(web)
