"""One Apprise URL, judged before it is used: which services there are for us, and which never.

What runs on this machine (file, exec, syslog, dbus, windows …) and what we have ourselves (mail, SMS, WhatsApp, WeCom,
web push, calls) is not in these lists, so it is refused.
"""

from typing import Any, NamedTuple

from tocsin.notifications.channel import Outgoing, Settings

#: Services at an address that only the vendor chooses.
VENDORS = frozenset(
    ("tgram", "dingtalk", "feishu", "lark", "discord", "slack", "gchat", "wxteams", "webex", "workflow", "workflows")
    + ("zulip", "kook", "line", "viber", "threema", "zalo", "kakaotalk", "kakao", "qq", "wxpusher", "pushplus", "schan")
    + (
        "wpush",
        "pushme",
        "spugpush",
        "pover",
        "pbul",
        "prowl",
        "push",
        "pushy",
        "psafers",
        "join",
        "spush",
        "simplepush",
    )
    + ("youlmk", "flock", "twist", "guilded", "ringc", "pagerduty", "opsgenie", "splunk", "victorops", "squadcast")
    + ("ilert", "signl4", "betterstack", "incidentio", "pagertree", "spike")
)
#: Services that people run themselves, by TLS. Without the s they speak in the clear: only with PRIVATE.
HOSTED = frozenset(
    ("ntfys", "gotifys", "barks", "mmosts", "rockets", "matrixs", "signals", "nctalks", "synologys", "pushdeers")
    + ("noticas", "hassios", "onebots", "goalerts")
)
PRIVATE = frozenset({schema[:-1] for schema in HOSTED} | {"json", "jsons", "xml", "xmls", "form", "forms"})

#: Parts of an address that make Apprise read a file of this machine or fetch one.
FORBIDDEN = frozenset({"template", "attach", "keyfile", "config", "include"})

#: What makes it loud, by service; for pagers, what makes it an incident of the highest rank.
LOUD: dict[str, dict[str, Any]] = {
    "ntfy": {"priority": "max"},
    "gotify": {"priority": "emergency"},
    "bark": {"level": "critical"},
    "pover": {"priority": "high"},
    "prowl": {"priority": "emergency"},
    "join": {"priority": "emergency"},
    "psafer": {"priority": "emergency"},
    "spush": {"priority": "5"},
    "simplepush": {"priority": "5"},
    "youlmk": {"priority": "critical"},
    "tgram": {"silent": False},
    "nctalk": {"silent": False},
    "opsgenie": {"priority": "p1"},  # the highest there; Apprise calls it low
    "squadcast": {"priority": "p1"},
    "ilert": {"priority": "high"},
    "pagertree": {"urgency": "critical"},
    "pagerduty": {"severity": "critical"},
}
#: What repeats it on the phone until it is acknowledged.
REPEATING: dict[str, dict[str, Any]] = {
    "bark": {"call": True},
    "pover": {"priority": "emergency", "interval": 30, "expire": 300},
}
#: Where a touch on the message opens our link.
LINK = {"ntfy": "click", "bark": "click", "pover": "supplemental_url", "youlmk": "link"}


class Judged(NamedTuple):
    """`parts`: what Apprise makes the service of; None, and why not, in `refused`."""

    parts: dict[str, Any] | None
    refused: str = ""


def judge(address: str, settings: Settings) -> Judged:
    """Take an address apart. It may also be the https:// address that a vendor hands out for its webhook."""
    from apprise.plugins import url_to_dict

    parts = url_to_dict(address.strip())  # type: ignore[no-untyped-call]
    schema = str(parts.get("schema", "")).lower() if parts else address.partition(":")[0].strip().lower()
    private = open_inside(settings)
    if schema in PRIVATE and not private:
        if f"{schema}s" in HOSTED:
            return Judged(None, f"{schema}:// speaks in the clear: take {schema}s://")
        return Judged(None, f"{schema}:// needs TOCSIN_CHANNEL_APPRISE_PRIVATE=1")
    if schema not in VENDORS | HOSTED | PRIVATE:
        return Judged(None, f"{schema[:20]}:// is no service for this channel")
    if not parts:
        return Judged(None, f"not a complete {schema}:// address")
    named = {str(name).lstrip("+-:").lower() for name in parts.get("qsd") or {}} | set(parts)
    if bad := FORBIDDEN & named:
        return Judged(None, f"{', '.join(sorted(bad))}= is not taken")
    # Whatever the address says: the courier tries again, not Apprise; a failure is one; and nobody leads us elsewhere.
    kept = {"retry": 0, "wait": 0, "optional": False, "redirect": False, "rto": 10, "cto": 6}
    if not private:
        kept["verify"] = True
    return Judged({**parts, **kept})


def urgently(parts: dict[str, Any], outgoing: Outgoing) -> dict[str, Any]:
    """With the link, and as loud as the service can be when it is urgent."""
    schema = str(parts["schema"])
    name = schema if schema in LOUD or schema in LINK else schema.removesuffix("s")
    more: dict[str, Any] = {}
    if outgoing.text.link and name in LINK:
        more[LINK[name]] = outgoing.text.link
    if outgoing.urgent:
        more |= LOUD.get(name, {})
    if outgoing.repeats:
        more |= REPEATING.get(name, {})
    return {**parts, **more}


def open_inside(settings: Settings) -> bool:
    return settings.get("private") == "1"
