"""The channels there are: one for each folder in channels/ that holds a channel.py; and what the environment says.

TOCSIN_CHANNEL_<NAME>_<SETTING>   a channel's own settings: docs/operate.md and each channel's README have the list
"""

import os
from functools import cache
from importlib import import_module
from pathlib import Path

from tocsin.notifications.channel import Channel

FOLDER = Path(__file__).parent / "channels"


@cache
def channels() -> dict[str, Channel]:
    """Every channel by the name of its folder."""
    found: dict[str, Channel] = {}
    for path in sorted(FOLDER.glob("*/channel.py")):
        channel = import_module(f"tocsin.notifications.channels.{path.parent.name}.channel").CHANNEL
        if not isinstance(channel, Channel):
            raise TypeError(f"{path}: CHANNEL must be a Channel")
        found[path.parent.name] = channel
    return found


def settings(name: str) -> dict[str, str]:
    """The channel's own settings, their names in lower case."""
    prefix = f"TOCSIN_CHANNEL_{name.upper()}_"
    return {k.removeprefix(prefix).lower(): v for k, v in os.environ.items() if k.startswith(prefix) and v}


def problems(name: str) -> list[str]:
    """Why the channel cannot send; empty when its settings are complete."""
    channel, said = channels()[name], settings(name)
    missing = [f"TOCSIN_CHANNEL_{name.upper()}_{need.upper()}" for need in channel.needs if need not in said]
    return [f"not set: {setting}" for setting in missing] or channel.check(said)
