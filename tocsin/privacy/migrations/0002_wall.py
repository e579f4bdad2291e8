"""Who sees these rows; what a consent said is never changed; and the indexes by which the clock finds what is old.

The indexes on tables of other stations cost those who write there next to nothing: their rows come in the order of time.
None is on incidents: an index whose condition names the place would make each move of a caller a slow update.
"""

from django.db import migrations

from tocsin.database import SERVICE, WEB
from tocsin.lib.wall import ME, NEVER, STAFF, WORKING, incident, policy

MINE = f"person_id = {ME}"

INDEXES = """
CREATE INDEX privacy_signals_outside ON gates_signal (received_at) WHERE incident_id IS NULL;
CREATE INDEX privacy_signals_placed ON gates_signal (received_at) WHERE incident_id IS NOT NULL AND lat IS NOT NULL;
CREATE INDEX privacy_notes ON incidents_note (at) WHERE text IS NOT NULL;
CREATE INDEX privacy_deliveries ON notifications_delivery (created_at) WHERE address NOT LIKE 'gone-%';
"""
NO_INDEXES = """
DROP INDEX privacy_signals_outside, privacy_signals_placed, privacy_notes,
    privacy_deliveries;
"""


class Migration(migrations.Migration):
    dependencies = (
        ("privacy", "0001_first"),
        ("people", "0003_wall"),
        ("gates", "0001_initial"),
        ("incidents", "0003_sealed_notes"),
        ("notifications", "0001_initial"),
    )
    operations = (
        policy("privacy_consent", MINE, NEVER, MINE),
        policy("privacy_erasure", MINE),
        policy("privacy_export", MINE),
        policy("privacy_piece", NEVER),
        policy("privacy_hold", incident("privacy_hold.incident_id", WORKING), NEVER),
        policy("privacy_run", STAFF, NEVER),
        policy("privacy_left", NEVER),
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE ON privacy_consent FROM {WEB}, {SERVICE}; "
            f"REVOKE INSERT, UPDATE, DELETE ON privacy_run, privacy_left, privacy_piece FROM {WEB}",
            f"GRANT UPDATE, DELETE ON privacy_consent TO {WEB}, {SERVICE}; "
            f"GRANT INSERT, UPDATE, DELETE ON privacy_run, privacy_left, privacy_piece TO {WEB}",
        ),
        migrations.RunSQL(INDEXES, NO_INDEXES),
    )
