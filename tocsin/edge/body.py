"""The body of a signal at the front door, and what is said when it is not right."""

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tocsin.gates.signal import KINDS, Position, Signal
from tocsin.lib.words import Language

Degrees = Annotated[float, Meta(ge=-90, le=90)]
Number = Annotated[float, Meta(ge=-1e7, le=1e7)]
Time = Annotated[datetime, Meta(tz=True)]


class PositionBody(msgspec.Struct):
    lat: Degrees
    lon: Annotated[float, Meta(ge=-180, le=180)]
    accuracy: Number | None = None
    altitude: Number | None = None
    speed: Number | None = None
    course: Number | None = None
    at: Time | None = None


class SignalBody(msgspec.Struct, omit_defaults=True):
    kind: Annotated[str, Meta(max_length=40)] = ""
    alarm: Annotated[str, Meta(max_length=200)] | None = None
    at: Time | None = None
    position: PositionBody | None = None
    silent: bool | None = None
    duress: bool | None = None
    battery: Annotated[float, Meta(ge=0, le=1)] | None = None
    text: Annotated[str, Meta(max_length=4000)] | None = None


class Invalid(Exception):
    """Which field is not right, and why, for a person."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.field, self.zh, self.en = field, zh, en

    def why(self, language: Language) -> str:
        return self.zh if language == "zh-hans" else self.en


decoder = msgspec.json.Decoder(SignalBody)
encode = msgspec.json.Encoder().encode


def read(raw: bytes) -> tuple[Signal, bytes]:
    """The signal and its canonical form (by which a resend is known). Raises Invalid."""
    try:
        body = decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("", f"不是有效的 JSON：{error}", f"This is not valid JSON: {error}") from None
    kind = body.kind
    if kind not in KINDS:
        if body.alarm is None:
            said = ", ".join(sorted(KINDS))
            raise Invalid("kind", f"须为以下之一：{said}", f"Must be one of: {said}")
        kind = "alarm"  # whatever a newer client calls it: with a kind of alarm it is an alarm
    if body.duress:
        kind = "alarm"  # whatever else it says: who is forced to ask is in danger
    position = _position(body.position) if body.position else None
    signal = Signal(
        kind=kind,  # type: ignore[arg-type]
        alarm=body.alarm,
        at=body.at,
        position=position,
        silent=body.silent is True or body.duress is True,
        battery=body.battery,
        text=body.text or None,
        flags=("duress",) if body.duress else (),
    )
    return signal, encode(body)


def _position(at: PositionBody) -> Position:
    return Position(
        at.lat, at.lon, _positive(at.accuracy), at.altitude, _positive(at.speed), _positive(at.course), at.at
    )


def _positive(value: float | None) -> float | None:
    """Receivers say -1 for "unknown"."""
    return None if value is None or value < 0 else value


REASONS: tuple[tuple[str, str, str], ...] = (
    (r"missing required field `(.+?)`", "缺少字段 {0}", "The field {0} is missing"),
    (r"`(?:float|int)` >= (\S+)", "不得小于 {0}", "Must be {0} or more"),
    (r"`(?:float|int)` <= (\S+)", "不得大于 {0}", "Must be {0} or less"),
    (r"`str` of length <= (\d+)", "不得超过 {0} 个字符", "Must be {0} characters or fewer"),
    (r"`datetime` with a timezone", "时间须带时区偏移，例如 2026-01-31T12:00:00+02:00",
     "The time needs an offset, such as 2026-01-31T12:00:00+02:00"),
    (r"RFC3339", "须为 ISO 时间，例如 2026-01-31T12:00:00+02:00",
     "Must be an ISO time, such as 2026-01-31T12:00:00+02:00"),
    (r"Expected `object(?: \| null)?`", "须为 JSON 对象", "Must be a JSON object"),
    (r"Expected `(?:float|int)(?: \| null)?`", "须为数字", "Must be a number"),
    (r"Expected `bool(?: \| null)?`", "须为 true 或 false", "Must be true or false"),
    (r"Expected `str(?: \| null)?`", "须为文字", "Must be text"),
    (r"Expected `datetime(?: \| null)?`", "须为带时区的 ISO 时间", "Must be an ISO time with an offset"),
)  # fmt: skip


def _explained(message: str) -> Invalid:
    said, _, path = message.partition(" - at `$")
    field = path.rstrip("`").lstrip(".")
    for pattern, zh, en in REASONS:
        if match := re.search(pattern, said):
            missing = match.group(1) if "missing" in pattern else ""
            where = ".".join(filter(None, (field, missing)))
            return Invalid(where, zh.format(*match.groups()), en.format(*match.groups()))
    return Invalid(field, said, said)


def answer(**fields: Any) -> bytes:
    return msgspec.json.encode(fields)
