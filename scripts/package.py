"""``make package``: the AWS application as ``build/package/sam.json`` and its zips.

Wheels are downloaded for Lambda's platform with their hashes checked, before Chalice sees them. It
exits with an error when Chalice left something out of a zip, when a handler cannot be imported from
its zip alone, or when cfn-lint finds an error.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from scripts import infrastructure, zips
from scripts.infrastructure import ROOT, HeavyFunction

OUT = ROOT / "build" / "package"
STAGE = "prod"
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_24_x86_64")  # the runtime has glibc 2.26
LEFT_OUT = "Could not install dependencies"
NOT_DEPLOYED = shutil.ignore_patterns("__pycache__", "*.pyc", "local")
LINT_ERROR = 2
BIN = Path(sys.executable).parent


def main() -> int:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        made = chalice_package(Path(scratch))
        for function in infrastructure.heavy_functions():
            heavy_zip(function, Path(scratch) / function.name)
    write(OUT / "sam.json", made)
    for code, handlers in handlers_of(made).items():
        print(zips.check(OUT / code, handlers))
    return lint(OUT / "sam.json")


def chalice_package(scratch: Path) -> dict[str, Any]:
    """The merged template of a copy of the project that holds only what is deployed."""
    project = copy_project(scratch / "project")
    wheels = download(ROOT / "requirements.txt", scratch / "wheels")
    merge = scratch / "resources.json"
    write(merge, infrastructure.template())
    command = [BIN / "chalice", "--project-dir", project, "package", "--stage", STAGE]
    told = run([*command, "--merge-template", merge, OUT], offline(wheels))
    if LEFT_OUT in told:
        raise SystemExit(told)
    zips.repack(OUT / "deployment.zip")
    made: dict[str, Any] = json.loads((OUT / "sam.json").read_text("utf-8"))
    return made


def copy_project(target: Path) -> Path:
    """Chalice reads no hashes: its requirements are the same pins without them."""
    target.mkdir()
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, target / name, ignore=NOT_DEPLOYED)
    shutil.copy(ROOT / "app.py", target)
    (target / "requirements.txt").write_text(pins((ROOT / "requirements.txt").read_text("utf-8")))
    return target


def pins(locked: str) -> str:
    """``name==version`` lines of a locked requirements file, markers kept."""
    lines = re.findall(r"^([a-z0-9][^\s=]*==[^\s;\\]+(?:\s*;[^\\\n]*)?)", locked, re.MULTILINE)
    return "".join(f"{line.strip()}\n" for line in lines)


def download(requirements: Path, wheels: Path, function: HeavyFunction | None = None) -> Path:
    """Wheels for Lambda; pip checks every hash and refuses a requirement without one."""
    platforms = function.platforms if function and function.platforms else PLATFORMS
    run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "--only-binary=:all:", "--no-deps"),
            *(argument for platform in platforms for argument in ("--platform", platform)),
            *interpreter(function),
            *("--dest", wheels, "--requirement", requirements),
        ]
    )
    return wheels


def interpreter(function: HeavyFunction | None) -> tuple[str, ...]:
    """What tells pip of an interpreter that is not this one."""
    if function is None or not function.platforms:
        return ()
    version = function.runtime.removeprefix("python")
    abi = "cp" + version.replace(".", "")
    return ("--python-version", version, "--implementation", "cp", "--abi", abi)


def heavy_zip(function: HeavyFunction, folder: Path) -> None:
    """A zip of the function's sources and its own requirements, hashes taken from the local lock."""
    folder.mkdir()
    for source in function.told["sources"]:
        copy(ROOT / source, folder / source)
    locked = locked_like(function.folder / "requirements.txt", ROOT / "requirements-local.txt")
    needs = folder.parent / f"{function.name}.txt"
    needs.write_text(locked)
    wheels = download(needs, folder.parent / f"{function.name}-wheels", function)
    for wheel in sorted(wheels.glob("*.whl")):
        shutil.unpack_archive(wheel, folder, "zip")
    zips.pack(folder, OUT / function.zip_name)


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=NOT_DEPLOYED)
    else:
        shutil.copy(source, target)


def locked_like(wanted: Path, lock: Path) -> str:
    """The lock's entries, hashes included, for what a function wants."""
    names = [line.strip() for line in wanted.read_text("utf-8").splitlines() if line.strip()]
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text("utf-8"))
    found = [e for e in entries if e.split(" ", 1)[0] in names]
    if len(found) != len(names):
        raise SystemExit(f"{wanted}: not every requirement is locked in {lock.name}")
    return "\n".join(found)


def offline(wheels: Path) -> dict[str, str]:
    """An environment in which pip sees these wheels and nothing else."""
    return {
        **os.environ,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def handlers_of(template: dict[str, Any]) -> dict[str, list[str]]:
    """The handlers in each zip."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            found[properties["CodeUri"].removeprefix("./")].append(properties["Handler"])
    return dict(found)


def lint(template: Path) -> int:
    """cfn-lint's findings; 1 when there is an error among them."""
    done = subprocess.run([BIN / "cfn-lint", template], capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr or "cfn-lint: nothing found")
    return 1 if done.returncode & LINT_ERROR or re.search("^E", done.stdout, re.MULTILINE) else 0


def run(command: list[Any], env: dict[str, str] | None = None) -> str:
    """What the command says; ``SystemExit`` with it when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
