"""Behind the wall: this thread's Django connection signs in as the web does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.world import Town


@contextmanager
def as_web() -> Iterator[Any]:
    """Inside, all of Django's look-ups of this thread are the web's."""
    from django.db import connections

    from tocsin.database import WEB
    from tocsin.lib.walled.base import DatabaseWrapper

    owner = connections["default"]
    mine = DatabaseWrapper({**owner.settings_dict, "USER": WEB}, "default")
    connections["default"] = mine
    try:
        yield mine
    finally:
        mine.close()
        connections["default"] = owner


@pytest.fixture
def web(world: Town) -> Iterator[Any]:
    with as_web() as connection:
        yield connection
