"""Where the sample recordings come from: Debian packages, their licences and the files taken from them.

A package is downloaded with apt (which checks its signature), unpacked into a cache folder, never installed, and its
licence is looked up in its own papers before a file of it is used.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

SONIC_PI = "usr/share/sonic-pi/samples"
LINCITY = "usr/share/games/lincity-ng"
ARMELLE = "usr/share/asterisk/sounds/fr"
CODEC2 = "usr/share/codec2/wav"
KAJONGG = "usr/share/kajongg/voices"
LINPHONE = "usr/share/sounds/linphone"
ALSA = "usr/share/sounds/alsa"


@dataclass(frozen=True)
class Package:
    """A Debian package: pinned version, licence of the files taken, and the words in its papers that say so."""

    name: str
    version: str
    licence: str
    evidence: str
    author: str
    papers: str = ""

    @property
    def paper(self) -> str:
        """Path of the file that states the licence, inside the package."""
        return self.papers or self.copyright

    @property
    def copyright(self) -> str:
        """Path of the Debian copyright file, inside the package."""
        return f"usr/share/doc/{self.name}/copyright"


@dataclass(frozen=True)
class Source:
    """One file of a package; `author` where the papers name one for this very file."""

    package: str
    path: str
    author: str = ""


PACKAGES = {
    package.name: package
    for package in (
        Package(
            "asterisk-prompt-fr-armelle",
            "20070613-2.2",
            "BSD-style",
            "1. Redistributions must retain the above copyright notice",
            "(C) 2006 Michel Gutierrez; voice: Armelle Desjardins",
        ),
        Package(
            "asterisk-prompt-es-co",
            "0.20070403-2.1",
            "GPL-2.0-only",
            "the Free Software Foundation; version 2 dated June, 1991.",
            "Avatar Ltda. / July E. Jiménez",
        ),
        Package(
            "codec2-examples", "1.0.5-1", "LGPL-2.1-or-later", "License: LGPL-2.1\n", "2007-2019 David Rowe"
        ),
        Package(
            "linphone-common",
            "5.1.65-4",
            "GPL-3.0-or-later",
            "License: GPL-3+\n",
            "2010-2021 Belledonne Communications SARL; 2000-2017 Simon Morlat",
        ),
        Package(
            "twinkle-common",
            "1:1.10.2+dfsg-2",
            "GPL-2.0-or-later",
            "License: GPL-2+\n",
            "2005-2009 Michel de Boer",
        ),
        Package(
            "kajongg",
            "4:22.12.3-1",
            "GPL-2.0-or-later",
            "License: GPL-2+\n",
            "2008-2017 Wolfgang Rohdewald and others",
        ),
        Package(
            "lincity-ng-data",
            "2.9~git20150314-5",
            "GPL-2.0-or-later",
            "License: GPL-2+\n",
            "1995-2008 I J Peters, Greg Sharp, Corey Keasling, Ingo Ruhnke and the LinCity-NG contributors",
        ),
        Package(
            "sonic-pi-samples",
            "3.2.2~repack-8",
            "CC0-1.0",
            "public domain via the Creative Commons 0 License",
            "contributors to freesound.org, collected by Samuel Aaron",
            f"{SONIC_PI}/README.md",
        ),
        Package("focuswriter", "1.8.4-1", "GPL-3.0-or-later", "License: GPL-3+\n", "2008-2023 Graeme Gott"),
        Package(
            "puredata-doc",
            "0.53.1+ds-2+deb12u1",
            "BSD-3-Clause",
            "License: BSD-3-clause\n",
            "1996-2022 Miller Puckette and others",
        ),
        Package(
            "alsa-utils",
            "1.2.8-1",
            "GPL-2.0-only",
            "License: GPL-2\n",
            "1998-2022 Jaroslav Kysela and others",
        ),
    )
}

SOURCES = {
    "fr-welcome": Source("asterisk-prompt-fr-armelle", f"{ARMELLE}/indigen-welcome.gsm"),
    "fr-room-number": Source("asterisk-prompt-fr-armelle", f"{ARMELLE}/conf-getconfno.gsm"),
    "fr-thanks": Source("asterisk-prompt-fr-armelle", f"{ARMELLE}/queue-thankyou.gsm"),
    "fr-please-wait": Source("asterisk-prompt-fr-armelle", f"{ARMELLE}/queue-periodic-announce.gsm"),
    "fr-intro": Source("asterisk-prompt-fr-armelle", f"{ARMELLE}/vm-intro.gsm"),
    "fr-goodbye": Source("asterisk-prompt-fr-armelle", f"{ARMELLE}/vm-goodbye.gsm"),
    "es-options": Source("asterisk-prompt-es-co", "usr/share/asterisk/sounds/es/vm-options.gsm"),
    "en-radio-man": Source("codec2-examples", f"{CODEC2}/vk5qi.wav"),
    "en-man-1": Source("codec2-examples", f"{CODEC2}/hts1a.wav"),
    "en-woman-1": Source("codec2-examples", f"{CODEC2}/hts2a.wav"),
    "en-woman-2": Source("codec2-examples", f"{CODEC2}/forig.wav"),
    "en-man-2": Source("codec2-examples", f"{CODEC2}/morig.wav"),
    "en-cross": Source("codec2-examples", f"{CODEC2}/cross.wav"),
    "en-big-dog": Source("codec2-examples", f"{CODEC2}/big_dog.wav"),
    "linphone-hello": Source("linphone-common", f"{LINPHONE}/hello16000.wav"),
    "en-game-woman": Source("kajongg", f"{KAJONGG}/female2/violatesoriginalcall.ogg"),
    "en-game-man": Source("kajongg", f"{KAJONGG}/male2/violatesoriginalcall.ogg"),
    "de-game-man": Source("kajongg", f"{KAJONGG}/de/male2/violatesoriginalcall.ogg"),
    "en-studio": Source("puredata-doc", "usr/share/puredata/doc/sound/voice.wav"),
    "front-center": Source("alsa-utils", f"{ALSA}/Front_Center.wav"),
    "rear-left": Source("alsa-utils", f"{ALSA}/Rear_Left.wav"),
    "ring-back": Source("linphone-common", f"{LINPHONE}/ringback.wav"),
    "old-phone": Source("linphone-common", f"{LINPHONE}/rings/oldphone-mono.wav"),
    "ring-back-8-bit": Source("twinkle-common", "usr/share/twinkle/ringback.wav"),
    "key": Source("focuswriter", "usr/share/focuswriter/sounds/keyany.wav"),
    "key-enter": Source("focuswriter", "usr/share/focuswriter/sounds/keyenter.wav"),
    "music-blues": Source(
        "lincity-ng-data", f"{LINCITY}/music/default/02 - Robert van Herk - City Blues.ogg", "Robert van Herk"
    ),
    "music-calm": Source(
        "lincity-ng-data",
        f"{LINCITY}/music/default/03 - Robert van Herk - Architectural Contemplations.ogg",
        "Robert van Herk",
    ),
    "traffic": Source("lincity-ng-data", f"{LINCITY}/sounds/TraficHigh3.wav"),
    "water": Source("lincity-ng-data", f"{LINCITY}/sounds/Water1.wav"),
    "line-hiss": Source("lincity-ng-data", f"{LINCITY}/sounds/OreMine2.wav"),
    "room-hum": Source("lincity-ng-data", f"{LINCITY}/sounds/ResidentialHigh3.wav"),
    "door": Source("sonic-pi-samples", f"{SONIC_PI}/perc_door.flac", "hullum (freesound.org 415579)"),
    "crow": Source(
        "sonic-pi-samples", f"{SONIC_PI}/misc_crow.flac", "davidworksonline (freesound.org 54973)"
    ),
    "printer": Source(
        "sonic-pi-samples", f"{SONIC_PI}/loop_3d_printer.flac", "hullum (freesound.org 415571)"
    ),
}
GAME_WORDS = {
    "female2": (("originalcall", "c4", "b8"), ("c5", "c1", "dangerousgame"), ("c3", "c7", "b7")),
    "male2": (("c7", "c4", "s7", "c1"), ("c5", "dangerousgame", "s5", "c8"), ("c6", "c9", "c2", "s6")),
}
"""Words of the two game voices that stand for speakers, clip by clip."""
SOURCES |= {
    f"game-{voice}-{word}": Source("kajongg", f"{KAJONGG}/{voice}/{word}.ogg")
    for voice, clips in GAME_WORDS.items()
    for words in clips
    for word in words
}
SOURCES |= {
    f"fr-{name}": Source("asterisk-prompt-fr-armelle", f"{ARMELLE}/{name}.gsm")
    for name in ("dir-intro", "queue-youarenext", "vm-newuser")
}
SOURCES |= {
    f"es-{name}": Source("asterisk-prompt-es-co", f"usr/share/asterisk/sounds/es/{name}.gsm")
    for name in ("conf-usermenu", "dir-intro", "queue-periodic-announce")
}


class FetchError(Exception):
    """A package could not be had as pinned, or its papers do not say what they should."""


class Shelf:
    """The unpacked packages, fetched when first asked for.

    Parameters
    ----------
    cache
        Folder for the downloaded packages and what is in them; made if missing.
    """

    def __init__(self, cache: Path) -> None:
        self.cache = cache

    def root(self, name: str) -> Path:
        """Return the folder that holds a package's files."""
        package = PACKAGES[name]
        folder = self.cache / f"{name}_{package.version.replace(':', '_')}"
        done = folder / ".complete"
        if not done.exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._unpack(package, folder)
            done.touch()
        papers = (folder / package.paper).read_text(encoding="utf-8")
        if package.evidence not in papers:
            raise FetchError(
                f"{name}: {package.paper} does not say {package.evidence.strip()!r}: check its licence"
            )
        return folder

    def path(self, key: str) -> Path:
        """Return the file of a source."""
        source = SOURCES[key]
        path = self.root(source.package) / source.path
        if not path.is_file():
            raise FetchError(f"{source.package} holds no {source.path}")
        return path

    def _unpack(self, package: Package, folder: Path) -> None:
        wanted = f"{package.name}={package.version}"
        try:
            self._command(["apt-get", "download", "-qq", wanted], folder)
            archive = next(folder.glob("*.deb"))
            self._command(["dpkg-deb", "-x", archive.name, "."], folder)
        except (OSError, subprocess.CalledProcessError, StopIteration) as error:
            raise FetchError(
                f"{wanted} could not be fetched: this needs Debian 12 (bookworm) in the apt sources, "
                f"after 'apt-get update' ({error})"
            ) from error
        archive.unlink()

    @staticmethod
    def _command(words: list[str], folder: Path) -> None:
        # Captured: as root apt warns on every download that it cannot drop its rights in this folder.
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
