"""Why a message did not arrive, as a word of ours; a channel's own words are for experts, in whatever language."""

import re
from typing import TYPE_CHECKING

from tocsin.notifications import registry

if TYPE_CHECKING:
    from tocsin.notifications.models import Delivery

_SILENT = re.compile(r"no[ -]?answer|busy|time[d -]*out|connect|reset|unreach|HTTP 5\d\d", re.I)
_OPEN = ("queued", "sending", "failed", "given_up")


def why(channel: str, error: str, *, firm: bool = True, dead: bool = False) -> str:
    """address_dead, not_set_up, no_answer or refused (`lib/words.py` has them); "" where nothing went wrong.

    `firm`: it is not tried again. `dead`: the far end said that the address is gone.
    """
    if dead:
        return "address_dead"
    if not error:
        return ""
    if channel not in registry.channels() or registry.problems(channel):
        return "not_set_up"
    return "no_answer" if _SILENT.search(error) or not firm else "refused"


def went_wrong(d: "Delivery", dead: bool = False) -> dict[str, str]:
    """`error` and `why` of a delivery that has not arrived; both empty for one that has."""
    error, firm = d.error if d.state in _OPEN else "", d.state == "failed"
    return {"error": error, "why": why(d.channel, error, firm=firm, dead=firm and dead)}
