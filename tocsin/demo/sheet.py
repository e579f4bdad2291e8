"""demo.json: addresses, sign-ins, tokens and devices of the demo, for people and for tools."""

import json
import os
from pathlib import Path
from typing import Any

from tocsin.database import data_folder
from tocsin.lib.words import Language, word


def path() -> Path:
    return data_folder() / "demo.json"


def read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path().read_text())
    return found


def _part() -> Path:
    return path().with_suffix(".part")


def prepare(content: dict[str, Any]) -> None:
    """Write it beside its place; only we may read it, for it holds keys."""
    _part().touch(mode=0o600)
    _part().write_text(json.dumps(content, ensure_ascii=False, indent=1))


def prepared() -> bool:
    return _part().exists()


def publish() -> None:
    """Put what was prepared in its place, in one step."""
    os.replace(_part(), path())


def write(content: dict[str, Any]) -> None:
    prepare(content)
    publish()


def sheet(language: Language) -> dict[str, Any]:
    """What the start page shows: the staff of the cities and the root, and a few members."""
    content = read()
    shown = ("PTA", "JNB", "CPT", "DUR", "GP", "NAT")
    staff = [
        {**s, "role_said": word(s["role"], language)}
        for code in shown
        for s in content["staff"]
        if s["center"] == code and s["role"] not in ("responder",) and "second" not in s["login"]
    ]
    members = [m for code in shown for m in [m for m in content["members"] if m["center"] == code][:2]]
    return {"staff": staff, "members": members}
