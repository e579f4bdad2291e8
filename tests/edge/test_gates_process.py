"""`tocsin gates` as its settings say: TLS ports that stay, balancers, and trouble that is named."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gates.test_tls import IMEI, Authority, answer, client
from tests.world import Process, Town, until
from tocsin.gates.protocols.gt06.encoder import Device


def settings(world: Town, folder: Path, **more: str) -> dict[str, str]:
    """Of a second gates process, on its own data folder and the Town's database."""
    return {
        "TOCSIN_DATA": str(folder),
        "DATABASE_URL": world.dsn,
        "TOCSIN_PROCESS": "gates two",
        "TOCSIN_GATE_GT06_TLS_PORT": "0",
        **more,
    }


def opened(folder: Path) -> Any:
    path = folder / "gates.json"
    return json.loads(path.read_text()) if path.exists() else None


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def test_tls_behind_a_balancer_and_the_same_port_after_a_restart(world: Town, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue()
    env = settings(
        world, tmp_path, TOCSIN_GATES_TLS_CERT=str(authority.chain), TOCSIN_GATES_TLS_KEY=str(authority.key),
        TOCSIN_GATES_PROXY="127.0.0.1 10.0.0.0/8",
    )  # fmt: skip
    gates, hello = Process("gates", **env), Device(IMEI).hello()
    ports = []
    for _ in range(2):
        gates.start()
        try:
            until(lambda: opened(tmp_path), 20, "the gates")
            ports.append(opened(tmp_path)["gt06+tls"])
            until(lambda: _answers(ports[-1]), 20, "the TLS gate")
            with socket.create_connection(("127.0.0.1", ports[-1]), timeout=5) as plain:
                plain.sendall(b"PROXY TCP4 203.0.113.70 198.51.100.1 56324 443\r\n")
                with client().wrap_socket(plain) as line:
                    line.sendall(hello)
                    assert line.recv(100) == answer(hello)
        finally:
            gates.stop()
    assert ports[0] == ports[1]
    knock = "SELECT address FROM gates_knock WHERE identifier = %s AND address = '203.0.113.70'"
    assert until(lambda: world.rows(knock, IMEI), 5, "the knock")
    meter = "SELECT counts->>'connections' FROM gates_meter WHERE process = 'gates two' AND gate = 'gt06'"
    assert world.rows(meter)


def test_without_a_certificate_the_other_gates_open_and_it_is_said(world: Town, tmp_path: Path) -> None:
    env = settings(world, tmp_path, TOCSIN_GATES_TLS_CERT="/no/such.pem", TOCSIN_GATES_TLS_KEY="/no/such.key")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "tocsin", "gates"], env={**os.environ, **env}, stderr=log)
        try:
            found = until(lambda: opened(tmp_path), 20, "the gates")
            with socket.create_connection(("127.0.0.1", found["gt06"]), timeout=5) as line:
                line.sendall(Device(IMEI).hello())
                assert line.recv(100)
            with (
                pytest.raises((ssl.SSLError, ConnectionError)),
                socket.create_connection(("127.0.0.1", found["gt06+tls"]), timeout=5) as plain,
            ):
                client().wrap_socket(plain)
        finally:
            process.terminate()
            process.wait(10)
    assert "/no/such.pem: No such file or directory" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOCSIN_GATES_PROXY", "10.0.0.0/8 balancer"),
        ("TOCSIN_GATE_H02_PORT", "x"),
        ("TOCSIN_GATE_H02_TLS_PORT", "99999"),
    ],
)
def test_a_setting_that_cannot_be_followed_is_named(
    world: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    from tocsin import journey
    from tocsin.edge import gates

    monkeypatch.setattr(gates, "_run", None)  # it does not come to that
    monkeypatch.setenv(name, value)
    with pytest.raises(LookupError, match=f"^gates: {name}"):
        gates.serve(journey.ON_SIGNAL, "127.0.0.1", tmp_path)


def test_the_process_ends_with_it(world: Town, tmp_path: Path) -> None:
    env = {**os.environ, **settings(world, tmp_path), "TOCSIN_GATE_H02_PORT": "x"}
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "gates"], env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("tocsin: gates: TOCSIN_GATE_H02_PORT")
    assert "Traceback" not in done.stderr
