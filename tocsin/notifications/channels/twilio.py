"""X-Twilio-Signature: the account's token, the whole address and every field of the form, by HMAC-SHA1.

Source: twilio.com/docs/usage/webhooks/webhooks-security. The address is signed as it was handed over, with or without
its standard port.
"""

import hmac
from base64 import b64encode
from urllib.parse import parse_qsl, urlsplit

PORTS = {"https": 443, "http": 80}


def signature(url: str, form: bytes, token: str) -> str:
    """What the holder of the token writes under a request to this address with this form."""
    fields = parse_qsl(form.decode("utf-8", "replace"), keep_blank_values=True)
    whole = url + "".join(name + value for name, value in sorted(set(fields)))
    return b64encode(hmac.digest(token.encode(), whole.encode(), "sha1")).decode()


def right(given: str, url: str, form: bytes, token: str) -> bool:
    """Did the holder of the token sign this very request? Nobody holds an empty one."""
    known = [signature(spelling, form, token) for spelling in _spellings(url)]
    return bool(token) and any(hmac.compare_digest(one.encode(), given.encode()) for one in known)


def _spellings(url: str) -> tuple[str, ...]:
    """The address as it came, and with its standard port added or left out."""
    parts = urlsplit(url)
    standard = PORTS.get(parts.scheme)
    if parts.port is None and standard:
        return url, url.replace(parts.netloc, f"{parts.netloc}:{standard}", 1)
    if parts.port == standard:
        return url, url.replace(parts.netloc, parts.netloc.rpartition(":")[0], 1)
    return (url,)
