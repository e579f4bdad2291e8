"""The writers of devices: how they are doing, judged by the clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.network import Network
from tocsin.devices import rules
from tocsin.devices.facts import DeviceBack, DeviceMended, DeviceSilent, DeviceTrouble

_OWNER = "coalesce(d.center_id, s.center_id, p.center_id)"
_WHOSE = "JOIN devices_device d ON d.id = v.device_id LEFT JOIN devices_site s ON s.id = d.site_id " + (
    "LEFT JOIN people_person p ON p.id = d.person_id"
)

# Silent: overdue, and gates have listened without a break for at least as long as it may be quiet. Without the second
# half every device would be called silent after our own outage.
OVERDUE = f"""
SELECT v.device_id, v.heard_at, {_OWNER} FROM devices_vitals v {_WHOSE}
WHERE v.silent_since IS NULL AND v.due <= %(now)s AND d.revoked_at IS NULL AND d.heartbeat_every IS NOT NULL
  AND EXISTS (SELECT FROM gates_pulse g WHERE g.process LIKE 'gates%%' AND g.at > %(now)s - interval '10 s'
              AND g.since < %(now)s - d.heartbeat_every * interval '1 s')
ORDER BY v.due LIMIT %(most)s FOR UPDATE OF v SKIP LOCKED
"""
CHANGED = f"""
SELECT v.device_id, v.heard_at, v.silent_since, v.battery, v.troubles, v.told, {_OWNER} FROM devices_vitals v {_WHOSE}
WHERE v.changed ORDER BY v.device_id LIMIT %(most)s FOR UPDATE OF v SKIP LOCKED
"""
SILENT = "UPDATE devices_vitals SET silent_since = heard_at WHERE device_id = %s"
JUDGED = """
UPDATE devices_vitals SET changed = false, silent_since = NULL, told = %s,
    troubles = coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(troubles) WHERE value <> 'null'), '{}')
WHERE device_id = %s
"""


def supervise(network: Network, at: datetime, most: int = 200) -> int:
    """Tell the desks which devices fell silent, are back, or complain; each once. Returns how many it judged."""
    with transaction.atomic(), connection.cursor() as cursor:
        entries: list[New] = []

        def tell(center: int | None, fact: Fact) -> None:
            entries.append(New([network.owner(None, None, center)], fact, at))

        cursor.execute(OVERDUE, {"now": at, "most": most})
        overdue = cursor.fetchall()
        for device, heard_at, center in overdue:
            cursor.execute(SILENT, (device,))
            tell(center, DeviceSilent(device=device, minutes=_minutes(heard_at, at)))
        cursor.execute(CHANGED, {"most": most})
        changed = cursor.fetchall()
        for device, heard_at, silent_since, battery, troubles, told, center in changed:
            if silent_since is not None:
                tell(center, DeviceBack(device=device, minutes=_minutes(silent_since, heard_at)))
            news = rules.news(_times(troubles), _times(told), battery)
            for trouble in news.begun:
                tell(center, DeviceTrouble(device=device, trouble=trouble))
            for trouble in news.ended:
                tell(center, DeviceMended(device=device, trouble=trouble))
            cursor.execute(JUDGED, (msgspec.json.encode(news.told).decode(), device))
        if entries:
            record(cursor, entries)
    return len(overdue) + len(changed)


def _minutes(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds() / 60))


def _times(written: str | Mapping[str, Any]) -> dict[str, Any]:
    """Times by trouble, as they stand in the row; null for one that has ended."""
    if isinstance(written, str):
        return msgspec.json.decode(written, type=dict[str, datetime | None])
    return msgspec.convert(written, dict[str, datetime | None])
