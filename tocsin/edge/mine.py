"""What has become of my press: for the person who pressed, and nobody else."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from tocsin.gates.models import StoredSignal
from tocsin.incidents.models import Incident
from tocsin.intake.registry import Device
from tocsin.intake.store import Stored
from tocsin.lib import wall
from tocsin.lib.words import Language, word


def state_of(id_: UUID, device: Device, language: Language) -> tuple[Stored, dict[str, Any]] | None:
    """The state of a signal of this device, or of another device of the same person."""
    wall.stand(device.person or 0, ())
    if device.person is None:  # a button of a center: nobody it could stand for, and what it sent itself is all it gets
        with wall.lifted():
            return _state(id_, device, language)
    return _state(id_, device, language)


def _state(id_: UUID, device: Device, language: Language) -> tuple[Stored, dict[str, Any]] | None:
    mine = Q(device_id=device.id) | (Q(person_id=device.person) if device.person else Q(pk=None))
    signal = StoredSignal.objects.filter(mine, pk=id_).first()
    if signal is None:
        return None
    incident = Incident.objects.select_related("claimed_by").filter(pk=signal.incident_id or 0).first()
    if incident is not None and incident.merged_into_id:
        incident = Incident.objects.select_related("claimed_by").get(pk=incident.merged_into_id)
    stored = Stored(flags=tuple(signal.flags.split()), fresh=False)
    if incident is None:
        return stored, {}
    stored.incident, stored.center = incident.pk, incident.center_id
    stored.state, stored.alarm = incident.state, incident.alarm
    return stored, {
        "claimed_by": incident.claimed_by.name if incident.claimed_by else None,
        "claimed_at": incident.claimed_at,
        "dispatched": [
            {"who": d.responder.name if d.responder else d.to or word(d.kind, language), "state": d.state}
            for d in incident.dispatches.select_related("responder").order_by("pk")
        ],
        "closed_at": incident.closed_at,
        "outcome": incident.outcome,
        "cancel_requested": incident.cancel_requested_at is not None,
    }
