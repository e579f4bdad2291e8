"""What is wrong with a plan that somebody wrote, field by field, in words that they can act on. Pure."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from tocsin.escalation.plans import Channel, Ring, Steps, WhomKind
from tocsin.lib.words import Language, in_language

CHANNELS, RINGS, KINDS = get_args(Channel), get_args(Ring), get_args(WhomKind)
ROLES = ("duty_officer", "supervisor", "director", "responder", "liaison", "administrator")
STAGES = 20

REASONS: dict[str, tuple[str, str]] = {
    "shape": ("格式不对", "This is not how a plan is written"),
    "stages": ("请写 1 到 20 步", "A plan has 1 to 20 stages"),
    "every": ("重复间隔须为 15 到 3600 秒", "It repeats each 15 to 3600 seconds"),
    "after": ("第 {stage} 步：时间须为 0 到 86400 秒", "Stage {stage}: from 0 to 86400 seconds"),
    "order": (
        "第 {stage} 步：须晚于前一步（{before} 秒）",
        "Stage {stage}: it must come later than the one before it ({before} s)",
    ),
    "ring": ("第 {stage} 步：不知道响铃范围“{value}”", "Stage {stage}: there is no ring called “{value}”"),
    "whom": ("第 {stage} 步：不知道通知对象“{value}”", "Stage {stage}: there is nobody called “{value}” to tell"),
    "role": ("第 {stage} 步：请选择职务", "Stage {stage}: choose a role"),
    "people": ("第 {stage} 步：请至少选一个人", "Stage {stage}: choose at least one person"),
    "partner": ("第 {stage} 步：请选择安保公司", "Stage {stage}: choose a security company"),
    "count": ("第 {stage} 步：人数须为 1 到 50", "Stage {stage}: from 1 to 50 people"),
    "km": ("第 {stage} 步：距离须在 500 公里以内", "Stage {stage}: within 500 km"),
    "by": ("第 {stage} 步：没有通道“{value}”", "Stage {stage}: there is no channel called “{value}”"),
    "empty": (
        "第 {stage} 步：请写明通知谁，或让哪些中心响铃",
        "Stage {stage}: say whom to tell, or which centers ring",
    ),
    "end": (
        "最后须通知到所有人：请让某一步在所有中心响铃，或通知所有人",
        "In the end it must reach everybody: let a stage ring at all centers, or tell everyone",
    ),
    "stranger": (
        "第 {stage} 步：编号 {value} 不在此中心及其上级的人员中",
        "Stage {stage}: number {value} is nobody at this center or above it",
    ),
    "no_partner": ("第 {stage} 步：没有编号为 {value} 的安保公司", "Stage {stage}: there is no partner {value}"),
}


class Wrong(msgspec.Struct, frozen=True):
    """`field`: as a path ("stages.0.after"); `stage`: 1, 2, … or None for the whole plan."""

    field: str
    reason: str
    stage: int | None = None
    values: dict[str, Any] = {}

    def said(self, language: Language) -> str:
        return in_language(REASONS[self.reason], language).format(stage=self.stage, **self.values)


def check(raw: Any) -> tuple[Steps | None, list[Wrong]]:
    """The plan, or all that is wrong with it."""
    wrong = list(_wrong(raw))
    if wrong:
        return None, wrong
    try:
        return msgspec.convert(raw, Steps), []
    except (msgspec.ValidationError, ValueError):
        return None, [Wrong("steps", "shape")]


def _wrong(raw: Any) -> Iterator[Wrong]:
    stages = raw.get("stages") if isinstance(raw, dict) else None
    if not isinstance(stages, list) or not 1 <= len(stages) <= STAGES:
        yield Wrong("stages", "stages")
        return
    if not _whole(raw.get("every", 60), 15, 3600):
        yield Wrong("every", "every")
    before: int | None = None
    for n, stage in enumerate(stages):
        if not isinstance(stage, dict):
            yield Wrong(f"stages.{n}", "shape", n + 1)
            continue
        after = stage.get("after")
        if not isinstance(after, int) or not _whole(after, 0, 86_400):
            yield Wrong(f"stages.{n}.after", "after", n + 1)
        else:
            if before is not None and after <= before:
                yield Wrong(f"stages.{n}.after", "order", n + 1, {"before": before})
            before = after
        yield from _stage(n, stage)
    if not any(_reaches_all(stage) for stage in stages if isinstance(stage, dict)):
        yield Wrong("stages", "end")


def _stage(n: int, stage: dict[str, Any]) -> Iterator[Wrong]:
    ring, whom, by = stage.get("ring", ""), stage.get("whom", []), stage.get("by", [])
    if ring not in RINGS:
        yield Wrong(f"stages.{n}.ring", "ring", n + 1, {"value": ring})
    if not isinstance(whom, list) or not isinstance(by, list):
        yield Wrong(f"stages.{n}", "shape", n + 1)
        return
    if not ring and not whom:
        yield Wrong(f"stages.{n}.whom", "empty", n + 1)
    for k, each in enumerate(whom):
        yield from _whom(f"stages.{n}.whom.{k}", n + 1, each)
    for channel in by:
        if channel not in CHANNELS:
            yield Wrong(f"stages.{n}.by", "by", n + 1, {"value": channel})


def _whom(field: str, stage: int, each: Any) -> Iterator[Wrong]:
    kind = each.get("kind") if isinstance(each, dict) else each
    if kind not in KINDS:
        yield Wrong(field, "whom", stage, {"value": kind})
        return
    if kind == "role" and each.get("name") not in ROLES:
        yield Wrong(f"{field}.name", "role", stage)
    ids = each.get("ids", [])
    if kind in ("people", "partner") and not (isinstance(ids, list) and ids and all(_whole(i, 1, 2**62) for i in ids)):
        yield Wrong(f"{field}.ids", kind, stage)
    if kind == "nearest":
        if not _whole(each.get("count", 5), 1, 50):
            yield Wrong(f"{field}.count", "count", stage)
        km = each.get("km", 20)
        if isinstance(km, bool) or not isinstance(km, int | float) or not 0 < km <= 500:
            yield Wrong(f"{field}.km", "km", stage)


def _reaches_all(stage: dict[str, Any]) -> bool:
    whom = stage.get("whom", [])
    told = isinstance(whom, list) and any(isinstance(w, dict) and w.get("kind") == "everyone" for w in whom)
    return stage.get("ring") == "all" or told


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
