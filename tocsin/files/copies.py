"""The copies that others see, made by programs of their own: photos drawn anew, video and sound without metadata."""

import logging
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from tocsin.files import vault
from tocsin.files.rules import BLANKED, DRAWN

log = logging.getLogger(__name__)
PATIENCE = 30  # seconds


class NoCopy(Exception):
    """Broken, or more than we let it cost."""


def _run(program: str, *arguments: str, content: bytes) -> bytes:
    """What the program beside us makes of it. It has no secrets, and limits of its own. Raises NoCopy."""
    command = [sys.executable, "-I", str(Path(__file__).with_name(program)), *arguments]
    try:
        return subprocess.run(
            command, input=content, capture_output=True, timeout=PATIENCE, check=True, env={}, cwd="/"
        ).stdout
    except subprocess.TimeoutExpired:
        raise NoCopy(f"it took more than {PATIENCE} s") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or [f"it ended with {error.returncode}"]
        raise NoCopy(said[-1][:200]) from None


def redraw(content: bytes) -> tuple[bytes, bytes]:
    """The copy of a photo and its small one, as JPEG. Raises NoCopy."""
    out = _run("redraw.py", content=content)
    first, second = int.from_bytes(out[:4], "big"), int.from_bytes(out[4:8], "big")
    if not first or len(out) != 8 + first + second:
        raise NoCopy("it said nothing that we understand")
    return out[8 : 8 + first], out[8 + first :]


def strip(content: bytes, type_: str) -> bytes:
    """Video or sound with its metadata blanked out. Raises NoCopy."""
    out = _run("strip.py", type_, content=content)
    if len(out) != len(content):
        raise NoCopy("it said nothing that we understand")
    return out


def make(id_: UUID, key: str, type_: str, content: bytes) -> bool:
    """Seal the copies of an attachment; False: there can be none, and others are told so."""
    try:
        if type_ in DRAWN:
            view, thumb = redraw(content)
            vault.seal(memoryview(thumb), vault.place(id_, "thumb"), key)
        elif type_ in BLANKED:
            view = strip(content, type_)
        else:
            return False
    except NoCopy as error:
        log.warning("no copy of attachment %s (%s): %s", id_, type_, error)
        return False
    vault.seal(memoryview(view), vault.place(id_, "view"), key)
    return True
