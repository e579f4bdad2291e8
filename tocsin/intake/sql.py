"""The statements of one batch, in their order."""

# Rows travel as JSON both ways: one value to send and one to read, whatever their number.

KNOWN = """
SELECT coalesce(json_agg(json_build_array(id, encode(digest, 'hex'), incident_id)), '[]')
FROM gates_signal WHERE id = ANY(%s::uuid[])
"""

_CASE = """i.center_id, i.centers, i.state, i.alarm, i.silent, i.touched_at, i.pressed_at, i.presses, i.flags,
    i.cancel_requested_at, i.lat, i.lon, i.accuracy, i.altitude, i.speed, i.course, i.fixed_at, i.battery"""

# The open incident of each person or device; if theirs was merged into another that is open, that one.
OPEN = f"""
SELECT coalesce(json_agg(found), '[]') FROM (
    SELECT i.id, s.person_id, s.device_id, {_CASE}
    FROM incidents_incident s JOIN incidents_incident i ON i.id = coalesce(s.merged_into_id, s.id)
    WHERE s.state <> 'closed' AND i.state <> 'closed'
      AND (s.person_id = ANY(%s::bigint[]) OR (s.person_id IS NULL AND s.device_id = ANY(%s::bigint[])))
    ORDER BY i.id, s.merged_into_id NULLS LAST FOR UPDATE OF i
) found
"""

CLOSED_THEN = f"""
SELECT json_agg(found) FROM (
    SELECT i.id, i.person_id, i.device_id, {_CASE} FROM incidents_incident i
    WHERE state = 'closed'
      AND (person_id = %s::bigint OR (%s::bigint IS NULL AND person_id IS NULL AND device_id = %s::bigint))
      AND opened_at <= %s::timestamptz AND closed_at >= %s::timestamptz ORDER BY id DESC LIMIT 1
) found
"""

OPEN_INCIDENTS = """
WITH opened AS (
    INSERT INTO incidents_incident (person_id, device_id, center_id, centers, state, alarm, silent, touched_at,
        pressed_at, presses, flags, lat, lon, accuracy, altitude, speed, course, fixed_at, battery, opened_at)
    SELECT r.*, %s::timestamptz FROM json_to_recordset(%s::json) AS r(person_id bigint, device_id bigint,
        center_id bigint, centers bigint[], state text, alarm text, silent boolean, touched_at timestamptz,
        pressed_at timestamptz, presses int, flags text, lat float8, lon float8, accuracy float8, altitude float8,
        speed float8, course float8, fixed_at timestamptz, battery float8)
    ON CONFLICT DO NOTHING RETURNING id, person_id, device_id
)
SELECT coalesce(json_agg(json_build_array(id, person_id, device_id)), '[]') FROM opened
"""

SIGNALS = """
INSERT INTO gates_signal (received_at, id, device_id, person_id, incident_id, kind, alarm, at, lat, lon, accuracy,
    altitude, speed, course, fixed_at, battery, silent, flags, raw, digest)
SELECT %s::timestamptz, id, device_id, person_id, incident_id, kind, alarm, at, lat, lon, accuracy, altitude, speed,
    course, fixed_at, battery, silent, flags, raw, decode(digest, 'hex')
FROM json_to_recordset(%s::json) AS r(id uuid, device_id bigint, person_id bigint, incident_id bigint, kind text,
    alarm text, at timestamptz, lat float8, lon float8, accuracy float8, altitude float8, speed float8, course float8,
    fixed_at timestamptz, battery float8, silent boolean, flags text, raw text, digest text)
ON CONFLICT (id) DO NOTHING
"""

CHANGES = """
UPDATE incidents_incident i SET center_id = r.center_id, centers = r.centers, state = r.state, alarm = r.alarm,
    silent = r.silent, touched_at = r.touched_at, pressed_at = r.pressed_at, presses = r.presses, flags = r.flags,
    cancel_requested_at = r.cancel_requested_at, lat = r.lat, lon = r.lon, accuracy = r.accuracy,
    altitude = r.altitude, speed = r.speed, course = r.course, fixed_at = r.fixed_at, battery = r.battery,
    claimed_by_id = CASE WHEN r.anew THEN NULL ELSE i.claimed_by_id END,
    claimed_at = CASE WHEN r.anew THEN NULL ELSE i.claimed_at END
FROM json_to_recordset(%s::json) AS r(id bigint, center_id bigint, centers bigint[], state text, alarm text,
    silent boolean, touched_at timestamptz, pressed_at timestamptz, presses int, flags text,
    cancel_requested_at timestamptz,
    lat float8, lon float8, accuracy float8, altitude float8, speed float8, course float8, fixed_at timestamptz,
    battery float8, anew boolean)
WHERE i.id = r.id
"""

NOTE = "INSERT INTO incidents_note (incident_id, text, salt, at) VALUES (%s, %s, %s, %s) RETURNING id"

LEVEL = "UPDATE devices_device SET pressed = %s::boolean WHERE id = %s::bigint"

UNTESTED = "UPDATE devices_device SET testing_until = NULL WHERE id = %s::bigint"

# Signs of life. The clock looks at a row when `changed` says so; it need not be told of every heartbeat.
VITALS = """
INSERT INTO devices_vitals AS v (device_id, heard_at, due, battery, troubles, told, changed, tested_at, tested_after)
SELECT device_id, %s::timestamptz, due, battery, coalesce(troubles, '{}'), '{}', troubles IS NOT NULL, tested_at,
    tested_after
FROM json_to_recordset(%s::json) AS r(device_id bigint, due timestamptz, battery float8, troubles jsonb,
    tested_at timestamptz, tested_after float8)
ON CONFLICT (device_id) DO UPDATE SET heard_at = excluded.heard_at, due = excluded.due,
    battery = coalesce(excluded.battery, v.battery), troubles = v.troubles || excluded.troubles,
    changed = v.changed OR excluded.changed OR v.silent_since IS NOT NULL
        OR (v.told ? 'low_battery' AND excluded.battery IS NOT NULL),
    tested_at = coalesce(excluded.tested_at, v.tested_at),
    tested_after = CASE WHEN excluded.tested_at IS NULL THEN v.tested_after ELSE excluded.tested_after END
"""

MOVING = "SELECT pg_notify('positions', %s)"

STATES = """
SELECT coalesce(json_agg(json_build_array(id, center_id, state, alarm, flags)), '[]')
FROM incidents_incident WHERE id = ANY(%s::bigint[])
"""
