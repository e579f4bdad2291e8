"""The payloads of LoRaWAN buttons and trackers, in the bytes that they send: for a network server without a formatter.

Out comes what a formatter would make of them, under names that formatted.py knows; {} for what is not understood.

    ws101     Milesight WS101, WS101 SOS   port 85    milesight.com, WS101 uplink
    tbpb100   Browan (Tabs) push button    port 147   TTN device repository, browan/tbpb100
    t1000     SenseCAP T1000-A, -B         port 5     wiki.seeedstudio.com/T1000_payload
    trackerd  Dragino TrackerD, LGT-92     ports 2…10 TTN device repository, dragino/trackerd and lgt92
    pb01      Dragino PB01-L               port 2     TTN device repository, dragino/pb01-l

The first three are recognized by port and shape; the others share theirs with sensors, so that they must be named.
"""

from collections.abc import Callable
from typing import Any

Fields = dict[str, Any]

PRESSES = {1: "short", 2: "long", 3: "double"}


def read(model: str, port: int, data: bytes) -> Fields:
    """The fields of a payload. `model` is a name in any spelling ("WS101-SOS", "sensecapt1000-tracker-ab") or ""."""
    name = "".join(letter for letter in model.lower() if letter.isalnum())
    for known, decode in MODELS.items():
        if known in name:
            return decode(port, data)
    if port == 85:
        return milesight(port, data)
    if port == 147 and len(data) == 8:
        return tabs(port, data)
    return sensecap(port, data) if port == 5 and _whole(data) else {}


def milesight(port: int, data: bytes) -> Fields:
    """Channel, type, value; the length of the value follows from both."""
    lengths = {0x01: 1, 0x08: 6, 0x09: 2, 0x0A: 2, 0x0B: 1, 0x0F: 1, 0x2E: 1, 0xFE: 1, 0xFF: 2}
    found: Fields = {}
    place = 0
    while port == 85 and place + 3 <= len(data):
        channel, kind, value = data[place : place + 3]
        if (channel, kind) == (0x01, 0x75):
            found["battery_percent"] = value
            place += 3
        elif channel == 0xFF and kind in lengths:
            if kind == 0x2E:
                found["button"] = PRESSES.get(value, "pressed")
            place += 2 + lengths[kind]
        else:
            break
    return found


def tabs(port: int, data: bytes) -> Fields:
    """Status (bits 0 and 1: a button), battery (low half: 25 and more tenths of a volt), temperature, time, count."""
    if port != 147 or len(data) < 3:
        return {}
    return {"button": bool(data[0] & 0x03), "battery_volts": (25 + (data[1] & 0x0F)) / 10}


# SenseCAP T1000: how long a frame of an id is; where its events (3 bytes), its time and its battery stand.
LENGTHS = {0x01: 47, 0x02: 16, 0x03: 32, 0x04: 10, 0x05: 5, 0x06: 22, 0x07: 42, 0x08: 35, 0x09: 18} | {
    0x0A: 38, 0x0B: 31, 0x0D: 5, 0x0F: 17, 0x10: 13, 0x11: 14
}  # fmt: skip
EVENTS = {0x06: 1, 0x07: 1, 0x08: 1, 0x09: 1, 0x0A: 1, 0x0B: 1, 0x0F: 1, 0x10: 1, 0x11: 2}
BATTERY = {0x01: 1, 0x02: 1, 0x05: 1, 0x06: 21, 0x07: 41, 0x08: 34, 0x09: 17, 0x0A: 37, 0x0B: 30} | {
    0x0F: 13, 0x10: 9, 0x11: 13
}  # fmt: skip
WORDS = {0x01: "movement", 0x04: "no_motion", 0x08: "vibration", 0x10: "temperature"}


def sensecap(port: int, data: bytes) -> Fields:
    """Frames one after another: an id and what belongs to it, big-endian."""
    found: Fields = {}
    while port == 5 and data and len(data) >= LENGTHS.get(data[0], 1 << 16):
        frame, data = data[: LENGTHS[data[0]]], data[LENGTHS[data[0]] :]
        kind = frame[0]
        if kind in BATTERY:
            found["battery_percent"] = frame[BATTERY[kind]]
        if kind in EVENTS:
            events = frame[EVENTS[kind] + 2]
            found["sos"] = bool(events & 0x40) or found.get("sos", False)
            found["press_once"] = bool(events & 0x80)
            found["words"] = [word for bit, word in WORDS.items() if events & bit]
            # 06 and 09: after the events a count of movements, the time, longitude, latitude
            found["time"] = _unsigned(frame, 5)
        if kind in (0x06, 0x09):
            found |= {"longitude": _signed(frame, 9) / 1e6, "latitude": _signed(frame, 13) / 1e6}
    return found


def _whole(data: bytes) -> bool:
    """Does it consist of T1000 frames and nothing else? The upper two bytes of events are 0."""
    while data and len(data) >= LENGTHS.get(data[0], 1 << 16):
        events = EVENTS.get(data[0])
        if events and any(data[events : events + 2]):
            return False
        data = data[LENGTHS[data[0]] :]
    return not data


def dragino(port: int, data: bytes) -> Fields:
    """A word of two bytes holds the alarm (bit 14) and the battery in mV; ports 2 and 3 begin with the place.

    Firmware 1.5 put speed and course before that word, so its payloads are longer. Port 4 is history: not read.
    """
    word = {2: 8, 3: 8, 6: 24, 7: 0, 8: 7, 9: 0, 10: 35}.get(port)
    if port in (2, 3) and len(data) >= 19:
        word = 16
    if word is None or len(data) < word + 3:
        return {}
    state = int.from_bytes(data[word : word + 2], "big")
    found: Fields = {"alarm_status": bool(state & 0x4000), "battery_volts": (state & 0x3FFF) / 1000}
    if port in (2, 3):
        found |= {"latitude": _signed(data, 0) / 1e6, "longitude": _signed(data, 4) / 1e6}
    return found


def pb01(port: int, data: bytes) -> Fields:
    """Battery in mV (2), sounds (1), alarm (1), temperature and humidity (2 each)."""
    if port != 2 or len(data) != 8:
        return {}
    return {"button": bool(data[3] & 0x01), "battery_volts": int.from_bytes(data[:2], "big") / 1000}


def _signed(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "big", signed=True)


def _unsigned(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "big")


Decode = Callable[[int, bytes], Fields]
MODELS: dict[str, Decode] = {
    "ws101": milesight,
    "tbpb100": tabs,
    "t1000": sensecap,
    "trackerd": dragino,
    "lgt92": dragino,
    "pb01": pb01,
}
