"""What this station itself holds: consents, erasures, exports, holds."""

from collections.abc import Iterable
from datetime import datetime

from tocsin.privacy.erasers import Section, keep, label, offer
from tocsin.privacy.models import Consent, Erasure, Export, ExportState, Left
from tocsin.privacy.own.dump import dump


def erase(person: int, at: datetime) -> int:
    from tocsin.privacy.models import Piece

    count = Piece.objects.filter(export__person=person).delete()[0]
    Export.objects.filter(person=person).exclude(state=ExportState.FETCHED).update(state=ExportState.GONE, link=None)
    return count + Left.objects.filter(person=person).delete()[0]


def export(person: int, language: str) -> Iterable[Section]:
    consents = Consent.objects.filter(person=person).order_by("pk")
    rows = dump(consents, "purpose", "given", "version", "language", "at")
    yield Section("consents", ("我的同意和撤回", "What I agreed to and withdrew"), rows)
    erasures = Erasure.objects.filter(person=person).order_by("pk")
    rows = dump(erasures, "asked_at", "due", "taken_back_at", "done_at")
    yield Section("erasures", ("删除申请", "Erasures asked for"), rows)
    exports = Export.objects.filter(person=person).order_by("pk")
    rows = dump(exports, "asked_at", "state", "made_at", "fetched_at")
    yield Section("exports", ("资料副本", "Copies asked for"), rows)


offer("consents", columns=("privacy.Left.person", "privacy.Export.person"), erase=erase, export=export)
keep(
    "privacy.Consent.person",
    "证明同意过什么、何时撤回；没有姓名",
    "proof of what was agreed and withdrawn, without a name",
)
keep("privacy.Erasure.person", "证明已删除", "proof that it was erased")
keep("privacy.Erasure.by", "谁申请删除，只剩编号", "who asked for an erasure: a number, without a name")
keep("privacy.Export.by", "谁申请副本，只剩编号", "who asked for a copy: a number, without a name")
keep("privacy.Hold.by", "谁要求保全，只剩编号", "who held data: a number, without a name")
keep("privacy.Hold.ended_by", "谁解除保全，只剩编号", "who ended a hold: a number, without a name")
label(
    purpose=("用途", "Purpose"), given=("同意", "Yes"), version=("文本版本", "Version of the text"),
    asked_at=("申请", "Asked"), due=("执行时间", "Due"), taken_back_at=("撤回", "Taken back"), done_at=("完成", "Done"),
    made_at=("做好", "Made"), fetched_at=("取走", "Fetched"),
)  # fmt: skip
