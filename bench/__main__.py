"""`make bench`: what it costs on this machine. Prints tables; asserts nothing. Names choose: `python -m bench live`.

`python -m bench mutate` stands alone: mutated frames against the decoders, for hours if you like.
"""

import os
import platform
import sys
from importlib import import_module
from pathlib import Path

from bench import server

PARTS = ["presses", "live", "gates", "idle", "sos", "escalation", "pushes", "desk", "files", "start"]


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":")[1].strip() for line in lines if "model name" in line]
    model = models[0] if models else platform.machine()
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Python {platform.python_version()}"


def main() -> None:
    chosen = sys.argv[1:] or PARTS
    print(f"Machine: {machine()}")
    if chosen[0] == "mutate":
        from bench import mutate

        sys.exit(mutate.main(chosen[1:]))
    with server.installation() as data:
        for name in chosen:
            import_module(f"bench.{name}").run(data)


if __name__ == "__main__":
    main()
