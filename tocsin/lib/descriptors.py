"""How many connections the system lets a process have."""

import contextlib
import resource


def all_descriptors() -> int:
    """Take as many as an administrator allows (many systems begin with 1,024 and allow far more); how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return soft
