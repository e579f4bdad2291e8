"""TCP, UDP and HTTP. No protocol is known here: bytes to a decoder, signals to intake, and only then a reply.

reception.py  what all transports share: decode, find the device, store, say what may be answered; limits, counters
port.py       a TCP port: takes connections, learns the real address (proxy.py), speaks TLS (tls.py)
tcp.py        streams · udp.py datagrams · http.py requests, on a port of their own or at the web's address
"""

from tocsin.gates.listeners.http import HttpListener
from tocsin.gates.listeners.port import Entry, Listener
from tocsin.gates.listeners.reception import Counters, Device, Directory, Intake, Limits, Reception
from tocsin.gates.listeners.tcp import TcpListener
from tocsin.gates.listeners.udp import UdpListener

__all__ = (
    "Counters",
    "Device",
    "Directory",
    "Entry",
    "HttpListener",
    "Intake",
    "Limits",
    "Listener",
    "Reception",
    "TcpListener",
    "UdpListener",
)
