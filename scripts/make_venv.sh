#!/bin/sh
# Make a virtual environment: make_venv.sh PYTHON FOLDER. Brings Debian's venv package where it is missing and may.
set -eu
python=$1
folder=$2

fail() {
    echo "$1" >&2
    exit 1
}

command -v "$python" >/dev/null || fail "$python is missing: install Python 3.10 or newer, or run make PYTHON=/path/to/python"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "$("$python" --version) is too old: voxlite needs Python 3.10 or newer, run make PYTHON=/path/to/python"

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    cure="$python cannot make virtual environments: apt-get install $package"
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || fail "$cure"
    echo "installing $package"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$package" >/dev/null; } || fail "$cure"
fi

"$python" -m venv --clear "$folder" || fail "$python could not make a virtual environment in $folder"
