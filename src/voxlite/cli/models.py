"""`voxlite models`: what is shipped and what was imported; `voxlite models import` adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from voxlite.cli.model_import import import_model
from voxlite.cli.shell import console, print_bytes, say_error

if TYPE_CHECKING:
    from voxlite.runtime.catalog import ModelInfo

_PARAMETER_KEYS = ("parameters", "n_parameters")


_group = typer.Typer()
_group.command("import", no_args_is_help=True)(import_model)


@_group.callback(invoke_without_command=True)
def models(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the models at hand: task, licence, size, parameters, measured figures. `import` adds one."""
    if context.invoked_subcommand is not None:
        return
    from voxlite.runtime.catalog import imported_models, shipped_models

    found = [_facts(model) for model in (*shipped_models(), *imported_models(say_error))]
    if json:
        from voxlite.report.jsonio import to_json

        print_bytes(to_json(found) + "\n")
    else:
        _print(found)


def _facts(model: ModelInfo) -> dict[str, Any]:
    metadata = model.metadata
    figures = dict(metadata.figures)
    parameters = next((figures.pop(key) for key in _PARAMETER_KEYS if key in figures), None)
    if parameters is None:
        parameters = next(
            (metadata.training[key] for key in _PARAMETER_KEYS if key in metadata.training), None
        )
    return {
        "name": metadata.name,
        "task": metadata.task,
        "version": metadata.version,
        "licence": metadata.licence,
        "size_bytes": model.size_bytes,
        "parameters": None if parameters is None else int(parameters),
        "weights": metadata.weights,
        "rate_hz": metadata.frontend.rate_hz,
        "description": metadata.description,
        "thresholds": metadata.thresholds,
        "figures": figures,
        "path": str(model.path),
    }


def _print(found: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from voxlite.report.palette import grouped

    target = console()
    if not found:
        target.print(
            "No model is shipped with this installation: train and export one, or install a release."
        )
        return
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for name in ("name", "task", "version", "licence"):
        table.add_column(
            name, no_wrap=name != "licence", overflow="fold" if name == "licence" else "ellipsis"
        )
    for name in ("size", "parameters"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("weights")
    for model in found:
        size = f"{model['size_bytes'] / 1000:.0f} kB"
        parameters = "?" if model["parameters"] is None else grouped(model["parameters"])
        row = [model[key] for key in ("name", "task", "version", "licence")]
        table.add_row(*row, size, parameters, model["weights"])
    target.print(table)
    for model in found:
        target.print()
        target.print(f"{model['task']} {model['name']}: {model['description']}", style="bold")
        for name, value in model["figures"].items():
            target.print(f"  {name}: {value:.4g}" if isinstance(value, float) else f"  {name}: {value}")
        for name, point in model["thresholds"].items():
            rates = _rates(point)
            if rates and {"value", "data"} <= set(point):
                text = f"  decides ({name}) at {point['value']:.3g}: {rates}, on {point['data']}"
                target.print(text, soft_wrap=True)


def _rates(point: dict[str, Any]) -> str:
    """Return the shares of errors that an operating point states, empty if it states none."""
    names = {"far": "FAR", "frr": "FRR", "unsure": "left open", "wrong": "wrong of the others"}
    return ", ".join(f"{words} {100 * point[key]:.3g} %" for key, words in names.items() if key in point)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.add_typer(_group, name="models")
