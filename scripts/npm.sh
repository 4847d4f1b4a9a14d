#!/bin/sh
# npm in web/, with the Node that the virtual environment VENV carries: npm.sh VENV ARGUMENTS
set -eu
bin=$(cd "$1/bin" && pwd)
shift
cd "$(dirname "$0")/../web"
PATH="$bin:$PATH" exec npm "$@"
