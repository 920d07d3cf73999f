"""Finds a Chrome or Chromium for the browser tests; on Debian as root it installs Debian's.

Prints its path. ``LOUPE_CHROMIUM`` names another one. Exits 1 and says what is missing when there is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# Without a font Chromium draws no letters at all.
PACKAGES = ("chromium", "fonts-liberation")
MISSING = (
    "No Chrome or Chromium was found. Install one (Debian: `apt-get install chromium fonts-liberation`) "
    "or name it in LOUPE_CHROMIUM."
)


def find() -> str | None:
    """The path of an installed browser; ``LOUPE_CHROMIUM`` comes first."""
    named = os.environ.get("LOUPE_CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (str(MAC) if MAC.is_file() else None)


def main() -> int:
    """Exit code: 0 when there is a browser."""
    browser = find()
    if not browser and _may_install():
        _install()
        browser = find()
    if not browser:
        print(MISSING, file=sys.stderr)
        return 1
    print(browser)
    return 0


def _may_install() -> bool:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return (
        is_root and Path("/etc/debian_version").is_file() and not os.environ.get("LOUPE_CHROMIUM")
    )


def _install() -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES],
    ):
        print(f"$ {' '.join(command)}", file=sys.stderr, flush=True)
        if subprocess.run(command, env=quiet, stdout=sys.stderr, check=False).returncode:
            return


if __name__ == "__main__":
    sys.exit(main())
