"""What a file is, by its content; what its sender calls it is not asked. Pure.

Signatures: WHATWG MIME Sniffing (6.1 to 6.3), ISO/IEC 14496-12 (ftyp), RFC 9559 (Matroska, WebM), RFC 3533 (Ogg).
"""

BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"hevc": "image/heic", b"heim": "image/heic",
    b"heis": "image/heic", b"msf1": "image/heic", b"qt  ": "video/quicktime", b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4", b"isom": "video/mp4", b"iso2": "video/mp4", b"iso4": "video/mp4", b"iso5": "video/mp4",
    b"iso6": "video/mp4", b"iso8": "video/mp4", b"mp41": "video/mp4", b"mp42": "video/mp4", b"avc1": "video/mp4",
    b"MSNV": "video/mp4", b"M4V ": "video/mp4", b"mp71": "video/mp4", b"dash": "video/mp4", b"3gp4": "video/mp4",
    b"3gp5": "video/mp4", b"3gp6": "video/mp4", b"3gp7": "video/mp4",
}  # fmt: skip
#: What a file of two natures carries near its ends: a page, a script, a document, an archive. No camera writes these.
OTHERS = (b"<html", b"<!doctype", b"<script", b"<svg ", b"<svg>", b"<iframe", b"<?php", b"%pdf-1", b"#!/bin/")
ARCHIVE = b"PK\x05\x06"  # the end of a ZIP, and so of a JAR, a DOCX, an APK
EDGE = 64 * 2**10


def kind_of(head: bytes) -> str | None:
    """The media type by the first bytes (4 kB are enough); None: nothing that we take."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp" and 8 <= int.from_bytes(head[:4], "big") <= 1024:
        return BRANDS.get(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        # A video track says its codec; a file without one is sound. MediaRecorder writes the tracks first.
        return "video/webm" if b"V_VP" in head or b"V_AV1" in head or b"V_MPEG" in head else "audio/webm"
    if head.startswith(b"OggS\x00") and (b"OpusHead" in head[:64] or b"\x01vorbis" in head[:64]):
        return "audio/ogg"
    if head.startswith(b"ID3") or _mp3_frame(head):
        return "audio/mpeg"
    return None


def two_natured(head: bytes, tail: bytes) -> bool:
    """Whether the first or the last 64 KiB say that it is also something else."""
    text = (head[:EDGE] + b"\n" + tail[-EDGE:]).lower()
    return any(mark in text for mark in OTHERS) or ARCHIVE in tail[-EDGE:]


def _mp3_frame(head: bytes) -> bool:
    """An MPEG audio frame of layer III, followed by another of the same kind (one alone is two bytes of chance)."""
    length = _length(head[:4])
    return bool(length) and _length(head[length : length + 4]) > 0


KBITS = {1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
         2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)}  # fmt: skip
HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _length(header: bytes) -> int:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, hertz = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or hertz == 3:
        return 0
    kbits = KBITS[1 if version == 3 else 2][rate]
    return (144 if version == 3 else 72) * kbits * 1000 // HERTZ[version][hertz] + (header[2] >> 1 & 1)
