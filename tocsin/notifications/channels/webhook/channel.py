"""A signed POST to the system of a partner: a security company's control room, another center."""

import time

from tocsin.lib.outside import Forbidden, Unreachable, outside
from tocsin.notifications.channel import Channel, Outgoing, Result, Settings
from tocsin.notifications.channels.webhook.body import body
from tocsin.notifications.channels.webhook.signature import signature


async def send(out: Outgoing, settings: Settings) -> Result:
    """Anything but 2xx is tried again, for a partner has no other contact; only 410 and a redirect are final."""
    if out.drill:
        return Result("failed", error="a drill reaches no system of others", permanent=True)
    content, now = body(out), int(time.time())
    try:
        signed = signature(str(out.values.get("secret", "")), out.key, now, content)
    except ValueError:
        return Result("failed", error="the partner has no secret, or one that is not base64", permanent=True)
    headers = {
        "Content-Type": "application/json",
        "Webhook-Id": out.key,
        "Webhook-Timestamp": str(now),
        "Webhook-Signature": signed,
    }
    try:
        reply = await outside(settings.get("private") == "1").post(out.address, headers, content)
    except Forbidden as error:
        return Result("failed", error=str(error), permanent=True)
    except Unreachable as error:
        return Result("failed", error=str(error))
    if 200 <= reply.status < 300:
        return Result("delivered")
    if 300 <= reply.status < 400:
        where = reply.headers.get("location", "")[:120]
        return Result("failed", error=f"{reply.status} moved to {where}: enter the new address", permanent=True)
    said = f"the partner's system says {reply.said()}"
    return Result("failed", error=said, gone=reply.status == 410, wait=reply.wait())


CHANNEL = Channel(send=send, at_once=20)
