"""Who reads a profile, as the database knows it: the member; while an incident of theirs runs, those who work at it;
health only whoever claimed it or was sent. Only the member writes."""

from django.db import migrations

from tocsin.lib.wall import CENTERS, ME, policy

RUNS = "EXISTS (SELECT FROM incidents_incident i WHERE i.person_id = {table}.person_id AND i.state <> 'closed' " \
    "AND i.merged_into_id IS NULL AND ({who} OR EXISTS (SELECT FROM incidents_dispatch d WHERE d.incident_id = i.id " \
    "AND d.responder_id = {me} AND d.state <> 'done')))"


def read(table, who):
    return f"person_id = {ME} OR " + RUNS.format(table=table, who=who, me=ME)


class Migration(migrations.Migration):
    dependencies = (("profiles", "0001_initial"), ("people", "0003_wall"), ("incidents", "0003_sealed_notes"))
    operations = (
        policy("profiles_profile", read("profiles_profile", f"i.centers && {CENTERS}"), f"person_id = {ME}"),
        policy("profiles_medical", read("profiles_medical", f"i.claimed_by_id = {ME} AND i.centers && {CENTERS}"), f"person_id = {ME}"),
    )
