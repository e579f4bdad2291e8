"""Who asks for a page: a person, or a program that only wants to show a preview of the link. Pure.

A preview must not count as read (the person would not be told on their next contact) and must not be told what it is.
Sources: the vendors' own pages on their link-preview agents (Meta for Developers "Meta web crawlers", Slack API
"Slackbots", Telegram's "TelegramBot (like TwitterBot)"; iMessage names itself facebookexternalhit and Twitterbot);
Fetch Standard and nav-speculation for Sec-Purpose; Purpose, X-Purpose and X-Moz are what older browsers send.
"""

import re
from collections.abc import Mapping

AGENTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|facebookcatalog|meta-external|^whatsapp/|slack-imgproxy"
    r"|embedly|vkshare|iframely|proxy\b|scanner|safelinks|mimecast|barracuda|proofpoint|headlesspreview|mastodon/|signal-"
    r"|^(?:curl|wget|python|okhttp|go-http-client|java|apache-httpclient|axios|node|dalvik|cfnetwork|libwww|ruby|php)\b",
    re.I,
)
AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def is_robot(agent: str) -> bool:
    """Programs that name themselves; and those that name nothing, which no browser does."""
    return not agent.strip() or AGENTS.search(agent) is not None


def is_ahead_of_time(headers: Mapping[str, str]) -> bool:
    """A browser that fetches what its person may never look at. `headers`: names in any case."""
    said = {name.lower(): value.lower() for name, value in headers.items()}
    return any("prefetch" in said.get(name, "") or "preview" in said.get(name, "") for name in AHEAD)
