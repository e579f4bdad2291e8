"""Real frames that nobody here wrote (../shared/vectors beside the project), read by us and by an independent decoder.

    python -m tests.gates.vectors    (make vectors): prints the table and writes it into docs/devices.md

`compare` is the one comparison: the tests and the table are made of it. What differs on purpose stands in the README of
the protocol, anywhere, by the numbers of the rows and what differs (one of KINDS):

    - Rows 61, 63 (time): binary, as everywhere in the protocol; Traccar reads it as BCD.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.gates import dc09_vectors, page
from tocsin.gates.protocol import Decoded, HttpGate, Malformed, Request, Session, StreamGate
from tocsin.gates.registry import FOLDER, gates, of_kind

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
FILES = {"ttn": "ttnhttp"}  # where a file is not named as our folder
WHEN_MADE = "2026-11-22T23:"  # the rows were decoded then: such a time was none in the frame
# What an installer sets for the models in the rows.
SETTINGS: dict[str, dict[str, Any]] = {
    "LW4G-4B": {"alarms": {"0x19": "hard_acceleration"}},
    "AL300": {"alarms": {"16": "movement"}},
}
# What the independent decoder calls otherwise.
SYNONYMS = {"accident": "crash"}
KINDS = ("alarm", "position", "time", "device", "reply")
_EXPLAINED = re.compile(rf"\b[Rr]ows? ([\d, ]+(?:and \d+ )?)\(((?:{'|'.join(KINDS)}|, )+)\)")


class Difference(NamedTuple):
    """`kind`: one of KINDS."""

    kind: str
    text: str


class Compared(NamedTuple):
    """One row: its number, which of KINDS it says anything of, and what we read otherwise."""

    number: str
    says: frozenset[str]
    differences: tuple[Difference, ...]


# Rows


def there() -> bool:
    return VECTORS.is_dir()


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one protocol; none where the folder is absent."""
    path = VECTORS / f"{FILES.get(name, name)}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def protocols() -> list[str]:
    """Whose rows are there, and say what an independent decoder made of them."""
    return [name for name in gates() if rows(name) and "decoded" in rows(name)[0]]


def raw(field: dict[str, Any]) -> bytes:
    return bytes.fromhex(field["raw"]) if field["encoding"] == "hex" else field["raw"].encode("latin-1")


def read(name: str, row: dict[str, Any], now: datetime) -> Decoded:
    """The row as our decoder reads it, in a session that knows its device."""
    model = row.get("decoder_settings", {}).get("setModelOverride")
    settings = SETTINGS.get(model or "", {}) | ({"model": model} if model else {})
    session = Session(device="350000000000001", settings=lambda _identifier: settings)
    try:
        if "url" in row:
            return of_kind(HttpGate)[name].decode(_request(row), Session(settings=lambda _identifier: settings), now)
        return of_kind(StreamGate)[name].decode(raw(row), session, now)
    except Malformed as error:
        return Decoded(device=f"malformed: {error}", status=400)


def _request(row: dict[str, Any]) -> Request:
    url, body = urlsplit(row["url"]), (row.get("body") or "").encode()
    headers = {"content-type": "application/json"} if body[:1] in (b"{", b"[") else {}
    return Request(method=row["method"], path=url.path or "/", query=url.query, headers=headers, body=body)


# The comparison


def compare(name: str, row: dict[str, Any]) -> Compared:
    now = datetime.now(UTC)
    number, want = row["id"].rsplit(":", 1)[-1], row["decoded"]
    if "error" in want:
        return Compared(number, frozenset(), ())  # the independent decoder failed itself
    ours = read(name, row, now)
    later = read(name, row, now + timedelta(hours=1))
    found = [*_device(want, ours), *_places(want, ours), *_times(row, ours), *_alarms(want, ours)]
    says = {"device"} if any(want["device_ids"]) else set()
    says |= {"position", "time"} if want["positions"] else set()
    says |= {"alarm"} if any(p["attributes"].get("alarm") for p in want["positions"]) else set()
    if ours.reply == later.reply:  # else it holds the time, and cannot be compared
        says |= {"reply"} if want["replies"] else set()
        found += _replies(want["replies"], ours)
    return Compared(number, frozenset(says), tuple(found))


def _device(want: dict[str, Any], ours: Decoded) -> Iterator[Difference]:
    if any(want["device_ids"]) and ours.device != want["device_ids"][0]:
        yield Difference("device", f"{ours.device} for {want['device_ids'][0]}")


def _places(want: dict[str, Any], ours: Decoded) -> Iterator[Difference]:
    theirs = [p for p in want["positions"] if p.get("lat") is not None and not p["outdated"]]
    found = [signal.position for signal in ours.signals if signal.position]
    if len(theirs) != len(found):
        yield Difference("position", f"{len(found)} for {len(theirs)}")
    for place, position in zip(theirs, found, strict=False):
        if abs(place["lat"] - position.lat) > 1e-5 or abs(place["lon"] - position.lon) > 1e-5:
            yield Difference("position", f"{position.lat}, {position.lon} for {place['lat']}, {place['lon']}")
        if abs(place["speed_knots"] * 1852 / 3600 - (position.speed or 0)) > 1e-3:
            yield Difference("position", f"speed {position.speed} m/s for {place['speed_knots']} knots")
        if abs(place["course"] - (position.course or 0)) > 1e-3:
            yield Difference("position", f"course {position.course} for {place['course']}")
        if position.altitude is not None and abs(position.altitude - place["altitude_m"]) > 1e-3:
            yield Difference("position", f"altitude {position.altitude} for {place['altitude_m']}")


def _times(row: dict[str, Any], ours: Decoded) -> Iterator[Difference]:
    if "timestamp" not in row.get("url", "timestamp") and not row.get("body"):
        return  # no time in the request: it says now
    for theirs, signal in zip(row["decoded"]["positions"], ours.signals, strict=False):
        at = theirs.get("deviceTime")
        if not at or at >= WHEN_MADE or at[4:5] != "-":
            continue  # no time in the frame: it says now; or a year that no calendar has
        if signal.at is None or abs(signal.at - datetime.fromisoformat(at)) >= timedelta(milliseconds=1):
            yield Difference("time", f"{signal.at} for {at}")


def _alarms(want: dict[str, Any], ours: Decoded) -> Iterator[Difference]:
    for n, theirs in enumerate(want["positions"]):
        words = {_snake(word) for word in (theirs["attributes"].get("alarm") or "").split(",") if word}
        words = {SYNONYMS.get(word, word) for word in words}
        signal = ours.signals[n] if n < len(ours.signals) else None
        press = bool(signal and (signal.kind == "alarm" or signal.pressed))
        if ("sos" in words) != press:
            yield Difference("alarm", f"{signal.kind if signal else 'nothing'} for {sorted(words)}")
        if signal and not words - {"sos"} <= {*signal.flags, signal.alarm}:
            yield Difference("alarm", f"flags {list(signal.flags)} for {sorted(words)}")


def _replies(theirs: list[str], ours: Decoded) -> Iterator[Difference]:
    if theirs and theirs[0].startswith("http:"):
        if not theirs[0].startswith(f"http:{ours.status}:"):
            yield Difference("reply", f"status {ours.status} for {theirs[0]}")
        return
    want = b"".join(
        reply[5:].encode("latin-1") if reply.startswith("text:") else bytes.fromhex(reply) for reply in theirs
    )
    if want != (ours.reply or b""):
        yield Difference("reply", f"{ours.reply.hex() if ours.reply else None} for {theirs}")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


# What differs on purpose


@cache
def explained(name: str) -> dict[str, set[str]]:
    """What the protocol's README says of rows: which of KINDS differ on purpose, by row."""
    known: dict[str, set[str]] = {}
    for numbers, kinds in _EXPLAINED.findall((FOLDER / name / "README.md").read_text()):
        for number in re.findall(r"\d+", numbers):
            known.setdefault(number, set()).update(re.findall(r"[a-z]+", kinds))
    return known


def unexplained(name: str) -> Iterator[str]:
    """What is wrong with us, or with the README: a difference that it does not name, and one that is none any more."""
    known = explained(name)
    for row in rows(name):
        found = compare(name, row)
        differing = {difference.kind for difference in found.differences}
        stated = known.get(found.number, set())
        for difference in found.differences:
            if difference.kind not in stated:
                yield f"{found.number}: {difference.kind}: {difference.text}"
        for kind in sorted(stated - differing):
            yield f"{found.number}: README explains {kind}, but it is equal"


# Frames out of a buffer


def cut(row: dict[str, Any]) -> bool | None:
    """Is the first frame cut out as expected? None: not a protocol of ours, or a row without bytes."""
    gate = of_kind(StreamGate).get(row["protocol"])
    if gate is None or "raw" not in row["input"]:
        return None
    return gate.split(raw(row["input"])).frame == raw(row["expected_frame"])


# The table


def share(good: int, all_: int) -> str:
    return f"{good}/{all_}" if all_ else ""


def table() -> Iterator[str]:
    """A line for each protocol: rows equal of the rows that say anything of it."""
    yield "| protocol | rows | alarms | positions | times | identifiers | replies | differing | explained | equal |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    every: list[tuple[Compared, bool]] = []
    for name in protocols():
        judged = [(found, found.number in explained(name)) for found in (compare(name, row) for row in rows(name))]
        every += judged
        yield _line(name, judged)
    yield _line("**all**", every)


def _line(name: str, judged: list[tuple[Compared, bool]]) -> str:
    def right(kind: str) -> str:
        asked = [found for found, _ in judged if kind in found.says]
        return share(sum(all(d.kind != kind for d in found.differences) for found in asked), len(asked))

    differing = [known for found, known in judged if found.differences]
    equal = 100 * (len(judged) - len(differing)) / len(judged)
    cells = (name, len(judged), *map(right, KINDS), len(differing), sum(differing), f"{equal:.1f} %")
    return f"| {' | '.join(map(str, cells))} |"


def also() -> Iterator[str]:
    """Frames out of buffers, and the frames of alarm panels (SIA DC-09), which are judged by the standard."""
    cuts = [judged for judged in map(cut, rows("frame_splitting")) if judged is not None]
    yield f"- First frame cut out of a buffer: {share(sum(cuts), len(cuts))}."
    panels = list(dc09_vectors.judged())
    verdicts = Counter(re.split("[:,]", why)[0] for _, right, why in panels if right)
    said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    yield f"- SIA DC-09, judged right: {share(sum(right for _, right, _ in panels), len(panels))} ({said})."


def main() -> None:
    page.write("protocols", page.protocols())
    if not there():
        sys.exit(f"no {VECTORS}: real frames are not part of the project")
    made = "\n".join((*table(), "", *also()))
    print(made)
    page.write("vectors", made)


if __name__ == "__main__":
    main()
