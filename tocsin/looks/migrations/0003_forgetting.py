"""Looks go after their time: from the beginning of the chain, a year old at the least, by one function and nothing else.

What is left begins where `looks_start` says; its hash is that of the last look that went, so the rest is proven as
before, and whoever kept an earlier hash can tell that no more went than should.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from tocsin.database import SERVICE, WEB
from tocsin.lib.wall import NEVER, policy

FORGET = f"""
CREATE FUNCTION looks_forget(due timestamptz, most integer, held bigint[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    c record; upto bigint; n integer; gone integer := 0;
BEGIN
    FOR c IN SELECT h.center_id, coalesce(s.number, 0) AS start FROM looks_head h
        LEFT JOIN looks_start s ON s.center_id = h.center_id ORDER BY h.center_id
    LOOP
        EXIT WHEN gone >= most;
        SELECT coalesce(min(l.number) FILTER (WHERE l.at >= due OR l.incident_id = ANY (held)) - 1, max(l.number))
        INTO upto FROM looks_look l
        WHERE l.center_id = c.center_id AND l.number > c.start AND l.number <= c.start + most - gone;
        CONTINUE WHEN upto IS NULL OR upto <= c.start;
        INSERT INTO looks_start AS s (center_id, number, hash)
        SELECT center_id, number, hash FROM looks_look WHERE center_id = c.center_id AND number = upto
        ON CONFLICT (center_id) DO UPDATE SET number = excluded.number, hash = excluded.hash;
        DELETE FROM looks_look WHERE center_id = c.center_id AND number <= upto;
        GET DIAGNOSTICS n = ROW_COUNT;
        gone := gone + n;
    END LOOP;
    RETURN gone;
END $$;
REVOKE EXECUTE ON FUNCTION looks_forget(timestamptz, integer, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION looks_forget(timestamptz, integer, bigint[]) TO {SERVICE};

CREATE FUNCTION look_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at < now() - interval '365 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'A look is kept for a year at the least: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER append_only ON looks_look;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON looks_look
    FOR EACH STATEMENT EXECUTE FUNCTION book_is_append_only();
CREATE TRIGGER kept BEFORE DELETE ON looks_look FOR EACH ROW EXECUTE FUNCTION look_is_kept();

CREATE TRIGGER only_forward BEFORE UPDATE OR DELETE ON looks_start
    FOR EACH ROW EXECUTE FUNCTION book_head_only_forward();
REVOKE INSERT, UPDATE, DELETE ON looks_start FROM {WEB}, {SERVICE};
"""
BACKWARD = """
DROP TRIGGER only_forward ON looks_start; DROP TRIGGER kept ON looks_look; DROP TRIGGER append_only ON looks_look;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON looks_look
    FOR EACH STATEMENT EXECUTE FUNCTION book_is_append_only();
DROP FUNCTION look_is_kept(); DROP FUNCTION looks_forget(timestamptz, integer, bigint[]);
"""


def path(apps: Any, schema_editor: Any) -> None:
    """What runs as the owner looks nowhere but in our own schema."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        here = f"{cursor.fetchone()[0]}, pg_temp"
        cursor.execute(f"ALTER FUNCTION looks_forget(timestamptz, integer, bigint[]) SET search_path = {here}")


class Migration(migrations.Migration):
    dependencies = (("looks", "0002_sealed"), ("centers", "0001_initial"))
    operations = (
        migrations.CreateModel(
            name="Start",
            fields=[
                (
                    "center",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="+",
                        serialize=False, to="centers.center",
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.RunSQL(FORGET, BACKWARD),
        migrations.RunPython(path, migrations.RunPython.noop),
        policy("looks_start", NEVER),
    )
