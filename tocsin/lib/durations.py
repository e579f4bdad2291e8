"""How long something took, counted into a few steps: what Prometheus calls a histogram."""

from bisect import bisect_left

import msgspec

STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds


class Durations(msgspec.Struct):
    """`counts[n]`: so many took STEPS[n] seconds at most and longer than the step before; the last: longer than all."""

    seconds: float = 0.0
    counts: list[int] = msgspec.field(default_factory=lambda: [0] * (len(STEPS) + 1))

    def add(self, seconds: float) -> None:
        self.seconds += seconds
        self.counts[bisect_left(STEPS, seconds)] += 1
