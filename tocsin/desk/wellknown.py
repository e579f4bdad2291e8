"""`/.well-known/security.txt` (RFC 9116): whom to tell of a weakness. Without a contact there is no such page."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

SECURITY = "/.well-known/security.txt"
LASTS = timedelta(days=364)  # "less than a year into the future is recommended": RFC 9116, 2.5.5


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    if not settings.SECURITY_CONTACT:
        raise Http404
    said = security_txt(settings.SECURITY_CONTACT, settings.PUBLIC_URL, datetime.now(UTC))
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


def security_txt(contacts: list[str], public_url: str, at: datetime) -> str:
    """Its lines. `contacts`: URIs (mailto:, https://, tel:) or bare e-mail addresses, the preferred one first."""
    expires = (at + LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [f"Contact: {each if ':' in each else f'mailto:{each}'}" for each in contacts]
    lines.append(f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}")
    lines.append("Preferred-Languages: zh, en")
    lines.append(f"Canonical: {public_url}{SECURITY}")
    return "\n".join(lines) + "\n"
