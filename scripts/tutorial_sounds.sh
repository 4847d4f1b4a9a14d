#!/bin/sh
# The sounds of docs/detectors.md, unpacked into a folder from Debian packages; nothing is installed.
# usage: tutorial_sounds.sh [FOLDER]
set -eu
folder="${1:-sounds}"
[ -d "$folder/keyboard" ] && [ -d "$folder/other" ] && exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || {
    echo "tutorial_sounds.sh: needs apt-get and dpkg-deb: run it on Debian or Ubuntu" >&2
    exit 1
}
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
(cd "$place" && apt-get download -q bucklespring-data sound-icons sound-theme-freedesktop >/dev/null)
for package in "$place"/*.deb; do
    dpkg-deb -x "$package" "$place/root"
done
mkdir -p "$folder/keyboard" "$folder/other"
cp "$place"/root/usr/share/buckle/wav/*.wav "$folder/keyboard/"
cp "$place"/root/usr/share/sounds/sound-icons/*.wav "$folder/other/"
cp -L "$place"/root/usr/share/sounds/freedesktop/stereo/*.oga "$folder/other/"
