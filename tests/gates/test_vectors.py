"""Real frames that nobody here wrote (../shared/vectors beside the project): position, time, device, alarm, reply."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tocsin.gates.protocol import Decoded, HttpGate, Request, Session
from tocsin.gates.registry import gates

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"

# What differs on purpose, and why.
EXPLAINED = {
    "gt06": {
        "35": "flags: 'general' of a student card, in a location packet for which no alarm code is documented",
        "37": "reply: wrong CRC in the row, so we do not answer",
        "39": "reply: wrong length and CRC in the row, so we do not answer",
        "53": "reply: wrong CRC in the row, so we do not answer",
        "61": "time: 14 0C 0B 0A 26 2A is binary, as everywhere in the protocol; the other decoder reads it as BCD",
        "159": "time: the row belongs to a login with a time zone of +8 h that is held back",
        "167": "reply: wrong CRC in the row (its place was made unknown), so we do not answer",
        "169": "reply: wrong CRC in the row (its place was made unknown), so we do not answer",
        "175": "reply: wrong CRC in the row (its IMEI was made unknown), so we do not answer",
    },
    "jt808": {
        "19": "reply: as it is on the wire; the row shows it before 7E is escaped",
        "53": "reply: it holds the time",
        "59": "reply: wrong length and checksum in the row, so we do not answer",
    },
    "gl200": {
        "2": "device, speed: an IMEI is two digits a byte (the row: one number); 22.1 km/h, not 563",
        "4": "device: the name of the tracker in ASCII; the row takes it for a number",
        "6": "device: the name of the tracker in ASCII; the row takes it for a number",
        "51": "time: of the fix, as in every other GTFRI",
        "157": "device: the IMEI; the row takes the number of the SIM",
        "189": "1: a position at the end of a GTCAN that the other decoder does not read",
    },
    "meitrack": {
        "13": "alarm: event 1 in CCE is the SOS as it is in AAA",
        "15": "alarm: event 1 in CCE is the SOS as it is in AAA",
        "31": "reply: a picture was taken; we do not fetch it",
    },
    "teltonika": {
        "47": "speed: of the GPS element; the row takes AVL 24 for this model",
        "51": "reply: a picture; we do not fetch it",
    },
    "eelink": {"33": "reply: it holds the time"},
    "h02": {
        "17": "reply: a V1 without place and time is answered as every V1",
        "41": "position: FFFBFFFF, bit 18 clear, is a plain report; a device that means SOS by it has sos_mask 0x40002",
        "73": "position: FFFBFFFF, as 41",
        "75": "position: FFFBFFFF, as 41",
    },
    "tk103": {
        "31": "time: month 18 in the row; an alarm with such a clock is of now",
        "41": "device: an identifier of 11 digits, without the bracket before it",
    },
    "xexun": {"1": "time: none in the row"},
}
WHEN_MADE = "2026-11-22T23:"  # the rows were decoded then
# What an installer sets for the models in the rows.
SETTINGS = {"LW4G-4B": {"alarms": {"0x19": "hard_acceleration"}}, "AL300": {"alarms": {"16": "movement"}}}


def rows(name: str) -> list[dict[str, Any]]:
    path = VECTORS / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"no {path}: real frames are not part of the project")
    return [json.loads(line) for line in path.read_text().splitlines()]


def settings(model: str | None, _identifier: str) -> dict[str, Any]:
    return SETTINGS.get(model or "", {})


def decode(name: str, row: dict[str, Any], session: Session) -> Decoded:
    gate, now = gates()[name], datetime.now(UTC)
    if isinstance(gate, HttpGate):
        url = urlsplit(row["url"])
        request = Request(method=row["method"], path=url.path, query=url.query, body=(row.get("body") or "").encode())
        return gate.decode(request, session, now)
    raw = bytes.fromhex(row["raw"]) if row["encoding"] == "hex" else row["raw"].encode("latin-1")
    return gate.decode(raw, session, now)


def wire(reply: str) -> str:
    """A reply of the row in hex; some are written as text. The time of H02's V4 is none of the device's."""
    text = reply.startswith("text:")
    return re.sub(r",20\d{12}#$", ",now#", reply[5:]).encode("latin-1").hex() if text else reply


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


def differences(row: dict[str, Any], got: Decoded) -> Iterator[str]:
    """What we read otherwise than the independent decoder."""
    want = row["decoded"]
    if "error" in want:
        return  # the independent decoder failed itself
    if any(want["device_ids"]) and got.device != want["device_ids"][0]:
        yield f"device {got.device} for {want['device_ids'][0]}"
    places = [p for p in want["positions"] if p.get("lat") is not None and not p["outdated"]]
    ours = [s.position for s in got.signals if s.position]
    if len(places) != len(ours):
        yield f"{len(ours)} positions for {len(places)}"
    for place, position in zip(places, ours, strict=False):
        if abs(place["lat"] - position.lat) > 1e-5 or abs(place["lon"] - position.lon) > 1e-5:
            yield f"at {position.lat}, {position.lon} for {place['lat']}, {place['lon']}"
        if abs(place["speed_knots"] * 1852 / 3600 - (position.speed or 0)) > 1e-3:
            yield f"speed {position.speed} m/s for {place['speed_knots']} knots"
        if place["course"] != (position.course or 0) or position.altitude not in (None, place["altitude_m"]):
            yield f"course {position.course} or altitude {position.altitude}"
    for there, signal in zip(want["positions"], got.signals, strict=False):
        at = there.get("deviceTime")
        if at and "timestamp" not in row.get("url", "timestamp"):
            continue  # no time in the request: it says now
        if at and at >= WHEN_MADE:
            at = None  # no time in the frame: it says now
        if at and at[4:5] != "-":
            continue  # a year that no calendar has
        if at and signal.at != datetime.fromisoformat(at):
            yield f"time {signal.at} for {at}"
        alarms = {snake(word) for word in (there["attributes"].get("alarm") or "").split(",") if word}
        alarms = {"crash" if word == "accident" else word for word in alarms}
        if ("sos" in alarms) != (signal.kind == "alarm" or signal.pressed is True):
            yield f"{signal.kind} for {alarms}"
        if not alarms - {"sos"} <= set(signal.flags):
            yield f"flags {signal.flags} for {alarms}"
    replies = want["replies"]
    if replies and replies[0].startswith("http:"):
        if not replies[0].startswith(f"http:{got.status}:"):
            yield f"status {got.status} for {replies[0]}"
    elif ("".join(map(wire, replies)) or None) != (wire(f"text:{got.reply.decode('latin-1')}") if got.reply else None):
        yield f"reply {got.reply.hex() if got.reply else None} for {replies}"


@pytest.mark.parametrize("name", sorted(name for name in gates() if (VECTORS / f"{name}.jsonl").exists()) or ["gt06"])
def test_real_frames_are_read_as_an_independent_decoder_reads_them(name: str) -> None:
    wrong, explained = {}, EXPLAINED.get(name, {})
    for row in rows(name):
        model = row.get("decoder_settings", {}).get("setModelOverride")
        session = Session(device="350000000000001", settings=partial(settings, model))
        found = list(differences(row, decode(name, row, session)))
        number = row["id"].rsplit(":", 1)[-1]
        if found and not (
            number in explained
            and all(why.split()[0] in re.split("[:, ]+", explained[number].partition(":")[0]) for why in found)
        ):
            wrong[number] = found
    assert not wrong, "\n".join(f"{number}: {'; '.join(found)}" for number, found in wrong.items())


def test_the_first_frame_is_cut_out_of_a_buffer() -> None:
    for row in rows("frame_splitting"):
        gate = gates().get(row["protocol"])
        if gate is None or isinstance(gate, HttpGate) or row["input"]["encoding"] != "hex":
            continue
        frame, _consumed = gate.split(bytes.fromhex(row["input"]["raw"]))
        assert frame == bytes.fromhex(row["expected_frame"]["raw"]), row["source"]
