"""`python -m voxlite`: the same as the `voxlite` command."""

from voxlite.cli.main import run

run()
