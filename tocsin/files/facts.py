"""What can happen to an attachment, and how it is said."""

from uuid import UUID

from tocsin.book.facts import Fact, kind


@kind("attached", zh="报警人发来{what}", en="The caller sent a {what}")
class Attached(Fact):
    """`sha256` of what was sent, byte for byte, in hex: the sealed original can be held against it. `size` in bytes."""

    attachment: UUID
    what: str
    sha256: str
    size: int


@kind("attachment_removed", zh="附件已删除：{what}（{rule}）", en="Attachment removed: {what} ({rule})")
class AttachmentRemoved(Fact):
    """The file is gone; its digest stays in the entry that said it had come. `rule`: retention or erasure."""

    attachment: UUID
    what: str
    rule: str
