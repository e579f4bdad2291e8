"""A photo drawn anew: turned as it was held, at most 2048 pixels wide or high, with nothing in it but the picture.

A program of its own (python -I redraw.py), because pictures are the oldest way to break into a program, and a few
bytes may ask for gigabytes: it has no secrets, no network of ours and no files, reads the picture from its input,
writes the copies to its output, and ends by its limits. It imports nothing of Tocsin.

    input    the picture
    output   two lengths of 4 bytes, then the copy and the small one (JPEG)
"""

import contextlib
import io
import resource
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SIDE, SMALL = 2048, 320  # pixels
MOST = 120_000_000  # pixels: the largest phone cameras have 108 million
MEMORY, SECONDS = 1536 * 2**20, 15


def main() -> None:
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),  # pipes are not files
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    content = sys.stdin.buffer.read()

    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST
    warnings.simplefilter("error")  # a picture of more pixels than that
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
        if picture.width * picture.height > MOST:
            raise ValueError("too many pixels")
        profile = picture.info.get("icc_profile")
        picture.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded no larger than needed
        picture.thumbnail((SIDE, SIDE))
        drawn = _on_white(_in_srgb(ImageOps.exif_transpose(picture), profile))
    copies = [_jpeg(drawn, 85)]
    drawn.thumbnail((SMALL, SMALL))
    copies.append(_jpeg(drawn, 75))
    out = sys.stdout.buffer
    out.write(b"".join(len(copy).to_bytes(4, "big") for copy in copies) + b"".join(copies))
    out.flush()


def _in_srgb(picture: "Image.Image", profile: bytes | None) -> "Image.Image":
    """The colours as they were meant, without the profile that says so."""
    if profile and picture.mode == "RGB":
        from PIL import ImageCms

        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB")) or picture
    return picture


def _on_white(picture: "Image.Image") -> "Image.Image":
    """Only the pixels: whatever else the picture knew stays behind."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA", "P"):
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        return ground
    clean = Image.new("RGB", picture.size)
    clean.paste(picture.convert("RGB"))
    return clean


def _jpeg(picture: "Image.Image", quality: int) -> bytes:
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=quality, optimize=True, progressive=True)
    return held.getvalue()


if __name__ == "__main__":
    main()
