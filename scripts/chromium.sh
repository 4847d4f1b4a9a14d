#!/bin/sh
# Debian's Chromium for the tests of the browser client: fetched with apt where it is missing and that is allowed.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
cure="the tests of the browser client need Chromium: apt-get install chromium"
command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || { echo "$cure" >&2; exit 1; }
echo "installing Chromium"
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; } || { echo "$cure" >&2; exit 1; }
