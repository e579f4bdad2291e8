"""Applications, invitations and lists are for those who lead at their center; an applicant's own page runs lifted."""

from django.db import migrations

from tocsin.lib.wall import KNOWS, policy

HERE = f"center_id = ANY ({KNOWS})"


class Migration(migrations.Migration):
    dependencies = (("enrolment", "0001_initial"), ("people", "0003_wall"))
    operations = (
        policy("enrolment_application", HERE),
        policy("enrolment_invitation", HERE),
        policy("enrolment_import", HERE),
    )
