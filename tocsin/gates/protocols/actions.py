"""What buttons say over MQTT: a word such as "single", "hold", "emergency" or "1_long_release", made a signal.

Settings of a device that a person can give (a list, or words with spaces or commas between them; case does not matter):

    press    these words alarm, and no other does. Without it: every push, and every cry for help
    silent   these alarm silently; `true`: all of them
    test     these are tests
    cancel   these ask to cancel
    alarm    the kind of alarm ("medical"); otherwise what the word says ("fire"), otherwise none

Every push alarms, not only a single one: who is afraid presses again and again, and the button calls that "triple".
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tocsin.gates.protocol import Decoded, Malformed, Session
from tocsin.gates.protocols import values
from tocsin.gates.signal import ALARMS, Signal

PUSHES = frozenset(
    ("single", "double", "triple", "quad", "quadruple", "penta", "quintuple", "many", "short", "long", "hold")
    + ("press", "pressed", "push", "pushed", "click", "clicked", "tap")
)
CRIES = frozenset(("emergency", "panic", "sos", "alarm", "help", "police", "fire", "medical", "duress", "求助", "救命"))
ENDS = frozenset(("release", "released", "stop", "stopped", "end", "off", "clear", "cleared"))
YES = frozenset(("true", "1", "on", "yes"))
LOW = 0.15  # a battery that calls for a new one
REMEMBERED = 5_000  # devices, in one process
CLOCK_IS_RIGHT = timedelta(days=366)
NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_PART = re.compile(r"[\W_]+|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")


def is_push(word: str) -> bool:
    """A push or a cry for help, however the maker writes it ("1_single", "on-press", "SOS"); its release is none."""
    parts = frozenset(_PART.split(word.casefold()))
    return not parts.isdisjoint(PUSHES | CRIES) and parts.isdisjoint(ENDS)


def words(value: Any) -> frozenset[str]:
    """A setting that lists words."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        return frozenset()
    return frozenset(str(word).casefold() for word in value)


def said(session: Session, *names: str, push: bool | None = None, zone: str | None = None, **details: Any) -> Signal:
    """The signal of one action. `names`: what it is called, the first by the device itself; `push`: whether it is one
    where the settings do not say; `details`: further fields of the signal. No push: a sign of life.
    """
    known = frozenset(name.casefold() for name in names)
    if known & words(session.setting("cancel")):
        return Signal(kind="cancel", **details)
    if known & words(session.setting("test")):
        return Signal(kind="test", **details)
    silent, press = session.setting("silent"), session.setting("press")
    hushed = bool(known & words(silent))
    if not hushed:
        push = any(map(is_push, names)) if push is None else push
        if not (known & words(press) if press else push):
            return Signal(kind="heartbeat", **details)
    return Signal(kind="alarm", alarm=_alarm(session, known), silent=hushed or _all(silent), zone=zone, **details)


def level(session: Session, on: bool, **details: Any) -> Signal | None:
    """A latching switch, whose state is repeated: pressed while it is "on" (or "off": a normally closed contact), if
    `press` names that state. None: a state is nobody's alarm.
    """
    press = words(session.setting("press")) & {"on", "off"}
    if len(press) != 1:
        return None
    return state(session, ("on" in press) == on, **details)


def state(session: Session, pressed: bool, alarm: str | None = None, **details: Any) -> Signal:
    """A state that is repeated: only its beginning is a press, and intake finds it."""
    own = session.setting("alarm")
    kind = own if own in ALARMS else alarm
    silent = pressed and _all(session.setting("silent"))
    return Signal(kind="heartbeat", pressed=pressed, alarm=kind if pressed else None, silent=silent, **details)


def _all(silent: Any) -> bool:
    return silent is True or silent in ("true", "1")


def _alarm(session: Session, names: frozenset[str]) -> str | None:
    own = session.setting("alarm")
    if own in ALARMS:
        return str(own)
    parts = {part for name in names for part in _PART.split(name)}
    return next((kind for kind in ALARMS if kind in parts), None)


def battery(percent: Any) -> dict[str, Any]:
    """Fields of a signal from a battery in percent; nothing where there is none."""
    share = values.share(percent)
    if share is None:
        return {}
    return {"battery": share, "flags": ("low_battery",)} if share <= LOW else {"battery": share}


def there(online: bool) -> Signal:
    """A mains device, or its gateway, says that it is here, or the broker (its last will) that it is gone."""
    return Signal(kind="heartbeat", flags=("fault_restored",) if online else ("fault",))


def known(session: Session, *candidates: str) -> str:
    """Which of its names a device is registered by; the first where by none."""
    found = next((name for name in candidates if session.settings(name) is not None), candidates[0])
    session.device = found
    return found


def stranger(session: Session) -> bool:
    return session.device is None or session.settings(session.device) is None


def decoded(session: Session, signals: Iterable[Signal], key: bytes | None = None) -> Decoded:
    """The answer. On a shared broker there are lamps and sensors: of a device that nobody registered only a press is
    anybody's business.
    """
    told = tuple(signals)
    if not told or (stranger(session) and not any(signal.kind == "alarm" or signal.pressed for signal in told)):
        return Decoded()
    return Decoded(device=session.device, signals=told, key=key)


def parsed(payload: bytes, session: Session) -> Any:
    """JSON; None where it is none and nobody knows the device. Raises Malformed for a registered one."""
    try:
        return msgspec.json.decode(payload)
    except NO_JSON as error:
        if stranger(session):
            return None
        raise Malformed(f"no JSON: {error}") from error


def plain(payload: bytes) -> Any:
    """JSON, or the bare word that stands there instead."""
    try:
        return msgspec.json.decode(payload)
    except NO_JSON:
        return payload.decode("utf-8", "replace").strip()


def remember(session: Session, what: str, key: Any, value: Any) -> Any:
    """What was remembered of `key` last, in this process; None: nothing."""
    kept: dict[Any, Any] = session.memory.setdefault(what, {})
    old = kept.pop(key, None)
    kept[key] = value
    if len(kept) > REMEMBERED:
        del kept[next(iter(kept))]
    return old


def plausible(at: datetime | None, now: datetime) -> bool:
    """A clock that was set: its times differ between two presses."""
    return at is not None and abs(at - now) < CLOCK_IS_RIGHT
