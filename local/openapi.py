"""Write ``docs/openapi.json`` anew, or say with ``--check`` whether it is stale."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chalicelib.api import openapi
from chalicelib.api.resolver import resolver

COMMITTED = Path(__file__).parent.parent / "docs" / "openapi.json"


def main(arguments: list[str] | None = None) -> int:
    """0 when the committed document is the one that the routes make (now)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 when stale")
    wanted = openapi.text(resolver())
    if parser.parse_args(arguments).check:
        return int(not COMMITTED.exists() or COMMITTED.read_text(encoding="utf-8") != wanted)
    COMMITTED.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
