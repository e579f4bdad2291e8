"""Attachments, and who sees their rows: whoever sent them, and who works at the incident."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tocsin.lib.sealed_field
from tocsin.lib.wall import ME, WORKING, incident, policy

TYPES = (
    "image/jpeg", "image/png", "image/webp", "image/heic", "video/mp4", "video/webm", "video/quicktime", "audio/mp4",
    "audio/mpeg", "audio/ogg", "audio/webm", "audio/wav",
)
STATES = ("receiving", "attached", "refused", "removing", "removed")


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("people", "0003_wall"),
        ("incidents", "0002_drill"),
    ]
    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("size", models.PositiveIntegerField()),
                ("key", tocsin.lib.sealed_field.Sealed(null=True, row=("id",))),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("state", models.CharField(choices=[(s, s.capitalize()) for s in STATES], default="receiving", max_length=10)),
                ("type", models.CharField(blank=True, choices=[(t, t) for t in TYPES], max_length=20)),
                ("copied", models.BooleanField(default=False)),
                ("begun_at", models.DateTimeField()),
                ("attached_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("rule", models.CharField(blank=True, max_length=20)),
                (
                    "incident",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="attachments",
                        to="incidents.incident",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "receiving")), fields=["begun_at"], name="files_receiving")
                ],
            },
        ),
        policy(
            "files_attachment",
            f"person_id = {ME} OR {incident('files_attachment.incident_id', WORKING)}",
            f"person_id = {ME}",
        ),
    ]
