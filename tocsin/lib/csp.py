"""Content Security Policy: our pages run our code and talk to us alone."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{maps}; font-src 'self'; "
    "media-src 'self' blob:; connect-src 'self'{maps}; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def _origins() -> str:
    from urllib.parse import urlsplit

    found = {urlsplit(url) for url in (settings.MAP_TILES, settings.MAP_PMTILES) if url and "://" in url}
    return "".join(f" {u.scheme}://{u.netloc}" for u in sorted(found))


class ContentSecurityPolicy:
    """Adds the policy to every answer; only a map that the operator set up may be fetched from elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = POLICY.format(maps=_origins())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", self.policy)
        response.setdefault("Cache-Control", "no-store")  # what may be kept says so itself
        response.setdefault("Permissions-Policy", "geolocation=(self), microphone=(self), camera=(self)")
        return response
