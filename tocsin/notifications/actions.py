"""The writers of deliveries: tell somebody, note what became of it, take an answer.

`tell` runs inside the transaction of whoever decided it (the clock's step, a verb), so a message is owed exactly when
the fact is true. A delivery is claimed with SKIP LOCKED; one that its courier did not finish is claimed anew.
Whoever may owe a further one because of what became of an alarm's delivery locks the incident before the delivery,
as the verbs do: after a claim nothing new is owed.
"""

import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from tocsin.book.models import Entry
from tocsin.book.record import New, record
from tocsin.escalation.models import Run
from tocsin.incidents.models import Incident
from tocsin.lib.sealed import Unopened
from tocsin.lib.sql import Statement, array
from tocsin.notifications import asked, rules
from tocsin.notifications.channel import Receipt, Result
from tocsin.notifications.facts import Unreachable
from tocsin.notifications.models import CHANNELS, Contact, Delivery, Partner, Relative, State
from tocsin.people.models import Person

log = logging.getLogger(__name__)

PATIENT = timedelta(seconds=15)
ORDER = ("webpush", "sms", "voice", "whatsapp", "wecom", "apprise", "email")  # which contact to try next
ROUND = 100_000  # an alarm's `round`: how often its escalation began, times this, and the step (under 30,001)
#: The same alarm comes to the same contact again after so long at the earliest, whatever the stages say.
APART = timedelta(seconds=45)
NUMBERS = ("sms", "voice")
_SEEN = Q(read_at__isnull=False) | Q(answered_at__isnull=False)
OVER = (State.FAILED, State.GIVEN_UP, State.CANCELLED)
Row = dict[str, Any]
_json = msgspec.json.Encoder().encode


def contacts_of(people: Iterable[int]) -> dict[int, list[Contact]]:
    """The living contacts of each person, in the order of ORDER. A person's own number takes texts and calls."""
    wanted = Person.objects.filter(pk__in=set(people), is_active=True)
    persons = {p.pk: p for p in wanted.only("phone", "language", "name")}
    known = list(Contact.objects.filter(person__in=persons))
    there = {(c.person_id, c.channel, c.address) for c in known}
    lacking = [
        Contact(person=p, channel=channel, address=p.phone)
        for p in persons.values()
        for channel in NUMBERS
        if p.phone and (p.pk, channel, p.phone) not in there
    ]
    if lacking:
        Contact.objects.bulk_create(lacking, ignore_conflicts=True)
        known = list(Contact.objects.filter(person__in=persons))
    found: dict[int, list[Contact]] = {pk: [] for pk in persons}
    for contact in known:
        contact.person = persons[contact.person_id]
        if contact.dead_at is None and _works(contact):
            found[contact.person_id].append(contact)
    for contacts in found.values():
        contacts.sort(key=lambda c: (ORDER.index(c.channel) if c.channel in ORDER else 99, c.pk))
    return found


def _works(contact: Contact) -> bool:
    """A number must be the person's own or confirmed; anything else counts from the start."""
    return contact.channel not in NUMBERS or bool(contact.confirmed_at) or contact.address == contact.person.phone


class Telling(msgspec.Struct, kw_only=True):
    """Whom to tell what. `by`: channels; none: each on their best contact. The rest is filled by `tell_all`:
    `owed` new deliveries to `told` receivers, and `lost`, the people without any contact."""

    message: str
    values: Mapping[str, Any]
    people: frozenset[int] = frozenset()
    relatives: frozenset[int] = frozenset()
    partners: frozenset[int] = frozenset()
    by: Sequence[str] = ()
    incident: Incident | None = None
    round: int = 0
    urgent: bool = False
    drill: bool = False
    owed: int = 0
    told: int = 0
    lost: list[int] = msgspec.field(default_factory=list)


def tell_all(tellings: Sequence[Telling], at: datetime) -> None:
    """Owe the messages of all of them, with a few statements however many they are.

    A person without any of these channels gets it on whatever contact they have. What waits to be sent to a contact,
    or was sent less than APART ago, is not owed again by a further stage.
    """
    contacts = contacts_of({p for t in tellings for p in t.people})
    recent = _recent([t for t in tellings if t.message == "alarm" and t.incident], at)
    relatives = Relative.objects.in_bulk({r for t in tellings for r in t.relatives})
    partners = {p.pk: p for p in Partner.objects.filter(pk__in={p for t in tellings for p in t.partners}, active=True)}
    owed: dict[str, tuple[Telling, tuple[str, int]]] = {}
    rows = []
    for telling in tellings:
        for receiver, row in _rows(telling, contacts, recent, relatives, partners, at):
            owed[row["token"]] = telling, receiver
            rows.append(row)
    told: dict[int, set[tuple[str, int]]] = {}
    for token in _owe(rows):
        telling, receiver = owed[token]
        telling.owed += 1
        told.setdefault(id(telling), set()).add(receiver)
    for telling in tellings:
        telling.told = len(told.get(id(telling), ()))


def _rows(
    telling: Telling,
    contacts: Mapping[int, list[Contact]],
    recent: Mapping[tuple[int, int], set[tuple[int, str, str]]],
    relatives: Mapping[int, Relative],
    partners: Mapping[int, Partner],
    at: datetime,
) -> Iterable[tuple[tuple[str, int], Row]]:
    pk = telling.incident.pk if telling.incident else 0
    fresh = recent.get((pk, telling.round // ROUND), set()) if telling.message == "alarm" else set()
    for person in sorted(telling.people & contacts.keys()):
        theirs = contacts[person]
        chosen = [c for c in theirs if c.channel in telling.by] if telling.by else theirs[:1]
        chosen = chosen or theirs[:1]
        if not chosen:
            telling.lost.append(person)
        rest = [c.pk for c in theirs if c not in chosen]
        for contact in chosen:
            if (person, contact.channel, contact.address) not in fresh:
                yield ("person", person), _delivery(telling, at, contact, rest)
    if telling.drill:  # nobody outside, whatever a plan says
        return
    for each in sorted(telling.relatives & relatives.keys()):
        relative = relatives[each]
        try:
            channel, address = ("sms", relative.phone) if relative.phone else ("email", relative.email)
        except Unopened as error:  # nobody else may go without the alarm for that
            log.error("relative %s cannot be told: %s", each, error)
            continue
        if address:  # once for each incident, whatever its rounds
            yield (
                ("relative", each),
                _row(
                    telling, at, relative=each, channel=channel, address=address, language=relative.language,
                    message="relative", round=0, urgent=False,
                ),
            )  # fmt: skip
    for each in sorted(telling.partners & partners.keys()):
        partner = partners[each]
        yield (
            ("partner", each),
            _row(telling, at, partner=each, channel="webhook", address=partner.url, language="en", urgent=True),
        )


def _recent(tellings: Sequence[Telling], at: datetime) -> dict[tuple[int, int], set[tuple[int, str, str]]]:
    """(incident, its round of escalation) → who hears of it on which contact just now: (person, channel, address)."""
    incidents = {t.incident.pk for t in tellings if t.incident}
    if not incidents:
        return {}
    on_the_way = Q(state__in=(State.QUEUED, State.SENDING))
    rows = Delivery.objects.filter(
        on_the_way | Q(created_at__gt=at - APART), incident__in=incidents, message="alarm", person__isnull=False
    ).exclude(state__in=OVER)
    found: dict[tuple[int, int], set[tuple[int, str, str]]] = {}
    fields = rows.values_list("incident_id", "round", "person_id", "channel", "address")
    for incident, round, person, channel, address in fields:
        found.setdefault((incident or 0, round // ROUND), set()).add((person or 0, channel, address))
    return found


def tell(
    people: Iterable[int],
    message: str,
    values: Mapping[str, Any],
    at: datetime,
    *,
    by: Sequence[str] = (),
    incident: Incident | None = None,
    round: int = 0,
    urgent: bool = False,
    drill: bool = False,
) -> tuple[int, list[int]]:
    """Owe these people a message: see `tell_all`. Returns how many deliveries are owed now that were not before, and
    the people who cannot be reached at all."""
    telling = Telling(
        message=message, values=values, people=frozenset(people), by=by, incident=incident, round=round, urgent=urgent,
        drill=drill,
    )  # fmt: skip
    tell_all([telling], at)
    return telling.owed, telling.lost


def _token() -> str:
    return secrets.token_urlsafe(16)


def _row(telling: Telling, at: datetime, **more: Any) -> Row:
    """A delivery as OWE inserts it."""
    return {
        "incident": telling.incident.pk if telling.incident else None,
        "message": telling.message,
        "values": telling.values,
        "round": telling.round,
        "urgent": telling.urgent,
        "drill": telling.drill,
        "due": at,
        "then": (),
        "token": _token(),
        **more,
    }


def _delivery(telling: Telling, at: datetime, contact: Contact, rest: Sequence[int]) -> Row:
    return _row(
        telling, at, person=contact.person_id, contact=contact.pk, channel=contact.channel, address=contact.address,
        language=contact.person.language, then=rest,
    )  # fmt: skip


OWE = """
INSERT INTO notifications_delivery (incident_id, person_id, relative_id, partner_id, contact_id, channel, address,
    language, message, "values", round, urgent, drill, state, due, created_at, "then", tried, token, error, answer,
    words)
SELECT incident, person, relative, partner, contact, channel, address, language, message, "values", round, urgent,
    drill, 'queued', due, due, "then", 0, token, '', '', ''
FROM json_to_recordset(%s::json) AS r(incident bigint, person bigint, relative bigint, partner bigint, contact bigint,
    channel text, address text, language text, message text, "values" jsonb, round int, urgent boolean, drill boolean,
    due timestamptz, "then" jsonb, token text)
ON CONFLICT DO NOTHING RETURNING token
"""


def _owe(rows: Sequence[Row]) -> list[str]:
    """Insert those that are not there yet, and wake the couriers at the commit. Returns the tokens of the new."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(OWE, (_json(rows).decode(),))
        tokens = [token for (token,) in cursor.fetchall()]
        if tokens:
            cursor.execute("SELECT pg_notify('deliveries', '')")
    return tokens


def stop(incidents: Sequence[int], at: datetime) -> Statement:
    """Somebody claimed or closed them: what was not sent yet need not be sent. A reaction of the verb."""
    return (
        "UPDATE notifications_delivery SET unread_due = NULL, "
        "state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END "
        "WHERE incident_id = ANY(%s::bigint[]) AND message = 'alarm' AND (state = 'queued' OR unread_due IS NOT NULL)",
        (array(incidents),),
    )


def _locked(incidents: Iterable[int | None]) -> dict[int, Incident]:
    """These incidents, held against the verbs until the end of the transaction. Before any delivery is locked."""
    wanted = sorted({pk for pk in incidents if pk is not None})
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM incidents_incident WHERE id = ANY(%s) ORDER BY id FOR SHARE", (wanted,))
    return Incident.objects.in_bulk(wanted) if wanted else {}


def _wanted(delivery: Delivery, incident: Incident | None, round: int | None) -> bool:
    """Whether it should still be told: an alarm while nobody has claimed it, and only by its present escalation."""
    if delivery.message in asked.CODES and asked.code_of(delivery) is None:
        return False
    if incident is None:
        return delivery.incident_id is None
    if incident.drill and delivery.person_id is None:  # a relative or a partner: a drill never reaches them
        return False
    if delivery.message == "sent":
        return incident.state != "closed"
    if delivery.message != "alarm":
        return True
    present = delivery.round < ROUND or round is None or delivery.round // ROUND == round
    return incident.state == "new" and incident.merged_into_id is None and present


def _rounds(incidents: Iterable[int | None]) -> dict[int, int]:
    rows = Run.objects.filter(incident__in={pk for pk in incidents if pk is not None})
    return dict(rows.values_list("incident_id", "round"))


# A channel that hangs must not hold up the others, so each has room of its own; urgent ones first, drills after them.
CLAIM = """
WITH taken AS (
    SELECT d.id FROM unnest(%(channels)s::text[], %(rooms)s::int[]) AS c(channel, room), LATERAL (
        SELECT id FROM notifications_delivery
        WHERE channel = c.channel
          AND state IN ('queued', 'sending') AND due <= %(at)s
        ORDER BY urgent DESC, drill, due, id LIMIT c.room FOR UPDATE SKIP LOCKED
    ) d
)
UPDATE notifications_delivery d SET state = 'sending', due = %(until)s, tried = d.tried + 1
FROM taken WHERE d.id = taken.id RETURNING d.id
"""


def claim(at: datetime, most: int, rooms: Mapping[str, int] | None = None) -> list[Delivery]:
    """Take deliveries that are due, urgent ones first; nobody else gets them until the lease ends.

    `rooms`: how many of a channel at most (otherwise `most`). What need not be sent any more is cancelled instead.
    """
    left = {name: min(most, (rooms or {}).get(name, most)) for name in CHANNELS}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {"at": at, "until": at + rules.LEASE, "channels": list(left), "rooms": list(left.values())},
        )
        taken = [pk for (pk,) in cursor.fetchall()]
    if not taken:
        return []
    found = list(Delivery.objects.filter(pk__in=taken).select_related("partner", "incident", "contact"))
    rounds = _rounds(d.incident_id for d in found if d.message == "alarm")
    needless_ = [d.pk for d in found if not _wanted(d, d.incident, rounds.get(d.incident_id or 0))]
    if needless_:
        needless(*needless_)
        found = [d for d in found if d.pk not in needless_]
    return sorted(found, key=lambda d: (not d.urgent, d.drill, d.created_at, d.pk))


def hold(delivery: Delivery, at: datetime) -> bool:
    """Before a sending that had to wait: lease it anew. False: it need not be sent, or another courier has it."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, tried=delivery.tried)
    incident = Incident.objects.filter(pk=delivery.incident_id).first() if delivery.incident_id else None
    if not _wanted(delivery, incident, _rounds([delivery.incident_id]).get(delivery.incident_id or 0)):
        needless(delivery.pk)
        return False
    return bool(mine.update(due=at + rules.LEASE))


SENT = """
WITH said AS (SELECT * FROM json_to_recordset(%(said)s::json) AS r(id bigint, state text, ref text)),
held AS (
    SELECT d.id, said.state, said.ref, (d.incident_id IS NULL OR d.message <> 'alarm' OR i.state = 'new') AS wanted
    FROM notifications_delivery d JOIN said ON said.id = d.id LEFT JOIN incidents_incident i ON i.id = d.incident_id
    ORDER BY d.id FOR UPDATE OF d
)
UPDATE notifications_delivery d SET
    state = CASE WHEN d.state = 'sending' THEN held.state ELSE d.state END, error = '',
    ref = coalesce(held.ref, d.ref), sent_at = coalesce(d.sent_at, %(at)s),
    delivered_at = CASE WHEN held.state = 'delivered' THEN coalesce(d.delivered_at, %(at)s) ELSE d.delivered_at END,
    unread_due = CASE WHEN d.urgent AND held.wanted AND d."then" <> '[]' AND d.read_at IS NULL AND d.answered_at IS NULL
        THEN %(unread)s ELSE d.unread_due END
FROM held WHERE held.id = d.id
"""


def finish(pk: int, result: Result, at: datetime) -> None:
    """Note what became of one try: sent, again later, the next contact, or given up."""
    finish_all([(pk, result)], at)


def finish_all(results: Sequence[tuple[int, Result]], at: datetime) -> None:
    """The same for many tries, in one transaction."""
    well = [{"id": pk, "state": r.state, "ref": r.ref and r.ref[:120]} for pk, r in results if r.state != "failed"]
    failed = {pk: result for pk, result in results if result.state == "failed"}
    with transaction.atomic():
        if well:
            unread_due = at + timedelta(seconds=rules.UNREAD)
            with connection.cursor() as cursor:
                cursor.execute(SENT, {"said": _json(well).decode(), "at": at, "unread": unread_due})
    if not failed:
        return
    with transaction.atomic():
        incidents = _locked(Delivery.objects.filter(pk__in=failed).values_list("incident_id", flat=True))
        rounds, entries = _rounds(incidents), list[New]()
        for delivery in Delivery.objects.select_for_update().filter(pk__in=failed).order_by("pk"):
            result = failed[delivery.pk]
            delivery.ref = result.ref[:120] if result.ref else delivery.ref
            incident = incidents.get(delivery.incident_id or 0)
            entries += _failed(delivery, incident, rounds.get(delivery.incident_id or 0), result, at)
            delivery.save()
        if entries:
            with connection.cursor() as cursor:
                record(cursor, entries)


def _failed(
    delivery: Delivery, incident: Incident | None, round: int | None, result: Result, at: datetime
) -> list[New]:
    """Again later, beside it or instead the next contact. The caller holds incident and delivery, and saves it.

    Returns what the book must say: a person whose contacts have all failed."""
    delivery.error = result.error[:300]
    if delivery.state not in (State.SENDING, State.SENT):
        return []
    if result.gone and (gone := delivery.contact_id):
        Contact.objects.filter(pk=gone, dead_at=None).update(dead_at=at, dead_why=result.error[:200])
    if result.gone and _switched_off(delivery):
        delivery.error = f"{result.error[:240]}: the partner is switched off now"
    final = result.permanent or result.gone
    following = None if final else rules.again(delivery.tried, delivery.urgent, at, result.wait)
    if not _wanted(delivery, incident, round):
        delivery.state, delivery.unread_due = State.FAILED if final else State.CANCELLED, None
        return []
    if following is not None:
        delivery.state, delivery.due, delivery.unread_due = State.QUEUED, following, None
        if delivery.urgent and (delivery.tried == 2 or following - at > PATIENT):  # try the next contact beside it
            _next(delivery, incident, at)
        return []
    delivery.state = State.FAILED if final else State.GIVEN_UP
    if _next(delivery, incident, at) or incident is None or delivery.person_id is None or delivery.message != "alarm":
        return []
    others = Delivery.objects.filter(incident=incident, person=delivery.person_id).exclude(pk=delivery.pk)
    said = Entry.objects.filter(incident_id=incident.pk, kind="unreachable", echo=False)
    if others.exclude(state__in=OVER).exists() or delivery.person_id in (
        facts["person"] for facts in said.values_list("facts", flat=True)
    ):
        return []
    return [New(incident.centers, Unreachable(person=delivery.person_id), at, incident.pk)]


def _switched_off(delivery: Delivery) -> bool:
    """A partner's system says that it is gone for good. At another address by now, the partner stays."""
    partners = Partner.objects.filter(pk=delivery.partner_id or 0, url=delivery.address, active=True)
    return bool(partners.update(active=False))


def _next(delivery: Delivery, incident: Incident | None, at: datetime) -> bool:
    """Owe the same message on the person's next living contact that has not got it; False: there is none."""
    waiting, delivery.then, delivery.unread_due = list(delivery.then), [], None
    if not waiting:
        return False
    same = _same(delivery).exclude(state=State.CANCELLED)
    has = set(same.values_list("channel", "address")) if delivery.incident_id else set()
    contacts = Contact.objects.select_related("person").filter(dead_at=None, person__is_active=True).in_bulk(waiting)
    while waiting:
        contact = contacts.get(waiting.pop(0))
        if contact is None or not _works(contact) or (contact.channel, contact.address) in has:
            continue
        telling = Telling(
            message=delivery.message, values=delivery.values, incident=incident, round=delivery.round,
            urgent=delivery.urgent, drill=delivery.drill,
        )  # fmt: skip
        if _owe([_delivery(telling, at, contact, waiting)]):
            return True
    return False


def _same(delivery: Delivery) -> QuerySet[Delivery]:
    """The same message to the same person on all their contacts: of an alarm, in this round of its escalation."""
    begun = delivery.round // ROUND * ROUND if delivery.message == "alarm" else delivery.round
    ends = begun + ROUND if delivery.message == "alarm" else begun + 1
    return Delivery.objects.filter(
        incident=delivery.incident_id, person=delivery.person_id, message=delivery.message,
        round__gte=begun, round__lt=ends,
    )  # fmt: skip


def unread(at: datetime, most: int = 200) -> int:
    """What was sent in a hurry and never opened goes on to the next contact. Done by the couriers."""
    late = Delivery.objects.filter(unread_due__lte=at)
    found = list(late.order_by("unread_due").values_list("pk", "incident_id")[:most])
    if not found:
        return 0
    with transaction.atomic():
        incidents = _locked(incident for _, incident in found)
        rounds = _rounds(incidents)
        rows = late.select_for_update(skip_locked=True).filter(pk__in=[pk for pk, _ in found]).order_by("pk")
        for delivery in rows:
            incident = incidents.get(delivery.incident_id or 0)
            still = _wanted(delivery, incident, rounds.get(delivery.incident_id or 0))
            if still and not _same(delivery).filter(_SEEN).exists():
                _next(delivery, incident, at)
            delivery.unread_due = None
            delivery.save(update_fields=["unread_due", "then"])
    return len(found)


_RANK = (State.QUEUED, State.SENDING, State.SENT, State.DELIVERED, State.READ, State.ANSWERED)


def receipt(receipt: Receipt, at: datetime, *, token: str = "", channel: str = "", last: bool = True) -> bool:
    """What a provider tells later. A state never goes back, and a failure of an older try is none of the present one.

    False: we know no such message yet. Unless it is the `last` look, so is one that failed while it is being sent: of
    which try that was is known when our own note of the sending, with its `ref`, is written.
    """
    ref = receipt.ref[:120] if receipt.ref else ""
    if not token and not ref:
        return True  # nothing will ever be found by it
    key = Q(token=token) if token else Q(ref=ref)
    if channel:
        key &= Q(channel=channel)
    with transaction.atomic():
        incidents = _locked(Delivery.objects.filter(key).values_list("incident_id", flat=True))
        delivery = Delivery.objects.select_for_update().filter(key).order_by("-pk").first()
        if delivery is None:
            return False
        entries = list[New]()
        if receipt.state == "failed":
            if delivery.state == State.SENDING and not last:
                return False
            if ref and delivery.ref and ref != delivery.ref:
                return True
            result = Result("failed", error=receipt.error, permanent=receipt.permanent, gone=receipt.gone)
            incident = incidents.get(delivery.incident_id or 0)
            entries = _failed(delivery, incident, _rounds(incidents).get(delivery.incident_id or 0), result, at)
        elif receipt.state == "sent":  # says nothing that is new, unless its courier died; never undoes a new try
            delivery.state = State.SENT if delivery.state == State.SENDING else delivery.state
        elif delivery.state not in _RANK or _RANK.index(State(receipt.state)) > _RANK.index(State(delivery.state)):
            delivery.state = receipt.state
        if receipt.state != "failed" and delivery.state not in (State.QUEUED, *OVER):
            delivery.sent_at = delivery.sent_at or at
        if receipt.state == "delivered":
            delivery.delivered_at = delivery.delivered_at or at
        if receipt.state == "read":
            delivery.read_at, delivery.unread_due = delivery.read_at or at, None
        delivery.save()
        if entries:
            with connection.cursor() as cursor:
                record(cursor, entries)
    return True


def opened(token: str, at: datetime) -> None:
    """The receiver opened the link: read, and the contact works. A page that looks again writes nothing more."""
    found = Delivery.objects.filter(token=token)
    new = found.filter(read_at=None).update(read_at=at, unread_due=None)
    found.filter(state__in=[State.SENDING, State.SENT, State.DELIVERED]).update(state=State.READ)
    contacts = Contact.objects.filter(pk__in=found.values("contact"))
    if not new:
        contacts = contacts.filter(Q(confirmed_at=None) | Q(dead_at__isnull=False))
    contacts.update(confirmed_at=at, dead_at=None)


def answered(delivery: Delivery, answer: str, at: datetime, eta: int | None = None, words: str = "") -> None:
    """The receiver says `coming`, `cannot` or `claimed`; the last answer counts, and words alone take none back."""
    changed: dict[str, Any] = {"answer": answer, "eta": eta} if answer else {}
    if words or answer:
        changed["words"] = words
    Delivery.objects.filter(pk=delivery.pk).update(
        state=State.ANSWERED, unread_due=None, answered_at=at, read_at=delivery.read_at or at,
        **changed,
    )  # fmt: skip
    if delivery.contact_id:
        Contact.objects.filter(pk=delivery.contact_id).update(confirmed_at=at, dead_at=None)


def counts(incident: int) -> dict[str, int]:
    """ "Told 5, seen 3, coming 2": people, each once, whatever the number of their contacts."""
    rows = Delivery.objects.filter(incident=incident, person__isnull=False).exclude(state=State.CANCELLED)
    told = Q(state__in=[State.SENT, State.DELIVERED, State.READ, State.ANSWERED])
    reached = rows.filter(told).values("person")
    failed = rows.filter(state__in=[State.FAILED, State.GIVEN_UP]).exclude(person__in=reached)
    sets = {"owed": Q(), "told": told, "seen": _SEEN, "coming": Q(answer="coming")}
    found = rows.aggregate(**{k: Count("person", distinct=True, filter=q) for k, q in sets.items()})
    return {**found, "failed": failed.values("person").distinct().count()}


def needless(*pks: int) -> None:
    """They need not be sent any more."""
    Delivery.objects.filter(pk__in=pks, state=State.SENDING).update(state=State.CANCELLED)


GIVE_BACK = """
UPDATE notifications_delivery d SET due = d.created_at, tried = greatest(d.tried - 1, 0), state = CASE
    WHEN d.message = 'alarm' AND EXISTS (
        SELECT FROM incidents_incident i WHERE i.id = d.incident_id AND i.state <> 'new'
    ) THEN 'cancelled' ELSE 'queued' END
WHERE d.id = ANY(%s) AND d.state = 'sending'
"""


def give_back(pks: Iterable[int]) -> None:
    """A courier that stops before it sent them."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, (list(pks),))
