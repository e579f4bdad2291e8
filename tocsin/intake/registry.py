"""Who may signal, in memory: devices by token and by protocol and identifier, and the network of centers.

Kept true by triggers that announce every change (channel `registry`) and by a look at the database each second,
so that a revoked token is refused within 2 s even when an announcement is lost.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

from tocsin.centers.network import Network, Place

log = logging.getLogger(__name__)


class Device(msgspec.Struct):
    """A device as intake sees it. `center` is its own or its person's; `pressed` the last level of its SOS bit."""

    id: int
    protocol: str
    identifier: str
    person: int | None
    center: int | None
    language: str
    pressed: bool
    settings: dict[str, Any]
    token: bytes | None = None


DEVICES = """
SELECT d.id, d.protocol, d.identifier, d.person_id, coalesce(d.center_id, p.center_id), coalesce(p.language, 'zh-hans'),
       d.pressed, d.settings, d.token_digest, d.revoked_at IS NULL AND coalesce(p.is_active, true)
FROM devices_device d LEFT JOIN people_person p ON p.id = d.person_id
"""
CENTERS = "SELECT id, code, name_en, name_zh, parent_id, lat, lon, area FROM centers_center"


class Registry:
    """Reads are plain dictionary look-ups; `refresh` brings in what changed."""

    def __init__(self) -> None:
        self.network = Network(())
        self.by_token: dict[bytes, Device] = {}
        self.by_identifier: dict[tuple[str, str], Device] = {}
        self._by_id: dict[int, Device] = {}
        self._looked: datetime | None = None
        self._all = False
        self.loaded_at = 0.0

    def find(self, protocol: str, identifier: str) -> Device | None:
        return self.by_identifier.get((protocol, identifier))

    def heard(self, payload: str) -> None:
        """An announcement on channel `registry`: `all` means that the next refresh must load everything."""
        self._all = self._all or payload == "all"

    async def refresh(self, connection: psycopg.AsyncConnection[Any], fresh: bool) -> None:
        """Take in what changed since the last look; everything when the connection is fresh.

        The overlap of 5 s covers transactions that were still open.
        """
        everything, self._all = self._all or fresh, False
        since = None if everything or self._looked is None else self._looked - timedelta(seconds=5)
        row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
        looked = row[0] if row else None
        query = DEVICES + (" WHERE d.changed_at >= %s" if since else "")
        rows = await (await connection.execute(query, (since,) if since else None)).fetchall()
        if since is None:
            self.by_token.clear()
            self.by_identifier.clear()
            self._by_id.clear()
        for *fields, token, active in rows:
            device = Device(*fields)
            device.token = bytes(token) if token else None
            self._take(device, active)
        self._looked = looked
        if since is None:  # a changed center is announced as a change of everything
            centers = await (await connection.execute(CENTERS)).fetchall()
            self.network = Network(Place(*row) for row in centers)
        self.loaded_at = time.monotonic()

    def _take(self, device: Device, active: bool) -> None:
        if old := self._by_id.pop(device.id, None):
            self.by_identifier.pop((old.protocol, old.identifier), None)
            if old.token:
                self.by_token.pop(old.token, None)
        if active:
            self._by_id[device.id] = device
            self.by_identifier[device.protocol, device.identifier] = device
            if device.token:
                self.by_token[device.token] = device
