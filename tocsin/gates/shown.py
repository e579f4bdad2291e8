"""A frame as an administrator sees it: bytes, text, what it says (as `tocsin decode` tells it), what was answered."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tocsin.gates.decode import read
from tocsin.gates.registry import gates


class Shown(NamedTuple):
    """`said`: one JSON line for each frame that was found in the bytes."""

    at: datetime
    address: str
    hex: str
    text: str
    said: tuple[str, ...]
    reply: str
    reply_text: str


def shown(
    protocol: str,
    frame: bytes,
    at: datetime,
    address: str,
    reply: bytes | None = None,
    device: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Shown:
    said = tuple(json.dumps(line, ensure_ascii=False) for line in decoded(protocol, frame, device, settings))
    told = reply or b""
    return Shown(at, address, frame.hex(" "), text_of(frame), said, told.hex(" "), text_of(told))


def decoded(
    protocol: str, frame: bytes, device: str | None = None, settings: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    return list(read(protocol, [frame.hex()], settings, device)) if protocol in gates() else []


def text_of(frame: bytes) -> str:
    """The frame as text, if people can read it; else nothing."""
    try:
        text = frame.decode()
    except UnicodeDecodeError:
        return ""
    return text if all(c.isprintable() or c in "\r\n\t" for c in text) else ""
