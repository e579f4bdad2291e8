"""schemathesis on our OpenAPI document, through the running web: no server error, and every answer as documented.

Half of the requests follow the document, half break it; half name things that exist. As a director and duty officer, so
that the doors are open.
"""

import random
import time
from collections import Counter
from typing import Any

import pytest

from tests.security.cast import Cast, made
from tests.world import Town

MOST = 180.0  # seconds; what is left over by then was not looked at, and is named
EACH = 5  # requests of each kind and operation
#: They would take the others' things away.
SPARED = ("/api/v1/push",)


def test_no_two_shapes_have_one_name(world: Town) -> None:
    """In the document one would stand for both, and calls would be described by another's answer."""
    from ninja import Schema

    import tocsin.api.views  # noqa: F401 - all of them are there now

    def below(shape: Any) -> list[Any]:
        return [each for sub in shape.__subclasses__() for each in (sub, *below(sub))]

    names = Counter(each.__name__ for each in set(below(Schema)) if each.__module__.startswith("tocsin."))
    assert len(names) > 40
    assert [name for name, number in names.items() if number > 1] == []


@pytest.mark.timeout(240)
@pytest.mark.slow
def test_no_server_error_and_every_answer_as_documented(cast: Cast, world: Town) -> None:
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    desk = world.desk(cast.place, "director")
    key = {"Authorization": f"Bearer {desk.key}", "Accept-Language": "en"}
    document = desk.get("openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    chance, began = random.Random(5), time.monotonic()
    asked: dict[str, set[int]] = {}
    wrong: list[str] = []

    def of(operation: Any, mode: GenerationMode) -> None:
        @settings(
            max_examples=EACH, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            if chance.random() < 0.5:
                known(case, operation.path)
            answer = case.call(base_url=world.doors[0], headers=key)
            asked.setdefault(operation.label, set()).add(answer.status_code)
            checks = [not_a_server_error, response_schema_conformance]
            checks += [content_type_conformance] if answer.status_code < 300 else []
            case.validate_response(answer, checks=checks)

        try:
            ask()
        except Exception as failed:  # one at a time is a slow way to hear of ten
            wrong.append(f"{operation.label}: {str(failed)[:1500]}")

    def known(case: Any, path: str) -> None:
        """Let it name what exists: its number, its center."""
        if "pk" in (case.path_parameters or {}):
            case.path_parameters["pk"] = made(cast, path)
        for holder in (case.query, case.body):
            if isinstance(holder, dict) and "center" in holder:
                holder["center"] = cast.place

    operations = [each.ok() for each in schema.get_all_operations()]
    left = [o.label for o in operations]
    for operation in sorted(operations, key=lambda o: o.label):
        if time.monotonic() - began > MOST:
            break
        left.remove(operation.label)
        if operation.path.startswith(SPARED):
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            of(operation, mode)
    assert not wrong, "\n\n".join(wrong)
    opened = [label for label, statuses in asked.items() if any(status < 300 for status in statuses)]
    assert not left, f"no time was left for {left}"
    assert len(asked) > 20 and len(opened) > 10, asked
