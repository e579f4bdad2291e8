"""Requests without their secrets: what is kept of a request to show it to people later."""

import re

STARS = b"***"
_NAME = rb"[\w.-]*(?:password|passwd|passphrase|pass|pwd|secret|token|key|auth|authorization|signature)"
_FORM = re.compile(rb"((?:^|[?&\s])" + _NAME + rb"=)[^&\s]+", re.IGNORECASE)
_JSON = re.compile(rb'("' + _NAME + rb'"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)', re.IGNORECASE)
_WHOLE = re.compile(_NAME, re.IGNORECASE)


def masked(raw: bytes) -> bytes:
    """`raw` with the values of its passwords, keys and tokens as ***, in a query, a form or JSON."""
    return _JSON.sub(rb'\1"' + STARS + rb'"', _FORM.sub(rb"\1" + STARS, raw))


def is_secret(name: str) -> bool:
    """Does the value under this name open something?"""
    return _WHOLE.fullmatch(name.encode()) is not None
