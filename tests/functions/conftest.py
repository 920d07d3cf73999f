"""A heavy function's zip, as far as its sources go."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shared_data import ROOT


@pytest.fixture
def run_alone() -> Callable[[str, list[str], Path], str]:
    """Copies sources into an empty folder and imports the handler there, with pydantic and boto3
    hidden, as in the function's zip before its first message."""

    def run(handler: str, sources: list[str], where: Path) -> str:
        for source in sources:
            target = where / source
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile
            copy(ROOT / source, target)
        child = subprocess.run(
            [sys.executable, "-c", ALONE, handler],
            cwd=where,
            capture_output=True,
            text=True,
            check=False,
        )
        return child.stdout.strip() or child.stderr

    return run


ALONE = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path.cwd()))
sys.modules.update(pydantic=None, boto3=None, botocore=None)
from importlib import import_module
from importlib.util import find_spec
handler = import_module(sys.argv[1])
assert find_spec("functions.s3"), "what the first message imports is not shipped"
assert Path(handler.__file__).is_relative_to(Path.cwd()), handler.__file__
import chalicelib
assert Path(chalicelib.__file__).is_relative_to(Path.cwd()), chalicelib.__file__
print("ok")
"""
