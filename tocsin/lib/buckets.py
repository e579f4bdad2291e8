"""Token buckets: a rate limit per key, in memory."""

import time
from collections.abc import Hashable


class Buckets:
    """Allows `burst` at once and `rate` a second from then on, per key. Full buckets are forgotten."""

    def __init__(self, burst: float, rate: float, most: int = 100_000) -> None:
        self.burst, self.rate, self.most = burst, rate, most
        self.levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable) -> bool:
        now = time.monotonic()
        level, at = self.levels.get(key, (self.burst, now))
        level = min(self.burst, level + (now - at) * self.rate)
        if level < 1:
            self.levels[key] = level, now
            return False
        if len(self.levels) > self.most:
            self._forget(now)
        self.levels[key] = level - 1, now
        return True

    def _forget(self, now: float) -> None:
        full = [k for k, (level, at) in self.levels.items() if level + (now - at) * self.rate >= self.burst]
        for key in full:
            del self.levels[key]
        if len(self.levels) > self.most:
            self.levels.clear()
