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


class _OfPlan(Fact):
    """`plan`: its id; what it said lies in the plan itself, and in each incident that began under it."""

    plan: int
    alarm: str = ""


@kind("plan_added", zh="{actor}新建升级预案 {plan}", en="Escalation plan {plan} made by {actor}")
class PlanAdded(_OfPlan):
    pass


@kind("plan_changed", zh="{actor}修改升级预案 {plan}", en="Escalation plan {plan} changed by {actor}")
class PlanChanged(_OfPlan):
    pass


@kind("plan_activated", zh="{actor}启用升级预案 {plan}", en="Escalation plan {plan} put in force by {actor}")
class PlanActivated(_OfPlan):
    pass


@kind("plan_deactivated", zh="{actor}停用升级预案 {plan}", en="Escalation plan {plan} put out of force by {actor}")
class PlanDeactivated(_OfPlan):
    pass


@kind("plan_deleted", zh="{actor}删除升级预案 {plan}", en="Escalation plan {plan} deleted by {actor}")
class PlanDeleted(_OfPlan):
    pass
