"""What a stage of the escalation may do in a drill: the first wall around it. A reaction of the clock's step."""

from collections.abc import Sequence

from tocsin.drills.models import DrillIncident
from tocsin.escalation.plans import Stage, Whom
from tocsin.escalation.stages import Firing
from tocsin.notifications.alarm import OUTSIDE


def limit(firings: Sequence[Firing]) -> None:
    """Take out whoever is not of the house. With chosen people each stage tells them alone, and no further desk rings.

    What is marked as a drill and belongs to none tells nobody.
    """
    rows = DrillIncident.objects.filter(incident__in=[f.incident.pk for f in firings])
    known = dict(rows.values_list("incident_id", "drill__only"))
    for firing in firings:
        stage, only = firing.stage, known.get(firing.incident.pk)
        inside = tuple(w for w in stage.whom if w.kind not in OUTSIDE)
        if only is None:
            firing.stage = Stage(stage.after)
        elif only:
            chosen = (Whom("people", ids=tuple(only)),) if inside else ()
            firing.stage = Stage(stage.after, "", chosen, stage.by)
        else:
            firing.stage = Stage(stage.after, stage.ring, inside, stage.by)
