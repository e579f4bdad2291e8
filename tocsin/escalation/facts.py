"""What escalation writes in the book."""

from tocsin.book.facts import Fact, kind


@kind(
    "escalated",
    zh="无人接警，第 {step} 次升级：{to_centers}",
    en="Nobody claimed it: escalation {step} to {to_centers}",
)
class Escalated(Fact):
    """The siren sounds again, now at these centers (ids)."""

    step: int
    to_centers: tuple[int, ...]
