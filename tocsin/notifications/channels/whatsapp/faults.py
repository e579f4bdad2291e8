"""What WhatsApp's error codes mean for a message. Source: Cloud API, support/error-codes."""

OUTSIDE = 131047  # free text, and the person's 24 hours are over
DEAD = frozenset({131026})  # no WhatsApp there, its terms not accepted, or an old app

#: Seconds to wait: too many calls of the app or account, too many messages at all, too many to this person.
PAUSES = {4: 30, 80007: 30, 130429: 5, 131056: 10}

#: Its own trouble: unknown, unavailable, something went wrong, overloaded, maintenance, the server is away.
AGAIN = frozenset({1, 2, 131000, 131016, 131057, 133004})


def again(code: int) -> bool:
    """May the same message succeed later?"""
    return code in AGAIN or code in PAUSES
