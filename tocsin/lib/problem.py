"""RFC 9457 problem details, in the caller's language."""

from typing import Any

import msgspec

from tocsin.lib.words import Language, in_language

TITLES: dict[int, tuple[str, str]] = {
    400: ("请求有误", "The request cannot be read"),
    401: ("未登录或密钥无效", "Not signed in, or the key is not valid"),
    403: ("不允许", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("方法不允许", "Method not allowed"),
    409: ("与已有内容冲突", "This conflicts with what is there"),
    413: ("内容过大", "The content is too large"),
    422: ("内容有误", "Something in the content is not right"),
    429: ("请求过于频繁", "Too many requests"),
    503: ("暂时无法保存", "Cannot be stored now"),
}


def problem(status: int, language: Language, detail: str = "", **more: Any) -> bytes:
    """The body of an `application/problem+json` answer."""
    title = in_language(TITLES[status], language)
    body = {"type": "about:blank", "title": title, "status": status, **({"detail": detail} if detail else {}), **more}
    return msgspec.json.encode(body)
