"""The writers of plans. What runs already goes on by its own copy; the book says who changed what."""

from datetime import datetime

import msgspec
from django.db import connection, transaction

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.escalation import facts
from tocsin.escalation.models import Plan
from tocsin.escalation.plans import Steps
from tocsin.lib.refused import Refused
from tocsin.people.models import Person


def save(plan: Plan, steps: Steps, by: Person, at: datetime) -> Plan:
    """Write a new plan, or a changed one."""
    new = plan.pk is None
    plan.steps, plan.changed_at = msgspec.json.decode(msgspec.json.encode(steps)), at
    with transaction.atomic():
        plan.save()
        kind = facts.PlanAdded if new else facts.PlanChanged
        _book(plan, kind(plan=plan.pk, alarm=plan.alarm), by, at)
    return plan


def switch(pk: int, active: bool, by: Person, at: datetime) -> Plan:
    """Put a plan in force, or out of it."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=pk)
        if plan.active is active:
            raise Refused("no_change")
        plan.active, plan.changed_at = active, at
        plan.save(update_fields=["active", "changed_at"])
        kind = facts.PlanActivated if active else facts.PlanDeactivated
        _book(plan, kind(plan=plan.pk, alarm=plan.alarm), by, at)
    return plan


def delete(pk: int, by: Person, at: datetime) -> None:
    """Take a plan out for good."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=pk)
        fact, center = facts.PlanDeleted(plan=plan.pk, alarm=plan.alarm), plan.center_id
        plan.delete()
        _book(Plan(center_id=center), fact, by, at)


def _book(plan: Plan, fact: Fact, by: Person, at: datetime) -> None:
    with connection.cursor() as cursor:
        record(cursor, [New([plan.center_id], fact, at, None, by.pk)])
