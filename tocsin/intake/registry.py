"""Who may signal, in memory: devices by token and by protocol and identifier, and the network of centers.

Kept true by triggers that announce every change (channel `registry`) and by a look at the database each second,
so that a revoked token is refused within 2 s even when an announcement is lost.
"""

import logging
import math
import time
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

from tocsin.centers.network import Network, Place

log = logging.getLogger(__name__)


class Device(msgspec.Struct):
    """A device as intake sees it.

    `center` is its own, its site's or its person's; `pressed` the last level of its SOS bit. `subject`: the device that
    an incident of a site (or of no person) is about: the site's first one stands for all of them. `place`: where the
    site is; `zones`: (alarm or "", silent) by the zone's number. `every`: seconds within which it must be heard again.
    `heard_at`: monotonic time of the last sign of life that was written down.
    """

    id: int
    protocol: str
    identifier: str
    person: int | None
    center: int | None
    language: str
    pressed: bool
    settings: dict[str, Any]
    subject: int
    site: int | None = None
    place: tuple[float, float] | None = None
    zones: dict[str, tuple[str, bool]] = {}
    every: int | None = None
    testing_until: datetime | None = None
    token: bytes | None = None
    heard_at: float = -math.inf


DEVICES = """
SELECT d.id, d.protocol, d.identifier, d.person_id, coalesce(d.center_id, s.center_id, p.center_id),
       coalesce(p.language, 'zh-hans'), d.pressed, d.settings,
       CASE WHEN s.id IS NULL THEN d.id ELSE (SELECT min(o.id) FROM devices_device o WHERE o.site_id = s.id) END,
       s.id, CASE WHEN s.lat IS NOT NULL AND s.lon IS NOT NULL THEN ARRAY[s.lat, s.lon] END,
       (SELECT json_object_agg(ltrim(z.number, '0'), json_build_array(z.alarm, z.silent))
        FROM devices_zone z WHERE z.site_id = s.id),
       d.heartbeat_every, d.testing_until,
       d.token_digest, d.revoked_at IS NULL AND coalesce(p.is_active, true)
FROM devices_device d LEFT JOIN people_person p ON p.id = d.person_id LEFT JOIN devices_site s ON s.id = d.site_id
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
        for *fields, place, zones, every, testing_until, token, active in rows:
            device = Device(*fields)
            device.place, device.zones = tuple(place) if place else None, zones or {}
            device.every, device.testing_until = every, testing_until
            device.token = bytes(token) if token else None
            self._take(device, active)
        self._looked = looked
        if since is None:  # a changed center is announced as a change of everything
            centers = await (await connection.execute(CENTERS)).fetchall()
            self.network = Network(Place(*row) for row in centers).ready()
        self.loaded_at = time.monotonic()

    def _take(self, device: Device, active: bool) -> None:
        if old := self._by_id.pop(device.id, None):
            device.heard_at = old.heard_at
            self.by_identifier.pop((old.protocol, old.identifier), None)
            if old.token:
                self.by_token.pop(old.token, None)
        if active:
            self._by_id[device.id] = device
            self.by_identifier[device.protocol, device.identifier] = device
            if device.token:
                self.by_token[device.token] = device
