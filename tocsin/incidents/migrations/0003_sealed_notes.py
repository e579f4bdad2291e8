"""The words that people wrote about an incident are sealed (`lib/sealed.py`)."""

from django.db import migrations

from tocsin.lib.sealed_field import Sealed
from tocsin.lib.sealing import seals

ROW = ("incident_id", "salt")


class Migration(migrations.Migration):
    dependencies = (("incidents", "0002_drill"),)
    operations = (
        migrations.AddField("note", "text_sealed", Sealed(row=ROW, null=True)),
        seals("incidents_note", ["text"], ROW),
        migrations.RemoveField("note", "text"),
        migrations.RenameField("note", "text_sealed", "text"),
    )
