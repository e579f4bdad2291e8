"""Looks are append-only, numbered and sealed in the database itself, by the function `look` and by nothing else.

The seal is that of the book (`tocsin/book/record.py`, `seal`), over the same line: center, number, time, kind, incident,
actor, 0, and what is said of it as one JSON array. `tocsin/book/verify.py` makes the same array again.
"""

from typing import Any

from django.db import migrations

from tocsin.database import SERVICE, WEB
from tocsin.lib.wall import CENTERS, ME, NEVER, incident, policy

ROLES = "director,supervisor,duty_officer,auditor,liaison,responder,administrator,editor,member"

LOOK = f"""
CREATE FUNCTION look(wanted json) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    l record; chain bigint; last bigint; seal bytea; written integer := 0;
BEGIN
    FOR l IN
        SELECT t.*, coalesce(p.center_id, i.center_id, root.id) AS place,
            coalesce(nullif(t.role, ''), held.name, '') AS as_role, held.center_id AS from_id,
            coalesce(nullif(t.why, ''), CASE
                WHEN i.id IS NOT NULL THEN CASE WHEN i.state = 'closed' OR i.merged_into_id IS NOT NULL THEN 'over' ELSE 'incident' END
                WHEN EXISTS (SELECT FROM incidents_incident o WHERE o.person_id = t.of_id AND o.state <> 'closed'
                    AND o.merged_into_id IS NULL) THEN 'incident'
                ELSE 'routine' END) AS because
        FROM json_to_recordset(wanted) AS t(at timestamptz, kind text, of_id bigint, actor_id bigint, role text,
            incident_id bigint, what text, why text, glass boolean, relative_id bigint, share_id bigint)
        LEFT JOIN people_person p ON p.id = t.of_id
        LEFT JOIN incidents_incident i ON i.id = t.incident_id
        LEFT JOIN LATERAL (SELECT min(c.id) AS id FROM centers_center c WHERE c.parent_id IS NULL) root ON true
        LEFT JOIN LATERAL (
            SELECT r.name, r.center_id FROM people_role r
            WHERE r.person_id = t.actor_id AND r.since <= t.at AND (r.until IS NULL OR r.until > t.at)
            ORDER BY r.center_id = ANY (i.centers) DESC NULLS LAST,
                array_position(string_to_array('{ROLES}', ','), r.name::text) LIMIT 1
        ) held ON coalesce(t.role, '') = ''
        WHERE (t.actor_id IS NULL OR t.of_id IS NULL OR t.actor_id <> t.of_id) AND NOT EXISTS (
            SELECT FROM looks_look e WHERE coalesce(e.of_id, 0) = coalesce(t.of_id, 0)
            AND coalesce(e.actor_id, 0) = coalesce(t.actor_id, 0) AND e.at > t.at - interval '10 minutes'
            AND e.kind = t.kind AND e.what = coalesce(t.what, '') AND e.glass = coalesce(t.glass, false)
            AND e.incident_id IS NOT DISTINCT FROM t.incident_id AND e.relative_id IS NOT DISTINCT FROM t.relative_id
            AND e.share_id IS NOT DISTINCT FROM t.share_id)
        ORDER BY place, t.incident_id, t.of_id
    LOOP
        CONTINUE WHEN l.place IS NULL;  -- there is no center yet
        IF chain IS DISTINCT FROM l.place THEN
            IF chain IS NOT NULL THEN
                UPDATE looks_head SET number = last, hash = seal WHERE center_id = chain;
            END IF;
            chain := l.place;
            SELECT h.number, h.hash INTO STRICT last, seal FROM looks_head h WHERE h.center_id = chain FOR UPDATE;
        END IF;
        last := last + 1;
        seal := sha256(seal || convert_to(concat(chain, '|', last, '|',
            to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '|', l.kind, '|', l.incident_id, '|',
            l.actor_id, '|0|', json_build_array(l.of_id, l.as_role, l.from_id, coalesce(l.what, ''), l.because,
            coalesce(l.glass, false), l.relative_id, l.share_id)), 'UTF8'));
        INSERT INTO looks_look (center_id, number, at, kind, of_id, actor_id, role, from_id, incident_id, what, why, glass,
            relative_id, share_id, hash)
        VALUES (chain, last, l.at, l.kind, l.of_id, l.actor_id, l.as_role, l.from_id, l.incident_id, coalesce(l.what, ''),
            l.because, coalesce(l.glass, false), l.relative_id, l.share_id, seal);
        written := written + 1;
    END LOOP;
    IF chain IS NOT NULL THEN
        UPDATE looks_head SET number = last, hash = seal WHERE center_id = chain;
    END IF;
    RETURN written;
END $$;
CREATE INDEX looks_folded ON looks_look (coalesce(of_id, 0), coalesce(actor_id, 0), at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON looks_look
    FOR EACH STATEMENT EXECUTE FUNCTION book_is_append_only();
CREATE TRIGGER only_forward BEFORE UPDATE OR DELETE ON looks_head
    FOR EACH ROW EXECUTE FUNCTION book_head_only_forward();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON looks_head
    FOR EACH STATEMENT EXECUTE FUNCTION book_head_only_forward();

INSERT INTO looks_head (center_id, number, hash) SELECT id, 0, decode(repeat('00', 32), 'hex') FROM centers_center;
SET CONSTRAINTS ALL IMMEDIATE;  -- what waits for the end of the transaction forbids to alter its table
CREATE FUNCTION looks_of_a_new_center() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO looks_head (center_id, number, hash) VALUES (NEW.id, 0, decode(repeat('00', 32), 'hex'));
    RETURN NEW;
END $$;
CREATE TRIGGER new_looks AFTER INSERT ON centers_center FOR EACH ROW EXECUTE FUNCTION looks_of_a_new_center();

REVOKE INSERT, UPDATE, DELETE ON looks_look, looks_head FROM {WEB}, {SERVICE};
REVOKE DELETE ON looks_glass, looks_share FROM {WEB};
"""
BACKWARD = """
DROP TRIGGER new_looks ON centers_center; DROP FUNCTION looks_of_a_new_center();
DROP TRIGGER never_emptied ON looks_head; DROP TRIGGER only_forward ON looks_head;
DROP TRIGGER append_only ON looks_look; DROP INDEX looks_folded; DROP FUNCTION look(json);
"""


def paths(apps: Any, schema_editor: Any) -> None:
    """What runs as the owner looks nowhere but in our own schema."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        path = f"{cursor.fetchone()[0]}, pg_temp"
        for name in ("look(json)", "looks_of_a_new_center()"):
            cursor.execute(f"ALTER FUNCTION {name} SET search_path = {path}")


SEEN = incident("looks_share.incident_id", f"i.centers && {CENTERS}")


class Migration(migrations.Migration):
    dependencies = (
        ("looks", "0001_initial"),
        ("book", "0002_append_only"),
        ("people", "0003_wall"),
        ("incidents", "0002_drill"),
    )
    operations = (
        migrations.RunSQL(LOOK, BACKWARD),
        migrations.RunPython(paths, migrations.RunPython.noop),
        policy("looks_look", f"of_id = {ME} OR actor_id = {ME}", NEVER),
        policy("looks_head", NEVER),
        policy("looks_glass", f"by_id = {ME} OR of_id = {ME}", NEVER, f"by_id = {ME}"),
        policy("looks_share", SEEN),
    )
