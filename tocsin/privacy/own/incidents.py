"""Incidents, their notes and signals, and what the book says of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from tocsin.book.models import Entry
from tocsin.book.read import of_incident
from tocsin.drills.models import Drill
from tocsin.gates.models import StoredSignal
from tocsin.incidents.models import Dispatch, Incident, Note
from tocsin.lib.words import Language
from tocsin.privacy.erasers import Section, keep, label, offer
from tocsin.privacy.keeping import EMPTY_DELIVERY
from tocsin.privacy.own.dump import dump, hidden


def erase(person: int, at: datetime) -> int:
    """Places and words of their incidents go; that there were incidents, of which kind and when, stays."""
    mine = Incident.objects.filter(person=person)
    pks = list(mine.values_list("pk", flat=True))
    count: int = Note.objects.filter(incident__in=pks, text__isnull=False).update(text=None, salt=b"")
    count += mine.update(
        lat=None, lon=None, accuracy=None, altitude=None, speed=None, course=None, fixed_at=None,
        address=None, caller=None, phone=None, battery=None,
    )  # fmt: skip
    signals = StoredSignal.objects.filter(person_id=person)
    count += signals.filter(kind="position").delete()[0] + signals.filter(incident_id=None).delete()[0]
    count += signals.update(
        lat=None, lon=None, accuracy=None, altitude=None, speed=None, course=None, fixed_at=None, battery=None, raw=None
    )
    with connection.cursor() as cursor:  # what others were told of these incidents named the person and the place
        cursor.execute(
            "UPDATE notifications_delivery SET \"values\" = '{}' WHERE incident_id = ANY(%s) AND \"values\" <> '{}'",
            (pks,),
        )
        count += cursor.rowcount
        # to the person, and to their relatives
        cursor.execute(
            f"UPDATE notifications_delivery d SET state = CASE WHEN state IN ('queued', 'sending') THEN 'cancelled' "
            f"ELSE state END, {EMPTY_DELIVERY} WHERE address NOT LIKE 'gone-%%' "
            "AND (person_id = %s OR relative_id IN (SELECT id FROM notifications_relative WHERE person_id = %s))",
            (person, person),
        )
        count += cursor.rowcount
    return count + _of_drills(set(pks))


def _of_drills(pks: set[int]) -> int:
    """A drill's report has the name of who was chosen to press."""
    count = 0
    for drill in Drill.objects.filter(incidents__incident__in=pks, report__isnull=False).distinct():
        for row in drill.report.get("incidents", []):
            if row.get("id") in pks:
                row["who"] = None
        drill.save(update_fields=["report"])
        count += 1
    return count


INCIDENT = (
    "id", "state", "outcome", "alarm", "silent", "drill", "opened_at", "pressed_at", "presses", "claimed_at",
    "closed_at", "cancel_requested_at", "caller", "phone", "lat", "lon", "accuracy", "altitude", "speed", "course",
    "fixed_at", "address", "battery", "flags", "center__name_zh", "center__name_en",
)  # fmt: skip
SIGNAL = (
    "id", "kind", "alarm", "at", "received_at", "lat", "lon", "accuracy", "altitude", "speed", "course", "fixed_at",
    "battery", "silent", "flags", "raw", "device_id", "incident_id",
)  # fmt: skip


def export(person: int, language: str) -> Iterable[Section]:
    spoken: Language = "zh-hans" if language == "zh-hans" else "en"
    mine = Incident.objects.filter(person=person).exclude(pk__in=hidden(person)).select_related("center").order_by("pk")
    pks = [i.pk for i in mine]
    yield Section("incidents", ("我的警情", "My incidents"), dump(mine, *INCIDENT))
    yield Section(
        "timeline", ("警情经过（值班簿）", "What was done (the book)"), [_entry(e, spoken) for e in of_incident(pks)]
    )
    yield Section(
        "notes",
        ("我写的或我说的话", "What I wrote or said"),
        dump(_words(person, pks), "id", "incident_id", "at", "text"),
    )
    signals = (
        StoredSignal.objects.filter(person_id=person).exclude(incident_id__in=hidden(person)).order_by("received_at")
    )
    yield Section("signals", ("我的设备发来的信号", "What my devices sent"), dump(signals, *SIGNAL))
    sent = Dispatch.objects.filter(responder=person).order_by("pk")
    yield Section("dispatches", ("派我出警", "Where I was sent"), dump(sent, "id", "incident_id", "at", "state"))
    done = Entry.objects.filter(actor_id=person, echo=False).exclude(incident_id__in=pks).order_by("at")
    rows = dump(done, "at", "kind", "incident_id")
    yield Section("acts", ("我在值班簿里做过的事", "What I did, as the book has it"), rows)


def _words(person: int, pks: list[int]) -> list[Note]:
    """Their own. What an officer wrote may be about others too: that is for the information officer to give."""
    found = Note.objects.filter(author=person) | Note.objects.filter(incident__in=pks, author=None)
    return list(found.order_by("pk"))


def _entry(entry: Any, language: Language) -> dict[str, Any]:
    said = entry.said(language)
    return {"incident_id": said["incident"], "at": said["at"], "kind": said["kind"], "text": said["text"]}


offer(
    "incidents",
    columns=("incidents.Incident.person", "gates.StoredSignal.person_id", "notifications.Delivery.person"),
    erase=erase,
    export=export,
)
keep("incidents.Incident.claimed_by", "谁处理过警情，只剩编号", "who dealt with an incident: a number, without a name")
keep("incidents.Dispatch.responder", "派过谁，只剩编号", "who was sent: a number, without a name")
keep(
    "incidents.Note.author",
    "为别人的警情写的备注，结案一年后删除",
    "wrote about somebody else's incident; goes after a year",
)
keep("book.Entry.actor_id", "值班簿不能改，只记编号", "the book cannot be changed, and has only the number")
keep("drills.Drill.started_by", "谁开始演练，只剩编号", "who began a drill: a number, without a name")
keep("drills.Drill.ended_by", "谁结束演练，只剩编号", "who ended a drill: a number, without a name")
label(
    id=("编号", "Number"), state=("状态", "State"), outcome=("结果", "Outcome"), alarm=("类型", "Kind of alarm"),
    silent=("静默", "Silent"), drill=("演练", "Drill"), opened_at=("立案", "Opened"), pressed_at=("按下", "Pressed"),
    presses=("次数", "Presses"), claimed_at=("接警", "Claimed"), closed_at=("结案", "Closed"),
    cancel_requested_at=("请求取消", "Asked to cancel"), caller=("来电人", "Caller"), phone=("电话", "Phone"),
    lat=("纬度", "Latitude"), lon=("经度", "Longitude"), accuracy=("误差（米）", "Accuracy (m)"),
    altitude=("海拔（米）", "Altitude (m)"), speed=("速度（米/秒）", "Speed (m/s)"),
    course=("方向（度）", "Course (°)"),
    fixed_at=("定位时间", "Time of the fix"), address=("地址", "Address"), battery=("电量", "Battery"),
    flags=("标记", "Flags"), center_name_zh=("中心（中文）", "Center (Chinese)"),
    center_name_en=("中心（英文）", "Center (English)"), kind=("种类", "Kind"), at=("时间", "Time"),
    received_at=("收到", "Received"), raw=("原文", "As it came"), device_id=("设备编号", "Device number"),
    incident_id=("警情编号", "Incident number"), text=("内容", "Words"),
)  # fmt: skip
