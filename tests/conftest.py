"""One quick world for the whole session (one a worker with pytest-xdist), installations for those who kill and stop."""

import os
from collections.abc import Iterator
from pathlib import PurePath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.world import Installation, Town, data_folder

# Before anything of Django is imported: the data folder of this session's Town, empty until a test asks for it.
os.environ.pop("DATABASE_URL", None)
os.environ.update(
    TOCSIN_DATA=str(data_folder()),
    TOCSIN_GATES_PORTS="any",
    TOCSIN_GATES_HOST="127.0.0.1",
    DJANGO_SETTINGS_MODULE="tocsin.settings",
)
FOLDER = os.environ["TOCSIN_DATA"]

#: They measure time or kill: `make test` runs them after the others, one at a time.
ALONE = (
    "test_alarms_first", "test_courier_killed", "test_database_away", "test_gates_under_load", "test_killed_at_random",
    "test_never_lost", "test_nobody_is_left_alone", "test_one_press_one_incident", "test_start_and_stop",
    "test_the_live_feed", "test_what_it_loads",
)  # fmt: skip

#: What takes minutes comes first, so that two workers end together; the quick ones fill the gaps.
LONG = ("security", "browser")
#: They judge the answers of one long walk.
MATRIX = ("test_every_page", "test_matrix", "test_the_same_reads_without_filters", "test_what_they_get")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in ALONE:
            item.add_marker("alone")
    items.sort(key=lambda item: (*LONG, item.path.parent.name).index(item.path.parent.name))


class Files(LoadFileScheduling):
    """A file stays on one worker, and so do those that share the walk."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "matrix" if PurePath(file).stem in MATRIX else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Files:
    return Files(config, log)


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    import django

    django.setup()
    town = Town()
    try:
        town.start()
        yield town
    finally:
        town.end()


@pytest.fixture
def world(town: Town) -> Iterator[Town]:
    """The session's Town, left behind in order."""
    yield town
    town.tidy()


@pytest.fixture
def place(world: Town) -> str:
    """A city center under Gauteng that no other test uses, with members and trackers."""
    return world.place()


@pytest.fixture(scope="session")
def installed() -> Iterator[Installation]:
    """`tocsin demo --quiet`, started at first need. Use `installation`, which finds it running."""
    installation = Installation()
    try:
        installation.start()
        yield installation
    finally:
        installation.end()


@pytest.fixture
def installation(installed: Installation) -> Installation:
    if installed.tree is None or installed.tree.poll() is not None:
        installed.start()
    return installed


def pytest_unconfigure() -> None:
    """The folder that was made at import, when no Town ever filled it."""
    import shutil

    shutil.rmtree(FOLDER, ignore_errors=True)
