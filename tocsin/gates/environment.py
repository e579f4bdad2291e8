"""What the environment says of the gates: docs/operate.md has the list.

TOCSIN_GATE_<NAME>_PORT, _TLS_PORT     where a gate listens
TOCSIN_GATE_<NAME>_<SETTING>           what its decoder is told (`Session.gate`)
TOCSIN_GATES_TLS_CERT, _TLS_KEY        the certificate of all TLS ports
TOCSIN_GATES_PROXY                     addresses of our balancers
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.gates.masked import is_secret

if TYPE_CHECKING:  # who only asks for settings needs no listeners
    from tocsin.gates.listeners.proxy import Balancers
    from tocsin.gates.listeners.tls import Certificate

PORTS = ("port", "tls_port")


def settings(name: str) -> dict[str, str]:
    """The gate's own settings, their names in lower case."""
    prefix = f"TOCSIN_GATE_{name.upper()}_"
    found = {key.removeprefix(prefix).lower(): value for key, value in os.environ.items() if key.startswith(prefix)}
    return {key: value for key, value in found.items() if key not in PORTS}


def without_secrets(name: str) -> dict[str, str]:
    """The gate's settings but those that open something: to read what is long past."""
    return {key: value for key, value in settings(name).items() if not is_secret(key)}


def port(name: str, kind: str = "port") -> int | None:
    """The number of a port; None: nothing is said. Raises ValueError with the name of the setting."""
    variable = f"TOCSIN_GATE_{name.upper()}_{kind.upper()}"
    said = os.environ.get(variable)
    if not said:
        return None
    try:
        number = int(said)
    except ValueError:
        number = 65_536
    if not -1 <= number <= 65_535:
        raise ValueError(f"{variable}={said}: a port is a number from 0 (a free one) to 65535, or -1 (closed)")
    return number


def certificate() -> "Certificate | None":
    """None: no TLS. Raises ValueError when only one of its two files is named."""
    from tocsin.gates.listeners.tls import Certificate

    chain, key = os.environ.get("TOCSIN_GATES_TLS_CERT"), os.environ.get("TOCSIN_GATES_TLS_KEY")
    if bool(chain) != bool(key):
        raise ValueError("TOCSIN_GATES_TLS_CERT and TOCSIN_GATES_TLS_KEY belong together")
    return Certificate(Path(chain), Path(key)) if chain and key else None


def balancers() -> "Balancers":
    """Raises ValueError with the name of the setting."""
    from tocsin.gates.listeners.proxy import Balancers

    try:
        return Balancers(os.environ.get("TOCSIN_GATES_PROXY", ""))
    except ValueError as error:
        raise ValueError(f"TOCSIN_GATES_PROXY: {error}") from None
