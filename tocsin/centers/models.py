"""The network: centers, their areas and parents."""

from typing import Any

from django.db import models


class Center(models.Model):
    """A police-civilian cooperation center 警民中心. `area` is a GeoJSON Polygon or MultiPolygon, WGS 84, lon/lat."""

    code = models.SlugField(max_length=12, unique=True)
    name_en = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    area: "models.JSONField[Any, Any]" = models.JSONField(null=True, blank=True)
    lat = models.FloatField()
    lon = models.FloatField()
    time_zone = models.CharField(max_length=60, default="Africa/Johannesburg")
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"

    def name(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en
