"""The last frames of each device, for the administrator's page. Nothing here is waited for.

A process gathers what its devices say and writes it down every few seconds (`tocsin/edge/recorder.py`); what was
gathered in the seconds before a kill is lost, and so is what goes beyond these bounds in a flood.
"""

from datetime import datetime
from typing import NamedTuple

LAST = 20  # frames kept of a device
DEVICES = 1_000  # between two writes
ROOM = 4 * 1024 * 1024  # bytes of frames and replies between two writes


class Frame(NamedTuple):
    device: int
    protocol: str
    at: datetime
    address: str
    frame: bytes
    reply: bytes | None


def _at(frame: Frame) -> datetime:
    return frame.at


class Traces:
    """What devices said since it was last taken: LAST frames of each."""

    def __init__(self) -> None:
        self.frames: dict[int, list[Frame]] = {}
        self.room = ROOM

    def add(
        self, device: int, protocol: str, at: datetime, address: str, frame: bytes, reply: bytes | None = None
    ) -> None:
        """On the way of every frame: a look-up and an append. `at`: when it came; `reply`: what was answered."""
        kept = self.frames.get(device)
        size = len(frame) + len(reply or b"")
        if size > self.room or (kept is None and len(self.frames) >= DEVICES):
            return
        if kept is None:
            kept = self.frames[device] = []
        elif len(kept) >= LAST:
            oldest = kept.pop(0)
            self.room += len(oldest.frame) + len(oldest.reply or b"")
        self.room -= size
        kept.append(Frame(device, protocol, at, address, frame, reply))

    def take(self) -> list[Frame]:
        """All of it, in the order of devices and of time; it begins anew."""
        taken, self.frames, self.room = self.frames, {}, ROOM
        return [frame for device in sorted(taken) for frame in sorted(taken[device], key=_at)]
