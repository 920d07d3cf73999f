"""Zips with byte code, the same bytes for the same content, and whether their handlers import alone."""

from __future__ import annotations

import compileall
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from py_compile import PycInvalidationMode

EPOCH = (1980, 1, 1, 0, 0, 0)
LIMIT_ZIPPED = 50_000_000
LIMIT_UNZIPPED = 250_000_000
PROVIDED = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")

_IMPORT = """
import sys
sys.path[:0] = sys.argv[1:3]
import importlib
for handler in sys.argv[3:]:
    module, _, name = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name)), handler
"""


def pack(folder: Path, target: Path) -> None:
    """The folder as a zip, with byte code that Lambda uses without looking at file times."""
    compileall.compile_dir(
        folder,
        quiet=1,
        stripdir=str(folder),
        prependdir="/var/task",
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if path.suffix == ".so" else 0o644) << 16
            packed.writestr(entry, path.read_bytes())


def repack(target: Path) -> None:
    """A zip that somebody else made, as ``pack`` makes it."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(target) as packed:
            packed.extractall(folder)
        pack(Path(folder), target)


def check(target: Path, handlers: Iterable[str]) -> str:
    """Import every handler from nothing but this zip and what Lambda provides; what to tell.

    Raises ``SystemExit`` when one cannot be imported or Lambda would refuse the size.
    """
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target) as packed:
        unzipped = sum(entry.file_size for entry in packed.infolist())
        packed.extractall(folder)
        provided = Path(folder) / ".provided"
        _provide(provided)
        command = [sys.executable, "-I", "-S", "-B", "-c", _IMPORT, folder, str(provided)]
        done = subprocess.run(
            [*command, *handlers], capture_output=True, text=True, check=False, env={}
        )
    if done.returncode:
        raise SystemExit(f"{target.name}: a handler cannot be imported\n{done.stderr}")
    size = target.stat().st_size
    if size > LIMIT_ZIPPED or unzipped > LIMIT_UNZIPPED:
        raise SystemExit(f"{target.name}: {size} bytes, {unzipped} unpacked: too large for Lambda")
    return f"{target.name}: {size / 1e6:.1f} MB, {unzipped / 1e6:.1f} unpacked, imports alone"


def _provide(folder: Path) -> None:
    """Links to what every Python Lambda finds installed."""
    folder.mkdir()
    for name in PROVIDED:
        for found in Path(sysconfig.get_path("purelib")).glob(f"{name}*"):
            (folder / found.name).symlink_to(found)
