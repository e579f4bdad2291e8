"""demo.json: addresses, sign-ins, tokens and devices of the demo, for people and for tools."""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from tocsin.lib.words import word


def path() -> Path:
    return Path(settings.DATA) / "demo.json"


def read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path().read_text())
    return found


def write(content: dict[str, Any]) -> None:
    """Replace it in one step; only we may read it, for it holds keys."""
    part = path().with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(content, ensure_ascii=False, indent=1))
    os.replace(part, path())


def sheet() -> dict[str, Any]:
    """What the start page shows: the staff of the cities and the root, and a few members."""
    from django.utils.translation import get_language

    language = "zh-hans" if (get_language() or "zh").startswith("zh") else "en"
    content = read()
    shown = ("PTA", "JNB", "CPT", "DUR", "GP", "NAT")
    staff = [
        {**s, "role_said": word(s["role"], "zh-hans" if language == "zh-hans" else "en")}
        for code in shown
        for s in content["staff"]
        if s["center"] == code and s["role"] not in ("responder",) and "second" not in s["login"]
    ]
    members = [m for code in shown for m in [m for m in content["members"] if m["center"] == code][:2]]
    return {"staff": staff, "members": members}
