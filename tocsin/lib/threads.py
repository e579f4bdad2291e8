"""Django's synchronous world, called from the event loop: a few threads with a database connection each."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

from tocsin.lib import wall

P = ParamSpec("P")
T = TypeVar("T")
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="django")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that uses Django's database in one of the threads. Afterwards nobody stands before the wall."""

    def run() -> T:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            wall.clear()

    return await asyncio.get_running_loop().run_in_executor(_threads, run)
