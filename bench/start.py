"""(f) From `make run` (the second time) to healthy, and from Ctrl-C to stopped."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.server import ROOT, free_port


def _until_healthy(port: int) -> float:
    started = time.monotonic()
    while time.monotonic() < started + 60:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
                if json.load(answer)["status"] == "ok":
                    return time.monotonic() - started
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("it did not come up")


def run(_data: Path) -> None:
    print("\n## (f) Starting and stopping\n\n| | healthy after s | stopped after s |\n|---|---|---|")
    data, port = tempfile.mkdtemp(prefix="tocsin-bench-"), free_port()
    environment = {**os.environ, "TOCSIN_DATA": data, "TOCSIN_PORT": str(port), "TOCSIN_GATES_PORTS": "any"}
    try:
        for name in ("first `make run`", "second", "third"):
            tree = subprocess.Popen(["make", "--silent", "run"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
            up = _until_healthy(port)
            started = time.monotonic()
            tree.send_signal(signal.SIGINT)
            subprocess.run(["pkill", "-INT", "-P", str(tree.pid)], check=False)
            tree.wait(20)
            print(f"| {name} | {up:.1f} | {time.monotonic() - started:.1f} |", flush=True)
    finally:
        shutil.rmtree(data, ignore_errors=True)
