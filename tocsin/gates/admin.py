"""What the administrator sees of the gates: what they count, what devices said last, and who knocks unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tocsin.devices.models import Device
from tocsin.gates.models import Knock, Meter, Trace
from tocsin.gates.shown import shown, text_of
from tocsin.gates.traces import LAST
from tocsin.looks.write import note
from tocsin.people.models import Person

M = TypeVar("M", bound=models.Model)
FRESH = timedelta(minutes=1)  # a process that wrote nothing for so long is gone
NEWEST = 1_000  # frames among which those who spoke last are looked for
FOUND = 100  # devices on a page

COUNTED = {
    "open": "现有连接 Open",
    "connections": "连接 Connections",
    "refused": "拒绝 Refused",
    "frames": "报文 Frames",
    "errors": "错误 Errors",
    "unknown": "未登记 Unknown",
    "unavailable": "未能保存 Not stored",
    "stored": "已保存信号 Signals stored",
    "alarms": "其中报警 Alarms",
}


class Looking(admin.ModelAdmin[M]):
    """Written by the gates; people look."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def page(self, request: HttpRequest, template: str, title: str, **content: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **content}
        return TemplateResponse(request, f"gates/{template}.html", context)


@admin.register(Meter)
class MeterAdmin(Looking[Meter]):
    """Every gate of every process, counted since that process started."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise Http404
        now = datetime.now(UTC)
        rows = [
            {
                "gate": meter.gate,
                "process": f"{meter.process} · {meter.host}",
                "counts": [meter.counts.get(field, 0) for field in COUNTED],
                "mean": _mean(meter.counts.get("took") or {}),
                "said": meter.counts.get("error") or "",
                "at": meter.at,
                "gone": meter.at < now - FRESH,
            }
            for meter in Meter.objects.order_by("gate", "host", "process")
        ]
        return self.page(request, "meters", "网关 Gates", columns=COUNTED.values(), rows=rows)


def _mean(took: dict[str, Any]) -> str:
    """Milliseconds from a frame to the disk."""
    count = sum(took.get("counts", ()))
    return f"{took['seconds'] / count * 1000:.1f}" if count else ""


@admin.register(Trace)
class TraceAdmin(Looking[Trace]):
    """Devices that spoke last, or those that are looked for; of one device its last frames."""

    def get_urls(self) -> list[URLPattern]:
        own = path("device/<int:pk>/", self.admin_site.admin_view(self.device_view), name="gates_trace_device")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise Http404
        wanted = request.GET.get("q", "").strip()
        devices = Device.objects.select_related("person", "site")
        if wanted:
            named = Q(identifier__icontains=wanted) | Q(name__icontains=wanted) | Q(person__name__icontains=wanted)
            found = list(devices.filter(named).exclude(protocol="app")[:FOUND])
        else:
            newest = Trace.objects.order_by("-id").values_list("device_id", flat=True)[:NEWEST]
            spoke = list(dict.fromkeys(newest))[:FOUND]
            by_id = devices.in_bulk(spoke)
            found = [by_id[pk] for pk in spoke if pk in by_id]
        last = dict(
            Trace.objects.filter(device_id__in=[d.pk for d in found])
            .values_list("device_id")
            .annotate(at=models.Max("at"))
        )
        rows = [{"device": d, "at": last.get(d.pk)} for d in found]
        return self.page(request, "traces", "设备的最近报文 Last frames of devices", rows=rows, q=wanted)

    def device_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        device = Device.objects.filter(pk=pk).first()
        if device is None or not self.has_view_permission(request):
            raise Http404
        if device.person_id is not None:  # frames have positions in them
            note(
                cast(Person, request.user),
                "frames",
                device.person_id,
                datetime.now(UTC),
                what=str(pk),
                role="administrator",
            )
        frames = [
            shown(
                t.protocol,
                bytes(t.frame),
                t.at,
                t.address,
                bytes(t.reply) if t.reply else None,
                device.identifier,
                device.settings,
            )
            for t in Trace.objects.filter(device_id=pk).order_by("-id")[:LAST]
        ]
        title = f"{device} · {device.protocol} {device.identifier}"
        return self.page(request, "trace", title, device=device, frames=frames)


@admin.register(Knock)
class KnockAdmin(Looking[Knock]):
    """Unknown devices: the administrator registers them with one click, or lets them knock."""

    list_display = ("protocol", "identifier", "address", "count", "first_at", "last_at", "register")
    list_filter = ("protocol",)
    search_fields = ("identifier", "address")
    fields = ("protocol", "identifier", "address", "count", "first_at", "last_at", "register", "raw", "text", "said")
    readonly_fields = fields

    @admin.display(description="登记 Register")
    def register(self, knock: Knock) -> str:
        query = urlencode({"protocol": knock.protocol, "identifier": knock.identifier})
        return format_html('<a href="/admin/devices/device/add/?{}">登记 Register</a>', query)

    @admin.display(description="文本 Text")
    def text(self, knock: Knock) -> str:
        return text_of(bytes.fromhex(knock.raw))

    @admin.display(description="解码 Decoded")
    def said(self, knock: Knock) -> SafeString:
        frame = shown(knock.protocol, bytes.fromhex(knock.raw), knock.last_at, knock.address, None, knock.identifier)
        return format_html_join("", "<div><code>{}</code></div>", ((line,) for line in frame.said))

    def has_delete_permission(self, request: HttpRequest, obj: Knock | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
