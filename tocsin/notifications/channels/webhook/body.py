"""What a partner is told: no more than who comes to help must know. The README is written for partners."""

from typing import Any

import msgspec

from tocsin.notifications.channel import Outgoing

VERSION = 1  # fields may be added in a version; none is renamed, removed or given another meaning


class Center(msgspec.Struct, frozen=True):
    zh: str
    en: str


class Alarm(msgspec.Struct, frozen=True):
    """`place`: an address or a plus code; "" if nobody knows. `repeat`: how often it was told before."""

    number: int
    alarm: str
    silent: bool
    place: str
    center: Center
    link: str
    repeat: int


class Told(msgspec.Struct, frozen=True):
    version: int
    type: str
    data: Alarm


def body(out: Outgoing) -> bytes:
    """The JSON that is sent: the same bytes in each try."""
    facts: dict[str, Any] = dict(out.values)
    zh, en = (*facts.get("center", ("", "")), "", "")[:2]
    told = Told(
        version=VERSION,
        type=f"incident.{facts.get('message', 'alarm')}",
        data=Alarm(
            number=int(facts.get("number", 0)),
            alarm=str(facts.get("alarm", "other")),
            silent=bool(facts.get("silent")),
            place=str(facts.get("where", "")),
            center=Center(str(zh), str(en)),
            link=out.text.link or "",
            repeat=int(facts.get("repeat", 0)),
        ),
    )
    return msgspec.json.encode(told)
