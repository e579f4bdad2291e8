"""Web Push: to browsers and installed apps, through the push service of each browser's maker.

RFC 8030 (the request), RFC 8188 and 8291 (only the browser can read it), RFC 8292 (who we are).
"""

import asyncio
import ipaddress
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from urllib.parse import urlsplit

from tocsin.lib.outside import Forbidden, Reply, Unreachable, outside
from tocsin.notifications.channel import Answer, Callback, Channel, Outgoing, Receipt, Result, Settings
from tocsin.notifications.channels.webpush import keys, subscription
from tocsin.notifications.channels.webpush.message import MOST, SHORT, payload
from tocsin.notifications.channels.webpush.subscription import Subscription

SIGNED_FOR = 12 * 3600  # seconds; RFC 8292 allows a day
LONGEST_LIFE = 28 * 86_400  # what push services keep a message at most
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="webpush")
_signing = Lock()
_signed: dict[tuple[str, str, str], tuple[str, float]] = {}


async def send(out: Outgoing, settings: Settings) -> Result:
    """Once, and once more with a shorter text where the push service finds it too long."""
    try:
        to = subscription.read(out.address)
    except ValueError as error:
        return Result("failed", error=str(error), gone=True)
    try:
        reply = await _push(out, to, settings, MOST)
        if reply.status == 413:
            reply = await _push(out, to, settings, SHORT)
    except Forbidden as error:
        return Result("failed", error=str(error), permanent=True)
    except Unreachable as error:
        return Result("failed", error=str(error))
    return _result(reply)


async def _push(out: Outgoing, to: Subscription, settings: Settings, most: int) -> Reply:
    loop = asyncio.get_running_loop()
    headers, body = await loop.run_in_executor(_threads, _sealed, out, to, settings["subject"], most)
    return await outside(settings.get("private") == "1").post(to.endpoint, headers, body)


def _sealed(out: Outgoing, to: Subscription, subject: str, most: int) -> tuple[dict[str, str], bytes]:
    from pywebpush import WebPusher  # it brings much along, and only the courier needs it

    pusher = WebPusher({"endpoint": to.endpoint, "keys": {"p256dh": to.keys.p256dh, "auth": to.keys.auth}})
    body: bytes = pusher.encode(payload(out, most), "aes128gcm")["body"]
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(max(0, min(out.life, LONGEST_LIFE))),
        "Urgency": "high" if out.urgent else "normal",
        "Authorization": _authorization(to.origin, subject),
    }
    if out.topic:  # messages that wait for a sleeping phone replace each other; the name says nothing to the service
        headers["Topic"] = keys.fingerprint(out.topic)
    return headers, body


def _authorization(origin: str, subject: str) -> str:
    """Our token for this push service: signed once, used for hours."""
    from py_vapid import Vapid02

    now, which = time.time(), (origin, subject, keys.public_key())
    with _signing:
        header, until = _signed.get(which, ("", 0.0))
        if now > until - 3600:
            claims = {"aud": origin, "sub": subject, "exp": int(now) + SIGNED_FOR}
            header = str(Vapid02(keys.private_key()).sign(claims)["Authorization"])
            _signed[which] = header, now + SIGNED_FOR
    return header


def _result(reply: Reply) -> Result:
    status = reply.status
    if 200 <= status < 300:
        return Result("sent", ref=reply.headers.get("location", "").rpartition("/")[2][:120] or None)
    error = f"the push service says {reply.said()}"
    if status in (404, 410):
        return Result("failed", error=error, gone=True)
    if status in (406, 408, 425, 429) or status >= 500:  # 406: how Windows says "too many"
        return Result("failed", error=error, wait=reply.wait())
    return Result("failed", error=error, permanent=True)


def check(settings: Settings) -> list[str]:
    wrong = []
    subject = settings.get("subject", "")
    parts = urlsplit(subject)
    host = parts.path.rpartition("@")[2] if parts.scheme == "mailto" else parts.hostname or ""
    if parts.scheme not in ("mailto", "https") or (parts.scheme == "mailto" and "@" not in parts.path):
        wrong.append("TOCSIN_CHANNEL_WEBPUSH_SUBJECT must be mailto:… or https://…, to reach who runs this")
    elif not _is_a_domain(host):
        wrong.append(f"TOCSIN_CHANNEL_WEBPUSH_SUBJECT names {host}: Apple refuses what is not a public domain")
    try:
        keys.private_key()
    except ValueError as error:
        wrong.append(str(error))
    return wrong


def _is_a_domain(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")
        return bool(last[0]) and last[2].lower() not in ("localhost", "local", "internal", "lan", "home", "arpa")
    return False


def callback(asked: Callback, settings: Settings) -> Answer:
    """The service worker has shown it."""
    if asked.method != "POST":
        return Answer(status=405)
    return Answer(status=204, receipt=Receipt("delivered"))


CHANNEL = Channel(send=send, needs=("subject",), check=check, callback=callback)
