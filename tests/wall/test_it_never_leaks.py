"""Lifted, or standing for somebody, ends with the request: after an exception, a rollback, a lost connection."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from tests.world import Town


def count() -> int:
    from tocsin.people.models import Person

    return Person.objects.count()


def told(connection: Any) -> tuple[Any, ...]:
    """What the database itself believes, asked past all of ours."""
    row: tuple[Any, ...] = connection.connection.execute(
        "SELECT coalesce(current_setting('tocsin.person', true), ''), "
        "coalesce(current_setting('tocsin.lifted', true), '')"
    ).fetchone()
    return row


def cut(world: Town, connection: Any) -> None:
    world.rows("SELECT pg_terminate_backend(%s)", connection.connection.info.backend_pid)


def test_lifted_nests_and_ends(web: Any) -> None:
    from tocsin.lib import wall

    assert count() == 0
    with wall.lifted():
        with wall.lifted():
            assert count() > 0
        assert count() > 0
    assert count() == 0


def test_lifted_ends_with_an_exception(web: Any) -> None:
    from tocsin.lib import wall

    with pytest.raises(ValueError), wall.lifted():
        assert count() > 0
        raise ValueError
    assert count() == 0


def test_lifted_ends_though_its_transaction_failed(web: Any) -> None:
    from django.db import ProgrammingError, transaction

    from tocsin.lib import wall

    with transaction.atomic():
        assert count() == 0
        with pytest.raises(ProgrammingError), transaction.atomic(), wall.lifted():
            assert count() > 0
            web.cursor().execute("SELECT * FROM nowhere")
        assert count() == 0, "the savepoint took the setting back; what we believe follows"
        with wall.lifted():
            assert count() > 0
    assert count() == 0


def test_lifted_holds_through_a_rollback_inside_it(web: Any) -> None:
    from django.db import transaction

    from tocsin.lib import wall

    with wall.lifted():
        with pytest.raises(ValueError), transaction.atomic():
            assert count() > 0
            raise ValueError
        assert count() > 0
        with transaction.atomic():
            assert count() > 0
    assert count() == 0


def test_who_stands_stands_through_a_rollback(web: Any) -> None:
    from django.db import transaction

    from tocsin.lib import wall

    with pytest.raises(ValueError), transaction.atomic():
        wall.stand(0, ())
        assert count() == 0
        raise ValueError
    assert count() == 0
    assert told(web)[0] == "0"
    wall.clear()
    assert told(web) == ("", "")


def test_a_new_connection_knows_nobody_until_it_is_told(world: Town, web: Any) -> None:
    from django.db import OperationalError

    from tocsin.lib import wall

    with wall.lifted():
        assert count() > 0
        cut(world, web)
        with pytest.raises(OperationalError):
            count()
        web.close()
        assert count() > 0, "the same block goes on lifted"
    assert count() == 0
    web.close()
    assert count() == 0


@pytest.mark.parametrize("trouble", ["none", "raises", "never closed", "in a transaction", "database gone"])
def test_the_next_request_of_a_thread_finds_nothing(world: Town, web: Any, trouble: str) -> None:
    from django.db import transaction

    from tocsin.incidents.standing import Stand
    from tocsin.lib import wall

    kept = []

    def view(request: HttpRequest) -> HttpResponse:
        wall.stand(1, [1, 2, 3], [1, 2, 3])
        opened = wall.lifted()
        kept.append(opened)  # nobody ends it, and nobody throws it away
        opened.__enter__()
        assert count() > 0
        if trouble == "raises":
            raise ValueError
        if trouble == "in a transaction":
            with transaction.atomic():
                count()
                raise ValueError
        if trouble == "database gone":
            cut(world, web)
        return HttpResponse()

    request = HttpRequest()
    request.path = "/desk/"
    try:
        Stand(view)(request)
    except ValueError:
        assert trouble in ("raises", "in a transaction")
    if web.connection is not None and not web.connection.closed:
        assert told(web) == ("", "")
    web.close_if_unusable_or_obsolete()
    assert count() == 0


def test_the_live_feed_s_threads_leave_nobody_standing(world: Town, web: Any) -> None:
    """The edge's threads carry out one look after the other, for whomever."""
    import asyncio

    from django.db import connections

    from tocsin.lib import wall
    from tocsin.lib.threads import in_thread

    def looks() -> Any:
        connections["default"] = mine = type(web)(dict(web.settings_dict), "default")
        wall.stand(1, [1])
        opened.append(wall.lifted())
        opened[0].__enter__()
        assert count() > 0
        return mine

    def goes() -> None:
        connections["default"].close()
        del connections["default"]

    async def look_and_ask() -> None:
        mine = await in_thread(looks)
        assert mine.standing.wanted == mine.standing.told == wall.NOBODY
        await in_thread(goes)

    opened: list[Any] = []
    asyncio.run(look_and_ask())
