"""Whatever officers and callers do, in whatever order, the books have no gap and verify."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import Button, Town

MOVES = st.one_of(
    st.tuples(st.just("press"), st.integers(0, 2)),
    st.tuples(st.just("cancel"), st.integers(0, 2)),
    st.tuples(st.just("tick"), st.integers(5, 120)),
    st.tuples(st.just("merge"), st.tuples(st.integers(0, 5), st.integers(0, 5))),
    st.tuples(
        st.sampled_from(
            [
                "claim",
                "release",
                "hand_over",
                "dispatch",
                "mark",
                "note",
                "classify",
                "resolve",
                "close",
                "reopen",
                "unmerge",
            ]
        ),
        st.integers(0, 5),
    ),
)
_setting: list[Any] = []


def setting(world: Town) -> tuple[str, list[Button], Any]:
    if not _setting:
        place = world.place()
        officer = world.person_of(world.button("NAT" if "NAT" in world.phones else "PTA"))
        _setting.extend((place, [world.button(place) for _ in range(3)], officer))
    return _setting[0], _setting[1], _setting[2]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MOVES, min_size=1, max_size=14))
def test_any_sequence_of_verbs_leaves_the_books_gapless_and_verifying(
    world: Town, moves: list[tuple[str, Any]]
) -> None:
    from tocsin.centers.models import Center
    from tocsin.centers.network import load
    from tocsin.escalation.stages import escalate
    from tocsin.incidents.models import Incident
    from tocsin.lib.refused import Refused

    place, buttons, officer = setting(world)
    world.rows("UPDATE incidents_incident SET merged_into_id = NULL, state = 'closed' WHERE center_id IN "
               "(SELECT id FROM centers_center WHERE code IN (%s, 'DUR'))", place)  # fmt: skip
    world.tidy()
    first = (Incident.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    at, network = datetime.now(UTC), load()
    before, done = world.book(place).head, 0
    for verb, what in moves:
        at += timedelta(seconds=1)
        ours = list(Incident.objects.filter(pk__gte=first).order_by("pk").values_list("pk", flat=True))
        if verb in ("press", "cancel"):
            assert (buttons[what].press() if verb == "press" else buttons[what].cancel()).status in (200, 201)
            done += 1
        elif verb == "tick":
            at += timedelta(seconds=what)
            escalate(network, at)
        elif ours:
            try:
                act(verb, what, ours, officer, at, Center.objects.get(code="DUR"))
                done += 1
            except Refused as refused:
                assert refused.said("en")
                assert refused.said("zh-hans")
        for incident in Incident.objects.filter(pk__gte=first):
            pending = incident.steps.filter(done_at=None).count()
            waits = incident.state == "new" and incident.merged_into_id is None
            assert pending == int(waits), f"{verb}: {incident.state} with {pending} deadlines"
            assert incident.centers[0] == incident.center_id
            assert (incident.claimed_by_id is None) == (incident.state == "new" or not incident.claimed_at)
    for code in (place, "DUR", "GP", "NAT"):
        verdict = world.book(code).verdict()
        assert verdict.ok, (code, verdict)
    numbers = [e["number"] for e in world.book(place).entries()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= before


def act(verb: str, what: Any, ours: list[int], officer: Any, at: datetime, other: Any) -> None:
    from tocsin.incidents import actions

    more: dict[str, Any] = {
        "hand_over": {"to": other},
        "dispatch": {"kind": "unit", "to": "Unit 7"},
        "mark": {"state": "on_scene"},
        "note": {"text": "seen"},
        "classify": {"alarm": "fire"},
        "close": {"outcome": "genuine"},
    }
    if verb == "merge":
        one, into = (ours[n % len(ours)] for n in what)
        actions.merge(one, into, officer, at)
    else:
        getattr(actions, verb)(ours[what % len(ours)], by=officer, at=at, **more.get(verb, {}))
