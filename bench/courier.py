"""A courier whose channels hand everything over to nobody: what it costs without a provider.

BENCH_HANDED: a file to which each delivery's incident and the time are written when its channel gets it.
"""

import os
import time

from tocsin.__main__ import _django


def main() -> None:
    _django()
    from tocsin.notifications import registry
    from tocsin.notifications.channel import Channel, Outgoing, Result, Settings
    from tocsin.notifications.courier import serve
    from tocsin.notifications.models import CHANNELS

    path = os.environ.get("BENCH_HANDED")
    handed = open(path, "a", buffering=1) if path else None  # noqa: SIM115 - for as long as the process lives

    async def send(out: Outgoing, settings: Settings) -> Result:
        if handed:
            handed.write(f"{out.values.get('number')} {time.time()}\n")
        return Result("sent")

    null = dict.fromkeys(CHANNELS, Channel(send=send, at_once=50))
    registry.channels = lambda: null  # type: ignore[assignment]
    serve()


if __name__ == "__main__":
    main()
