"""When a delivery is tried again, and when it makes no sense any more. Pure."""

from datetime import datetime, timedelta

LIFE = timedelta(minutes=30)  # after which an urgent message makes no sense any more
LEASE = timedelta(seconds=60)  # a courier that died gives back what it held
#: Seconds before tries 2, 3, … of one delivery; urgent ones in a hurry.
URGENT = (5, 10, 20, 30, 60, 60, 120)
CALM = (30, 120, 600, 1800, 3600)
#: Seconds after which an urgent message that nobody opened goes on to the person's next contact.
UNREAD = 45


def again(tried: int, urgent: bool, at: datetime, wait: float | None = None) -> datetime | None:
    """When to try once more after `tried` tries; None: give up. A provider's own wish (`wait`) is kept to."""
    pauses = URGENT if urgent else CALM
    if tried > len(pauses):
        return None
    return at + timedelta(seconds=pauses[tried - 1] if wait is None else min(max(wait, 1), 3600))
