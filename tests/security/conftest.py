"""One walk through all addresses, whose answers several tests judge."""

import pytest

from tests.security.cast import Cast
from tests.security.walk import Asked, everything
from tests.world import Town


@pytest.fixture(scope="session")
def cast(town: Town) -> Cast:
    return Cast(town)


@pytest.fixture(scope="session")
def answers(cast: Cast) -> list[Asked]:
    return everything(cast)
