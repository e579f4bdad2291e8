"""Metadata of video and sound, blanked out in place: nothing moves, so that every offset in the file stays true. Pure.

MP4, MOV, M4A (ISO/IEC 14496-12): the boxes that hold where, when and with what it was taken become `free` boxes of
zeros; times of making become 0; a track that is neither picture nor sound (positions second by second) goes with its
samples. WebM (RFC 9559): Tags and Attachments become Void, and so do titles and dates.
A file that cannot be read to its end is refused: then there is no copy, and others are told so.

Run as a program of its own, with limits, as `redraw.py`; it imports nothing of Tocsin.

    python -I strip.py video/mp4    input: the file; output: the same, blanked; or 1, and the reason on stderr
"""

import resource
import sys
from collections.abc import Iterator
from itertools import islice

HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex", b"dinf"}
PRIVATE = {b"udta", b"meta", b"uuid", b"XMP_", b"ID32", b"cprt", b"albm", b"loci", b"gps ", b"emsg", b"prft"}
KNOWN = {
    b"ftyp", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"sidx", b"moov", b"moof", b"mfra", b"pdin",
    b"ssix", *PRIVATE,
}  # fmt: skip
TIMES = {b"mvhd", b"tkhd", b"mdhd"}  # version, flags, then two times of 4 (version 0) or 8 bytes
TRACKS = {b"vide", b"soun", b"tmcd", b"subt", b"text", b"sbtl", b"clcp", b"hint", b"auxv"}  # of the others we know not


class NotStripped(Exception):
    """No copy without metadata can be made; the text says why."""


def strip(data: bytearray, type_: str) -> None:
    """Blank out the metadata. Raises NotStripped."""
    try:
        if type_.endswith("webm"):
            _webm(data)
        else:
            _boxes(data, 0, len(data), top=True)
    except (IndexError, RecursionError) as error:
        raise NotStripped("it ends too early") from error


def _boxes(data: bytearray, at: int, end: int, top: bool = False, depth: int = 0) -> None:
    while at < end:
        if end - at < 8:
            if any(data[at:end]):
                raise NotStripped("bytes that belong to no box")
            return
        size, name, body = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8]), at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = end - at
        if size < body - at or at + size > end or (top and name not in KNOWN):
            raise NotStripped(f"a box {name!r} that does not fit")
        if name in PRIVATE:
            data[at + 4 : at + 8] = b"free"
            data[body : at + size] = bytes(at + size - body)
        elif name in (b"free", b"skip", b"wide"):
            data[body : at + size] = bytes(at + size - body)
        elif name in TIMES:
            data[body + 4 : body + (20 if data[body] == 1 else 12)] = bytes(16 if data[body] == 1 else 8)
        elif name == b"trak" and _handler(data, body, at + size) not in TRACKS:
            _blank_track(data, body, at + size)
            data[at + 4 : at + 8] = b"free"
            data[body : at + size] = bytes(at + size - body)
        elif name == b"hdlr" and depth == 3 and size > body - at + 24:
            data[body + 24 : at + size] = bytes(at + size - body - 24)  # the maker's name
        elif name in HOLDERS and depth < 8:
            _boxes(data, body, at + size, depth=depth + 1)
        at += size


def _inside(data: bytearray, at: int, end: int, *path: bytes) -> tuple[int, int]:
    """Where the content of a box lies: (start, end). Raises NotStripped."""
    while at + 8 <= end:
        size, name = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8])
        if size < 8 or at + size > end:
            break
        if name == path[0]:
            return _inside(data, at + 8, at + size, *path[1:]) if len(path) > 1 else (at + 8, at + size)
        at += size
    raise NotStripped(f"a track without {path[0]!r}")


def _handler(data: bytearray, at: int, end: int) -> bytes:
    """What a track is: vide, soun, meta …"""
    start, _ = _inside(data, at, end, b"mdia", b"hdlr")
    return bytes(data[start + 8 : start + 12])


def _numbers(data: bytearray, at: int, end: int, width: int = 4) -> list[int]:
    """The entries of a table: version and flags, how many, then so many of `width` bytes."""
    count = int.from_bytes(data[at + 4 : at + 8], "big")
    if at + 8 + count * width > end:
        raise NotStripped("a table that does not fit")
    return [int.from_bytes(data[n : n + width], "big") for n in range(at + 8, at + 8 + count * width, width)]


def _blank_track(data: bytearray, at: int, end: int) -> None:
    """The samples of a track become zeros (8.7: sizes, samples by chunk, offsets of chunks)."""
    table = _inside(data, at, end, b"mdia", b"minf", b"stbl")
    start, stop = _inside(data, *table, b"stsz")
    same, count = (int.from_bytes(data[start + n : start + n + 4], "big") for n in (4, 8))
    sizes = iter([same] * min(count, len(data)) if same else _numbers(data, start + 4, stop))
    runs = _numbers(data, *_inside(data, *table, b"stsc"), 12)
    try:
        chunks = _numbers(data, *_inside(data, *table, b"stco"))
    except NotStripped:
        chunks = _numbers(data, *_inside(data, *table, b"co64"), 8)
    run = -1
    for number, chunk in enumerate(chunks, 1):
        while run + 1 < len(runs) and runs[run + 1] >> 64 <= number:
            run += 1
        length = sum(islice(sizes, runs[run] >> 32 & 0xFFFFFFFF if run >= 0 else 0))
        if chunk + length > len(data):
            raise NotStripped("samples that do not fit")
        data[chunk : chunk + length] = bytes(length)


HEAD, SEGMENT, CLUSTER, INFO = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1549A966
TAGS, ATTACHMENTS, CHAPTERS = 0x1254C367, 0x1941A469, 0x1043A770
TITLE, DATE, FILE_NAME, MUXER, WRITER, VOID = 0x7BA9, 0x4461, 0x7384, 0x4D80, 0x5741, 0xEC
LEVEL_1 = {SEGMENT, CLUSTER, INFO, TAGS, ATTACHMENTS, CHAPTERS, 0x114D9B74, 0x1654AE6B, 0x1C53BB6B}


def _webm(data: bytearray) -> None:
    for element, _, body, end in _elements(data, 0, len(data)):
        if element == SEGMENT:
            for each in _elements(data, body, end):
                _level_1(data, *each)
        elif element not in (HEAD, VOID):
            raise NotStripped(f"an element {element:x} outside the segment")


def _level_1(data: bytearray, element: int, start: int, body: int, end: int) -> None:
    if element in (TAGS, ATTACHMENTS, CHAPTERS):
        _void(data, start, end)
    elif element == VOID:
        data[body:end] = bytes(end - body)
    elif element == INFO:
        for inner, inner_start, inner_body, inner_end in _elements(data, body, end):
            if inner in (TITLE, DATE, FILE_NAME):
                _void(data, inner_start, inner_end)
            elif inner in (MUXER, WRITER):
                data[inner_body:inner_end] = b" " * (inner_end - inner_body)


def _void(data: bytearray, start: int, end: int) -> None:
    """The element becomes a Void of the same length."""
    whole = end - start
    width = 1 if whole - 2 < 0x7F else 8
    length = whole - 1 - width
    data[start] = VOID
    data[start + 1 : start + 1 + width] = (length | 1 << 7 * width).to_bytes(width, "big")
    data[start + 1 + width : end] = bytes(length)


def _elements(data: bytearray, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Each element as (id, start, body, end). One of unknown size (a live recording's) ends where the next one of the
    first level begins."""
    while at < end:
        element, body = _number(data, at, keep=True)
        size, body = _number(data, body)
        stop = body + size
        if size < 0:
            stop = end if element == SEGMENT else _next(data, body, end) if element == CLUSTER else -1
        if stop < 0 or stop > end:
            raise NotStripped(f"an element {element:x} that does not fit")
        yield element, at, body, stop
        at = stop


def _next(data: bytearray, at: int, end: int) -> int:
    """Where a cluster of unknown size ends: at the next element of the first level."""
    while at < end:
        element, body = _number(data, at, keep=True)
        if element in LEVEL_1:
            return at
        size, body = _number(data, body)
        if size < 0:
            return -1
        at = body + size
    return at


def _number(data: bytearray, at: int, keep: bool = False) -> tuple[int, int]:
    """A variable-length number and where it ends; -1: unknown size. `keep`: an id, whose marker belongs to it."""
    first = data[at]
    width = 9 - first.bit_length()
    if width > (4 if keep else 8):
        raise NotStripped("a number that is too long")
    if at + width > len(data):
        raise IndexError(at)
    value = int.from_bytes(data[at : at + width], "big")
    if keep:
        return value, at + width
    value &= (1 << 7 * width) - 1
    return (-1 if value == (1 << 7 * width) - 1 else value), at + width


def main() -> None:
    for what, limit in (
        (resource.RLIMIT_AS, 512 * 2**20),
        (resource.RLIMIT_CPU, 15),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    data = bytearray(sys.stdin.buffer.read())
    try:
        strip(data, sys.argv[1])
    except NotStripped as error:
        sys.exit(str(error))
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
