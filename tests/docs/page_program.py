"""Run what the code blocks of one page say, in order, as one reader would: `page_program.py < steps.json`.

Python blocks share their names; `export` lasts. The first step that fails ends the run with its place and what it said.
Warnings are errors for Python blocks. Shell lines run in a shell; only a line that is one plain `voxlite` command runs
in this process, by the same entry point: starting a program takes longer than most of what the pages ask of it.
"""

import json
import os
import shlex
import subprocess
import sys
import traceback
import warnings

TIMEOUT_S = 120


def main() -> None:
    names = {"__name__": "__main__"}
    for step in json.load(sys.stdin):
        try:
            print(f"## {step['where']}", flush=True)
            if step["language"] == "python":
                run_python(step, names)
            elif step["language"] == "sql":
                run_sql(step["text"])
            else:
                run_shell(step["text"])
        except Exception:
            sys.exit(f"{step['where']}: {step['text'].strip()}\n{traceback.format_exc(limit=-2)}")


def run_python(step: dict, names: dict) -> None:
    page, line = step["where"].rsplit(":", 1)
    source = "\n" * (int(line) - 1) + step["text"]  # so that a traceback names the page's line
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(source, page, "exec"), names)


def run_sql(query: str) -> None:
    import duckdb

    print(duckdb.sql(query))


def run_shell(command: str) -> None:
    words = shlex.split(command, comments=True)
    if words[0] == "export":
        name, _, value = words[1].partition("=")
        os.environ[name] = value
    elif words[0] == "voxlite" and not set("|<>&;$*`") & set(" ".join(words)):
        run_here(words)
    else:
        done = subprocess.run(
            ["sh", "-c", command],
            capture_output=True,
            timeout=TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        said = (done.stdout[-2000:] + done.stderr[-2000:]).decode(errors="replace")
        if done.returncode != 0 or "Traceback" in said:
            raise RuntimeError(f"exit status {done.returncode}\n{said}")


def run_here(words: list[str]) -> None:
    from voxlite.cli.main import run

    sys.argv = words
    try:
        run()
    except SystemExit as end:
        if end.code:
            raise RuntimeError(f"exit status {end.code}") from None


if __name__ == "__main__":
    main()
