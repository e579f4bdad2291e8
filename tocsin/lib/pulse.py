"""The sign of life of a process that writes, the clock and the courier too: a real commit, so a full disk shows."""

PULSE = """
INSERT INTO gates_pulse (process, at, since) VALUES (%s, %s::timestamptz, clock_timestamp())
ON CONFLICT (process) DO UPDATE SET at = excluded.at, since = CASE
    WHEN excluded.at - gates_pulse.at > interval '10 s' THEN clock_timestamp() ELSE gates_pulse.since END
"""
