"""Codes that lie nowhere, changes of number, proposals of grave roles, scopes of staff keys."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from tocsin.lib.wall import KNOWS, ME, NEVER, policy

PERSON = settings.AUTH_USER_MODEL
CASCADE, PROTECT = django.db.models.deletion.CASCADE, django.db.models.deletion.PROTECT

# Being used is written down once a minute, and changes nobody's rights.
FORWARD = """
DROP TRIGGER rights ON people_staffkey;
CREATE TRIGGER rights AFTER UPDATE OF person_id, digest, scopes, expires_at, revoked_at OR DELETE ON people_staffkey
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
"""
BACKWARD = """
DROP TRIGGER rights ON people_staffkey;
CREATE TRIGGER rights AFTER UPDATE OR DELETE ON people_staffkey FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
"""


class Migration(migrations.Migration):
    dependencies = (("people", "0003_wall"), ("centers", "0001_initial"))
    operations = (
        migrations.DeleteModel(name="SignInCode"),  # those that are under way live ten minutes: asked for again
        migrations.CreateModel(
            name="SignInCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BinaryField(max_length=32)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("place", models.CharField(max_length=45)),
                ("way", models.CharField(max_length=5)),
                ("purpose", models.CharField(max_length=30)),
                ("salt", models.BinaryField(max_length=16)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("person", models.ForeignKey(null=True, on_delete=CASCADE, related_name="codes", to=PERSON)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["number", "created_at"], name="codes_of_a_number"),
                    models.Index(fields=["place", "created_at"], name="codes_of_a_place"),
                    models.Index(condition=Q(answered_at=None), fields=["id"], name="codes_waiting"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phone", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("old_at", models.DateTimeField(null=True)),
                ("new_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(null=True, on_delete=CASCADE, related_name="+", to=PERSON)),
                ("person", models.ForeignKey(on_delete=CASCADE, related_name="number_changes", to=PERSON)),
                ("second", models.ForeignKey(null=True, on_delete=CASCADE, related_name="+", to=PERSON)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(condition=Q(ended_at=None), fields=("person",), name="one_number_change")
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(choices=[("grant", "grant"), ("end", "end")], max_length=5)),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("member", "Member"),
                            ("responder", "Responder"),
                            ("duty_officer", "Duty Officer"),
                            ("supervisor", "Supervisor"),
                            ("liaison", "Liaison"),
                            ("editor", "Editor"),
                            ("director", "Director"),
                            ("auditor", "Auditor"),
                            ("administrator", "Administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=10)),
                ("by", models.ForeignKey(on_delete=CASCADE, related_name="+", to=PERSON)),
                ("center", models.ForeignKey(on_delete=PROTECT, related_name="role_proposals", to="centers.center")),
                ("decided_by", models.ForeignKey(null=True, on_delete=CASCADE, related_name="+", to=PERSON)),
                ("person", models.ForeignKey(on_delete=CASCADE, related_name="role_proposals", to=PERSON)),
                ("role", models.ForeignKey(null=True, on_delete=CASCADE, related_name="proposals", to="people.role")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(decided_at=None),
                        fields=("person", "center", "name", "act"),
                        name="one_open_proposal",
                    )
                ],
                "indexes": [
                    models.Index(condition=Q(decided_at=None), fields=["expires_at"], name="open_role_proposals")
                ],
            },
        ),
        migrations.AddField("staffkey", "scopes", models.CharField(blank=True, default="", max_length=60)),
        migrations.AlterField("staffkey", "scopes", models.CharField(blank=True, max_length=60)),
        migrations.AddField("staffkey", "last_used_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(FORWARD, BACKWARD),
        policy("people_signincode", NEVER),
        policy("people_numberchange", f"person_id = {ME}", NEVER),
        # those who decide see it lifted, by what roles.py says
        policy("people_roleproposal", f"person_id = {ME} OR by_id = {ME} OR center_id = ANY ({KNOWS})", NEVER),
    )
