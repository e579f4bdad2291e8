"""What others see: the metadata is really gone, and hostile files are refused or cost little. No server."""

import io
import time

import pytest
from PIL import Image

from tests.files import media
from tocsin.files import copies, sniff, strip


def stripped(content: bytes, type_: str) -> bytes:
    held = bytearray(content)
    strip.strip(held, type_)
    assert len(held) == len(content)
    return bytes(held)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew_upright_and_with_nothing_else_in_it(kind: str) -> None:
    content = media.photo(kind=kind)
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)[1] == "S"
    view, thumb = copies.redraw(content)
    for copy, side in ((view, 2048), (thumb, 320)):
        picture = Image.open(io.BytesIO(copy))
        assert picture.format == "JPEG" and max(picture.size) <= side
        assert picture.size[0] < picture.size[1], "it was held upright"
        assert not dict(picture.getexif()) and not {"exif", "xmp", "comment", "icc_profile"} & picture.info.keys()
        assert not [secret for secret in media.SECRETS if secret in copy]


def test_a_large_photo_becomes_2048_pixels() -> None:
    view, _ = copies.redraw(media.photo((4000, 3000)))
    assert Image.open(io.BytesIO(view)).size == (1536, 2048)


@pytest.mark.parametrize("content", [media.bomb(), media.photo()[:3000], b"\xff\xd8\xff\xe0", b"<svg/>", b""])
def test_what_cannot_be_drawn_is_given_up_quickly(content: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(copies.NoCopy):
        copies.redraw(content)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("brand", [b"isom", b"qt  ", b"M4A "])
def test_a_film_keeps_its_pictures_and_loses_place_maker_and_times(brand: bytes) -> None:
    content = media.video(brand)
    assert all(secret in content for secret in media.SECRETS[:4])
    copy = stripped(content, "video/mp4")
    assert not [secret for secret in media.SECRETS if secret in copy]
    assert copy.count(b"frame-of-the-film") == 1 and copy.index(b"frame-of") == content.index(b"frame-of")
    assert (3_850_000_000).to_bytes(4, "big") not in copy
    assert copy.count(b"trak") == 1, "the track of positions is gone"
    assert stripped(copy, "video/mp4") == copy


@pytest.mark.parametrize("live", [True, False])
def test_a_recording_of_the_browser_loses_tags_and_title(live: bool) -> None:
    content = media.webm(live)
    copy = stripped(content, "video/webm")
    assert not [secret for secret in media.SECRETS if secret in copy]
    assert copy.count(b"frame-of-the-film") == 2 and copy.index(b"frame-of") == content.index(b"frame-of")
    assert stripped(copy, "video/webm") == copy


@pytest.mark.parametrize(
    "content",
    [
        media.video()[:-5], media.video() + b"rest that is no box", media.box(b"ftyp") + media.box(b"evil", b"x"),
        media.video().replace(b"stsz", b"stsx"), b"\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
)  # fmt: skip
def test_a_film_that_cannot_be_read_to_its_end_has_no_copy(content: bytes) -> None:
    with pytest.raises(strip.NotStripped):
        stripped(content, "video/mp4")


@pytest.mark.parametrize("cut", range(0, 200, 3))
def test_a_cut_recording_has_no_copy_or_a_clean_one(cut: int) -> None:
    content = media.webm()[: -cut or None]
    try:
        copy = stripped(content, "video/webm")
    except strip.NotStripped:
        return
    assert b"Geheim" not in copy


def test_the_program_blanks_it_or_says_why_not() -> None:
    assert copies.strip(media.video(), "video/mp4") == stripped(media.video(), "video/mp4")
    with pytest.raises(copies.NoCopy, match="does not fit"):
        copies.strip(media.video()[:-5], "video/mp4")


KINDS = {
    "image/jpeg": media.photo((64, 64)), "image/png": media.photo((64, 64), "PNG"),
    "image/webp": media.photo((64, 64), "WEBP"), "video/mp4": media.video(), "video/quicktime": media.video(b"qt  "),
    "audio/mp4": media.video(b"M4A ", b"soun"), "image/heic": media.box(b"ftyp", b"heic", bytes(8)),
    "video/webm": media.webm(), "audio/webm": media.webm().replace(b"V_VP8", b"A_OPU"), "audio/wav": media.wav(),
    "audio/ogg": b"OggS\0" + bytes(23) + b"OpusHead", "audio/mpeg": b"ID3\x04" + bytes(40),
}  # fmt: skip


@pytest.mark.parametrize("type_", KINDS)
def test_the_type_is_read_from_the_content(type_: str) -> None:
    assert sniff.kind_of(KINDS[type_][:4096]) == type_
    assert not sniff.two_natured(KINDS[type_], KINDS[type_])


def test_frames_of_mp3_without_a_tag_are_sound_and_two_bytes_of_chance_are_not() -> None:
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    assert sniff.kind_of(frame * 3) == "audio/mpeg"
    assert sniff.kind_of(b"\xff\xfb\x90\x00" + bytes(600)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html><script>", b"%PDF-1.7", b"PK\x03\x04", b"GIF89a", b"",
        b"RIFF\0\0\0\0AVI ", b"\x1a\x45\xdf\xa3\x84matroska", media.box(b"ftyp", b"avif", bytes(8)), b"BM" + bytes(60),
    ],
)  # fmt: skip
def test_nothing_else_is_taken(content: bytes) -> None:
    assert sniff.kind_of(content) is None


@pytest.mark.parametrize(
    "rider", [b"<SCRIPT>alert(1)</script>", b"<html>", b"<?php", b"%PDF-1.4", b"PK\x05\x06" + bytes(18)]
)
def test_a_photo_that_is_also_something_else_is_refused(rider: bytes) -> None:
    content = media.photo((64, 64)) + rider
    assert sniff.two_natured(content[: sniff.EDGE], content[-sniff.EDGE :])
