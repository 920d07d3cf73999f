"""``loupe follow-ups intents``: what bots did not understand, as files of Lex V2's import format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib.api.missed_utterances import DAYS_MS, lex_files
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.principal import holder_of_start_token
from chalicelib.flow.missed_utterances import report
from chalicelib.formats import lex_import
from chalicelib.formats.bot_file import shipped
from chalicelib.ports.storage import ContactQuery
from local import data_folder


def run(data: Path, settings: Settings, out: Path) -> dict[str, Any]:
    """Write the files below ``out`` and tell what they hold. Raises ``NotLoupes``, ``EngineMissing``."""
    services = local_services(data_folder.existing(data), settings)
    since = services.clock() - DAYS_MS
    found = report(services, holder_of_start_token(), ContactQuery(), shipped(), since)
    files = lex_files(found)
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return {
        "out": str(out),
        "files": len(files),
        "intents": [{"name": p.name, "utterances": len(p.utterances)} for p in found.proposals],
        "status": lex_import.VERIFIED,
    }
