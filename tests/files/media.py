"""Photos, video and sound made by hand, with the secrets that cameras put into them."""

import io
import struct
import zlib

from PIL import Image

SECRETS = (b"Geheim-Kamera", b"xmp-secret", b"-25.7479+028.2293", b"gps-sample-0001", b"comment-secret")


def photo(side: tuple[int, int] = (1200, 800), kind: str = "JPEG", seed: int = 60) -> bytes:
    """A noisy picture, held upright, with maker, position (EXIF), XMP and a comment."""
    picture = Image.effect_noise(side, seed).convert("RGB")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Geheim-Kamera"
    gps = exif.get_ifd(0x8825)
    gps.update({1: "S", 2: (25.0, 44.0, 52.4), 3: "E", 4: (28.0, 13.0, 45.5)})
    held, more = io.BytesIO(), {}
    if kind == "JPEG":
        more = {"xmp": b"<x:xmpmeta>xmp-secret</x:xmpmeta>", "comment": b"comment-secret", "quality": 80}
    picture.save(held, kind, exif=exif, **more)
    return held.getvalue()


def bomb() -> bytes:
    """A few kilobytes that ask for 2.7 GB: 30,000 × 30,000 pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    )  # fmt: skip


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + name + body


def full(name: bytes, *content: bytes) -> bytes:
    return box(name, bytes(4), *content)


def _track(handler: bytes, offset: int, sizes: list[int]) -> bytes:
    stbl = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 0)),
        full(b"stsc", struct.pack(">IIII", 1, 1, len(sizes), 1)),
        full(b"stsz", struct.pack(">II", 0, len(sizes)), *(struct.pack(">I", s) for s in sizes)),
        full(b"stco", struct.pack(">II", 1, offset)),
    )
    hdlr = full(b"hdlr", bytes(4), handler, bytes(12), b"Geheim-Kamera\0")
    mdhd = full(b"mdhd", struct.pack(">IIIIHH", 3_850_000_000, 3_850_000_000, 1000, 0, 0, 0))
    return box(
        b"trak", full(b"tkhd", struct.pack(">II", 3_850_000_000, 3_850_000_000), bytes(72)),
        box(b"mdia", mdhd, hdlr, box(b"minf", stbl)),
    )  # fmt: skip


def video(brand: bytes = b"isom", handler: bytes = b"vide", more: int = 0) -> bytes:
    """An MP4: a track of pictures and one of timed positions, with the place and the maker in `udta`."""
    picture, timed = b"frame-of-the-film" + bytes(more), b"gps-sample-0001"
    ftyp = box(b"ftyp", brand, struct.pack(">I", 512), b"isommp41")
    mdat = box(b"mdat", picture, timed)
    start = len(ftyp) + 8
    moov = box(
        b"moov",
        full(b"mvhd", struct.pack(">II", 3_850_000_000, 3_850_000_000), bytes(88)),
        _track(handler, start, [len(picture)]),
        _track(b"meta", start + len(picture), [len(timed)]),
        box(
            b"udta",
            box(b"\xa9xyz", struct.pack(">HH", 18, 0), b"-25.7479+028.2293/"),
            box(b"\xa9mak", b"Geheim-Kamera"),
        ),
        full(b"meta", full(b"hdlr", bytes(4), b"mdta", bytes(12)), box(b"ilst", b"-25.7479+028.2293")),
    )
    return ftyp + mdat + moov + box(b"uuid", b"0123456789abcdef", b"xmp-secret")


def _element(name: str, content: bytes, unknown: bool = False) -> bytes:
    size = b"\x01\xff\xff\xff\xff\xff\xff\xff" if unknown else (len(content) | 1 << 56).to_bytes(8, "big")
    return bytes.fromhex(name) + size + content


def webm(live: bool = True) -> bytes:
    """A WebM as MediaRecorder writes it (clusters of unknown length), with tags and a title."""
    head = _element("1a45dfa3", _element("4282", b"webm"))
    info = _element(
        "1549a966",
        _element("2ad7b1", b"\x0f\x42\x40") + _element("7ba9", b"Geheim-Kamera") + _element("4461", bytes(8)),
    )
    tracks = _element("1654ae6b", _element("ae", _element("86", b"V_VP8")))
    cluster = _element("1f43b675", _element("e7", b"\0") + _element("a3", b"frame-of-the-film"), live)
    tags = _element("1254c367", _element("7373", b"-25.7479+028.2293 comment-secret"))
    return head + _element("18538067", info + tracks + cluster + tags + cluster, live)


def wav(seconds: float = 1.0) -> bytes:
    sound = bytes(int(8000 * seconds))
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI", b"RIFF", len(body)) + body
