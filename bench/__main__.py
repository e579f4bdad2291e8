"""`make bench`: what it costs on this machine. Prints tables; asserts nothing. Names choose: `python -m bench live`."""

import os
import platform
import sys
from pathlib import Path

from bench import server


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":")[1].strip() for line in lines if "model name" in line]
    model = models[0] if models else platform.machine()
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Python {platform.python_version()}"


def main() -> None:
    chosen = sys.argv[1:] or ["presses", "live", "gates", "start"]
    print(f"Machine: {machine()}")
    with server.installation() as data:
        from bench import gates, live, presses, start

        for name in chosen:
            {"presses": presses, "live": live, "gates": gates, "start": start}[name].run(data)


main()
