"""What the book says of enrolment. Ids and numbers; never who it is."""

from tocsin.book.facts import Fact, kind


@kind("applied", zh="收到入会申请 {application}", en="Membership application {application} came in")
class Applied(Fact):
    """The applicant has proved their number. `invitation`: by which they came."""

    application: int
    invitation: int | None = None


@kind("application_accepted", zh="{actor}通过入会申请 {application}", en="{actor} accepted application {application}")
class ApplicationAccepted(Fact):
    """`person`: the new member."""

    application: int
    person: int


@kind("application_declined", zh="{actor}未通过入会申请 {application}", en="{actor} declined application {application}")
class ApplicationDeclined(Fact):
    """`digest`: of the reason, salted."""

    application: int


@kind("member_joined", zh="一名会员凭邀请 {invitation} 加入", en="A member joined by invitation {invitation}")
class MemberJoined(Fact):
    application: int
    invitation: int
    person: int


@kind("member_left", zh="一名会员退出", en="A member left")
class MemberLeft(Fact):
    person: int


@kind(
    "invited",
    zh="{actor}生成邀请链接 {invitation}（{uses} 次）",
    en="{actor} made invitation {invitation} (uses: {uses})",
)
class Invited(Fact):
    """`admits`: whoever confirms a number by it is a member at once."""

    invitation: int
    uses: int
    admits: bool = False


@kind("invitation_revoked", zh="{actor}撤销邀请链接 {invitation}", en="{actor} revoked invitation {invitation}")
class InvitationRevoked(Fact):
    invitation: int


@kind(
    "members_imported", zh="{actor}导入名单 {list}：{made} 名会员", en="{actor} imported list {list}: members: {made}"
)
class MembersImported(Fact):
    """`refused`: rows of the list that were not taken."""

    list: int
    made: int
    refused: int = 0


@kind(
    "import_undone",
    zh="{actor}撤销导入 {list}：移除 {gone} 名会员",
    en="{actor} undid import {list}: members removed: {gone}",
)
class ImportUndone(Fact):
    """`kept`: members of it who stay, because they have done something since."""

    list: int
    gone: int
    kept: int = 0
