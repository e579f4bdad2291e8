"""Pages that Vite built, served from their own addresses (a page and a service worker cannot live under /static/)."""

import gzip
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse


@lru_cache
def _content(path: Path, changed: float) -> tuple[bytes, bytes]:
    plain = path.read_bytes()
    return plain, gzip.compress(plain, 9)


def built(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """A file of web/dist, compressed if the browser likes; always asked for anew, since a release changes it."""
    path = settings.WEB_DIST / name
    if not path.is_file():
        return HttpResponse(f"web/dist/{name} is missing: run `make install`", status=503, content_type="text/plain")
    plain, packed = _content(path, path.stat().st_mtime)
    small = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if small else plain, content_type=kind)
    if small:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "no-cache"
    return response
