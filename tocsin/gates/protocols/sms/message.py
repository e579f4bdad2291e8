"""A text message as a provider hands it over, and what all providers' requests have in common."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from tocsin.gates.protocol import Malformed, Request, Session
from tocsin.gates.protocols.fields import unix

LONGEST = 4000  # characters kept of a text; six times what phones concatenate
FIELDS = 200

_CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "utf-16be": "utf-16-be", "utf16-be": "utf-16-be", "ucs-2": "utf-16-be"}
_CHARSETS |= {"ucs2": "utf-16-be", "iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252"}
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")


class Sms(NamedTuple):
    """One text. `id` is the provider's own ("": none), `stamp` its time as written, `at` that time if it is sure."""

    sender: str
    text: str
    id: str = ""
    stamp: str = ""
    at: datetime | None = None


class Forbidden(Exception):
    """Not sent by whom it says. Becomes 403."""


class Provider(NamedTuple):
    """How one provider speaks. `read` gives the texts of a request: none for a delivery receipt. Raises Malformed or
    Forbidden. `reply` is the body of the 200 that it waits for.
    """

    read: Callable[[Request, Session], tuple[Sms, ...]]
    reply: bytes = b""
    media: str = "text/plain; charset=utf-8"


def pairs(text: str | bytes) -> list[tuple[str, bytes]]:
    """The fields of a query or a form in their order, values as bytes: the charset may stand in one of them."""
    raw = text if isinstance(text, str) else text.decode("latin-1")
    try:
        found = parse_qsl(raw, keep_blank_values=True, max_num_fields=FIELDS, encoding="latin-1")
    except ValueError as error:
        raise Malformed("too many fields") from error
    return [(name, value.encode("latin-1", "replace")) for name, value in found]


def form(request: Request) -> dict[str, bytes]:
    """The fields of query and body; the first of a name counts."""
    found: dict[str, bytes] = {}
    for name, value in (*pairs(request.query), *pairs(request.body)):
        found.setdefault(name, value)
    return found


def is_json(request: Request) -> bool:
    return request.body.lstrip().startswith((b"{", b"["))


def json(request: Request) -> Any:
    """The body as JSON."""
    try:
        return msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"no JSON: {error}") from error


def first(fields: Mapping[str, Any], *names: str) -> Any:
    """The value of the first of these names that has one."""
    return next((fields[name] for name in names if fields.get(name) not in (None, "", b"")), None)


def word(value: Any) -> str:
    """A field that is a word: an id, a number, a time. "" for what is none."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return _CONTROLS.sub("", str(value)).strip()[:200]


def decoded(raw: bytes, charset: str = "") -> str:
    """The characters of a text: in its charset if that can be, else UTF-8, UTF-16, or Western."""
    stated = _CHARSETS.get(charset.strip().lower().replace("_", "-"))
    sixteen = ("utf-16-be",) if len(raw) % 2 == 0 and 0 in raw else ()
    for codec in ((stated,) if stated else ()) + sixteen + ("utf-8",):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Without what no screen shows and no database keeps, and no longer than LONGEST."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = _CONTROLS.sub("", lines).strip()
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def moment(value: Any) -> datetime | None:
    """Unix seconds or milliseconds, or ISO 8601 with its offset. A time without an offset is nobody's: None."""
    text = word(value)
    if re.fullmatch(r"\d{9,13}(\.\d+)?", text, re.ASCII):
        number = float(text)
        return unix(number if number < 1e11 else number / 1000)
    if re.search(r" \d\d:?\d\d$", text):
        text = text[::-1].replace(" ", "+", 1)[::-1]  # an offset's plus, unescaped, arrives as a space
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
