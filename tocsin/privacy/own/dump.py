"""Rows as an export gives them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from tocsin.incidents.models import Incident, State
from tocsin.lib.sealed import Unopened


def dump(rows: Iterable[Any], *fields: str) -> list[dict[str, Any]]:
    """These fields of each row, in this order; what is sealed is opened, and None where its key is lost."""
    return [{f.replace("__", "_"): _of(row, f) for f in fields} for row in rows]


def _of(row: Any, field: str) -> Any:
    try:
        for part in field.split("__"):
            row = getattr(row, part, None)
    except Unopened:
        return None
    return msgspec.to_builtins(row, builtin_types=(bytes,), enc_hook=str) if isinstance(row, dict | list) else row


def hidden(person: int) -> list[int]:
    """A silent alarm leaves no trace on the phone while it runs: a copy that is made then is without it."""
    running = Incident.objects.filter(person=person, silent=True).exclude(state=State.CLOSED)
    return list(running.values_list("pk", flat=True))
