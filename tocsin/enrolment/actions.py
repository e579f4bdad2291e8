"""Verbs of enrolment: apply, confirm, accept, decline; invite, revoke; leave.

Whoever applies is nobody yet, so these run lifted: the token in the applicant's address, or the officer's role (which
the caller has asked: `may`), is the permission. The book hears ids, never names.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

from tocsin.book.facts import Fact
from tocsin.book.record import New, record
from tocsin.centers.models import Center
from tocsin.centers.network import Network
from tocsin.devices.models import Device
from tocsin.enrolment import codes, facts, rules
from tocsin.enrolment.models import Application, Import, Invitation, State
from tocsin.incidents.models import Incident, centers_of
from tocsin.incidents.notes import digest_of
from tocsin.lib import wall
from tocsin.lib.refused import Refused
from tocsin.lib.secrets import digest, new_token
from tocsin.notifications import single
from tocsin.people.models import Person, Role


class Reactions:
    """What follows in the same transaction; connected by the journey. `joined`: (new member, application);
    `left`: whoever left."""

    joined: "ClassVar[Sequence[Callable[[Person, Application, datetime], None]]]" = ()
    left: ClassVar[Sequence[Callable[[Person, datetime], None]]] = ()


def may(person: Person, network: Network, at: datetime) -> set[int]:
    """Ids of the centers for which this person verifies, invites and imports."""
    return centers_of(person, network, at, rules.MAY)


def _book(center: int, fact: Fact, at: datetime, by: Person | None = None) -> None:
    with connection.cursor() as cursor:
        record(cursor, [New([center], fact, at, None, by.pk if by else None)])


# ── applying ────────────────────────────────────────────────────────────────


@wall.lifting  # nobody is known yet
def apply(
    center: Center,
    at: datetime,
    *,
    name: str,
    phone: str,
    language: str,
    languages: Sequence[str],
    consents: dict[str, int],
    place: str,
    invitation: Invitation | None = None,
) -> tuple[Application, str]:
    """An application for this number (E.164), and the token of its page. A code goes to the number, whoever's it is.

    Refused("too_often"): there were too many for this number, from this address, or altogether.
    """
    number = codes.number_of(phone)
    _limit(number, place, at)
    token = new_token()
    made = Application(
        center=center, invitation=invitation, name=name, phone=phone, languages=list(languages), language=language,
        consents=consents, number=number, place=place, token=digest(token), at=at,
    )  # fmt: skip
    codes.renew(made, at)
    with transaction.atomic():
        made.save(force_insert=True)
        codes.send(made, at)
    return made, token


def _limit(number: bytes, place: str, at: datetime) -> None:
    more = 50 if settings.DEMO else 1
    rows: tuple[tuple[QuerySet[Application], tuple[tuple[timedelta, int], ...]], ...] = (
        (Application.objects.filter(number=number), rules.OF_NUMBER),
        (Application.objects.filter(place=place), rules.OF_PLACE),
        (Application.objects.all(), rules.OVERALL),
    )
    for found, limits in rows:
        for window, most in limits:
            if found.filter(at__gt=at - window).count() >= most * more:
                raise Refused("too_often")


@wall.lifting  # the token is the permission
def by_token(token: str) -> Application | None:
    return Application.objects.select_related("center", "invitation").filter(token=digest(token)).first()


@wall.lifting
def code_again(pk: int, at: datetime) -> None:
    """One more code for an application; the one before dies."""
    with transaction.atomic():
        found = Application.objects.select_for_update().get(pk=pk)
        if found.state != State.UNCONFIRMED:
            raise Refused("no_change")
        if found.codes >= rules.CODES or at < found.code_ends_at - rules.LIFE + rules.PAUSE:
            raise Refused("too_soon")
        codes.renew(found, at)
        found.codes += 1
        found.save(update_fields=["code_salt", "code_ends_at", "tries", "codes"])
        codes.send(found, at)


@wall.lifting
def confirm(pk: int, code: str, at: datetime) -> Application:
    """The applicant proves the number. Refused("code_wrong"): it is not that code, or no longer."""
    with transaction.atomic():
        found = Application.objects.select_for_update(of=("self",)).select_related("center", "invitation").get(pk=pk)
        if found.state != State.UNCONFIRMED:
            return found
        right = rules.code_counts(found.code_ends_at, found.tries, at) and codes.is_right(found, code)
        if not right:
            Application.objects.filter(pk=pk).update(tries=F("tries") + 1)
        else:
            _confirmed(found, at)
    if not right:
        raise Refused("code_wrong")
    return found


def _confirmed(found: Application, at: datetime) -> None:
    found.confirmed_at = at
    # One number, one application that waits: the newest counts.
    waiting = Application.objects.filter(number=found.number, state=State.WAITING).exclude(pk=found.pk)
    waiting.update(state=State.DECLINED, decided_at=at)
    if Person.objects.filter(phone=found.phone, is_active=True).exists():
        found.state = State.KNOWN
        found.save(update_fields=["state", "confirmed_at"])
        return
    invitation = found.invitation
    if invitation is not None and invitation.admits and _used(invitation, at):
        member = _member(found, at)
        found.state, found.decided_at, found.person = State.ACCEPTED, at, member
        found.save(update_fields=["state", "confirmed_at", "decided_at", "person"])
        fact = facts.MemberJoined(application=found.pk, invitation=invitation.pk, person=member.pk)
        return _book(found.center_id, fact, at)
    came_by = invitation.pk if invitation is not None and not invitation.admits and _used(invitation, at) else None
    found.state = State.WAITING
    found.save(update_fields=["state", "confirmed_at"])
    _book(found.center_id, facts.Applied(application=found.pk, invitation=came_by), at)


def _used(invitation: Invitation, at: datetime) -> bool:
    """Count one use, if the link is still open: of many who try the last one at once, one wins."""
    still = Invitation.objects.filter(pk=invitation.pk, revoked_at=None, ends_at__gt=at, used__lt=F("uses"))
    return bool(still.update(used=F("used") + 1))


def _member(found: Application, at: datetime) -> Person:
    """The application becomes a member. Who left with this number comes back as the same person."""
    member = Person.objects.select_for_update(of=("self",)).filter(phone=found.phone).first()
    if member is not None and (member.is_active or member.login):
        raise Refused("phone_is_known")
    if member is None:
        member = Person(phone=found.phone)
        member.set_unusable_password()
    member.name, member.language, member.center_id, member.is_active = found.name, found.language, found.center_id, True
    member.save()
    Role.objects.create(person=member, center_id=found.center_id, name="member", since=at)
    for react in Reactions.joined:
        react(member, found, at)
    return member


# ── deciding ────────────────────────────────────────────────────────────────


def _waiting(pk: int) -> Application:
    found = Application.objects.select_for_update(of=("self",)).select_related("center").filter(pk=pk).first()
    if found is None or found.state != State.WAITING:
        raise Refused("decided_already")
    return found


@wall.lifting  # a person and a role are made, which nobody may do for themselves
def accept(pk: int, by: Person, at: datetime) -> Person:
    """The applicant is a member from now on, and hears it."""
    with transaction.atomic():
        found = _waiting(pk)
        member = _member(found, at)
        found.state, found.decided_at, found.decided_by, found.person = State.ACCEPTED, at, by, member
        found.save(update_fields=["state", "decided_at", "decided_by", "person"])
        _tell(found, "accepted", at)
        _book(found.center_id, facts.ApplicationAccepted(application=pk, person=member.pk), at, by)
    return member


@wall.lifting
def decline(pk: int, by: Person, reason: str, at: datetime) -> None:
    """With a reason, which stands on the applicant's page and in no message."""
    reason = reason.replace("\0", "").strip()[:500]
    if not reason:
        raise Refused("reason_missing")
    with transaction.atomic():
        found = _waiting(pk)
        found.state, found.decided_at, found.decided_by, found.reason = State.DECLINED, at, by, reason
        found.save(update_fields=["state", "decided_at", "decided_by", "reason"])
        _tell(found, "declined", at)
        fact = facts.ApplicationDeclined(application=pk, digest=digest_of(reason, bytes(found.salt)))
        _book(found.center_id, fact, at, by)


def _tell(found: Application, message: str, at: datetime) -> None:
    center = (found.center.name_zh, found.center.name_en)
    values = {"center": center, "link": f"{settings.PUBLIC_URL}/app/" if message == "accepted" else ""}
    single.to_number(found.phone, found.language, message, values, at)


# ── inviting ────────────────────────────────────────────────────────────────


def invite(
    center: Center, by: Person, at: datetime, *, uses: int, days: int, admits: bool, label: str = ""
) -> tuple[Invitation, str]:
    """A link for this center, shown once."""
    if not 1 <= uses <= rules.MOST_USES or not timedelta(days=1) <= timedelta(days=days) <= rules.LONGEST:
        raise Refused("invitation_limits", uses=rules.MOST_USES, days=rules.LONGEST.days)
    token = secrets.token_urlsafe(18)
    with transaction.atomic():
        made = Invitation.objects.create(
            center=center, by=by, digest=digest(token), label=label.replace("\0", "").strip()[:80], admits=admits,
            uses=uses, at=at, ends_at=at + timedelta(days=days),
        )  # fmt: skip
        _book(center.pk, facts.Invited(invitation=made.pk, uses=uses, admits=admits), at, by)
    return made, f"{settings.PUBLIC_URL}/join/i/{token}/"


def revoke(pk: int, by: Person, at: datetime) -> None:
    with transaction.atomic():
        if not Invitation.objects.filter(pk=pk, revoked_at=None).update(revoked_at=at, revoked_by=by):
            raise Refused("no_change")
        center = Invitation.objects.values_list("center_id", flat=True).get(pk=pk)
        _book(center, facts.InvitationRevoked(invitation=pk), at, by)


@wall.lifting  # the link is the permission
def invitation_of(token: str, at: datetime) -> Invitation | None:
    """The invitation behind a link that still counts."""
    found = Invitation.objects.select_related("center").filter(digest=digest(token)).first()
    if found is None or not rules.open_link(found.ends_at, found.revoked_at, found.used, found.uses, at):
        return None
    return found


# ── leaving ─────────────────────────────────────────────────────────────────


@wall.lifting  # roles and devices end with it
def leave(person: Person, at: datetime) -> None:
    """A member leaves: from now on they sign in nowhere and their devices say nothing. What is kept goes later, as
    tocsin/privacy says (`Reactions.left`)."""
    with transaction.atomic():
        found = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if not found.is_active:
            raise Refused("no_change")
        if Incident.objects.open().filter(person=found).exists():
            raise Refused("leave_open_incident")
        if found.is_superuser or found.roles.in_force(at).exclude(name="member").exists():
            raise Refused("leave_with_roles")
        found.is_active = False
        found.save(update_fields=["is_active"])
        found.roles.in_force(at).update(until=at)
        Device.objects.filter(person=found, revoked_at=None).update(revoked_at=at)
        for react in Reactions.left:
            react(found, at)
        if found.center_id is not None:
            _book(found.center_id, facts.MemberLeft(person=found.pk), at)


# ── forgetting ──────────────────────────────────────────────────────────────


def forget(at: datetime) -> None:
    """The clock's: applications whose number was never proved, after a day; decided ones after 30. Lists after 30."""
    Application.objects.filter(state=State.UNCONFIRMED, at__lt=at - rules.UNCONFIRMED).delete()
    over = Application.objects.filter(state__in=(State.KNOWN, State.DECLINED, State.ACCEPTED))
    over.filter(at__lt=at - rules.DECIDED).exclude(decided_at__gt=at - rules.DECIDED).delete()
    Import.objects.filter(stage="checked", at__lt=at - rules.UNDO).update(stage="dropped", rows=None)
