"""What the tests of every stream protocol promise alike: any chunks, any bytes. Only tests import this."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st

from tocsin.gates.protocol import Decoded, Malformed, Moment, Session, StreamGate

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
HERE = Moment(NOW, -25.7479, 28.2293, speed=10.0, course=271, battery=0.5)


def session(device: str = "356314041234567", nonce: bytes = b"", **settings: object) -> Session:
    return Session(device=device, settings=lambda _: settings, nonce=nonce)


def cut(split: Callable[[bytes], tuple[bytes | None, int]], data: bytes) -> tuple[list[bytes], bytes]:
    """All frames of a buffer, and the rest that waits for more."""
    frames = []
    while data:
        frame, consumed = split(data)
        assert 0 <= consumed <= len(data)
        assert frame is None or consumed
        if not consumed:
            break
        data = data[consumed:]
        if frame:
            frames.append(frame)
    return frames, data


@st.composite
def streams(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """Frames, broken ones and garbage."""
    pieces = st.lists(st.one_of(st.sampled_from(samples), st.binary(max_size=12)), max_size=6)
    data = bytearray(b"".join(draw(pieces)))
    for spot, value in draw(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4)):
        if spot < len(data):
            data[spot] = value
    return bytes(data)


def chunks() -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, 40), min_size=1, max_size=30)


def chunking_changes_nothing(gate: StreamGate, data: bytes, sizes: Sequence[int]) -> None:
    """The same bytes give the same frames however they were cut, and no more is kept than the longest frame."""
    found: list[bytes] = []
    buffer, spot, turn = b"", 0, 0
    while spot < len(data):
        size = sizes[turn % len(sizes)]
        more, buffer = cut(gate.split, buffer + data[spot : spot + size])
        found += more
        spot, turn = spot + size, turn + 1
    assert (found, buffer) == cut(gate.split, data)
    assert len(buffer) <= gate.longest


def no_bytes_make_it_fail(gate: StreamGate, frame: bytes, some: Session) -> Decoded | None:
    """Malformed or a sane answer, nothing else."""
    try:
        decoded = gate.decode(frame, some, NOW)
    except Malformed:
        return None
    for signal in decoded.signals:
        fix = signal.position
        assert fix is None or (abs(fix.lat) <= 90 and abs(fix.lon) <= 180)
        assert signal.battery is None or 0 <= signal.battery <= 1
        assert signal.at is None or signal.at.tzinfo is UTC
    return decoded
