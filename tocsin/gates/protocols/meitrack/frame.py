"""Meitrack frames. Source: MEITRACK GPRS Protocol V1.7, section 1.1.

    $$ | a counter, 1 character | length, decimal | ,IMEI,command,data | * | checksum, 2 hex digits | CR LF

The length counts from the first comma to the LF; the checksum is the sum of all bytes up to the asterisk. Data of
CCC and CCE is binary and may hold anything, so only the length says where a frame ends.
"""

from tocsin.gates.protocol import Cut
from tocsin.gates.protocols.fields import first

LONGEST = 4096
START = b"$$"
_MOST_DIGITS = 4


def checksum(data: bytes) -> bytes:
    return b"%02X" % (sum(data) & 0xFF)


def build(start: bytes, counter: bytes, imei: bytes, command: bytes) -> bytes:
    """A frame, whole: `@@` from the server, `$$` from the tracker. `command` with its data."""
    rest = b"," + imei + b"," + command + b"*"
    head = start + counter + b"%d" % (len(rest) + 4) + rest
    return head + checksum(head) + b"\r\n"


def split(buffer: bytes) -> Cut:
    """The first frame of a buffer. A start that the length does not fit to is stepped over."""
    cut = first(buffer, lambda data, spot: data.find(START, spot), _size, sound, _ends)
    half = cut.frame is None and cut.consumed == len(buffer) and buffer[-1:] == b"$"  # of a start
    return Cut(None, len(buffer) - 1) if half else cut


def _ends(buffer: bytes, _start: int, end: int) -> bool:
    """Is it as long as it says, whatever its checksum?"""
    return buffer[end - 1 : end] == b"\n" and buffer[end - 5 : end - 4] == b"*"


def _size(buffer: bytes, start: int) -> int | None:
    """The whole length of the frame at `start`; 0: it is none, None: not known yet."""
    comma = buffer.find(b",", start + 3, start + 4 + _MOST_DIGITS)
    if comma < 0:
        digits = buffer[start + 3 : start + 3 + _MOST_DIGITS + 1]
        short = len(digits) <= _MOST_DIGITS and (digits.isdigit() or not digits)
        return None if short else 0
    digits = buffer[start + 3 : comma]
    if not digits.isdigit():
        return 0
    size = comma - start + int(digits)
    return size if 12 <= size <= LONGEST else 0


def sound(frame: bytes) -> bool:
    """Is the checksum right?"""
    return frame[-5:-4] == b"*" and frame[-2:] == b"\r\n" and frame[-4:-2].upper() == checksum(frame[:-4])
