"""The trouble that a person can mend."""

from tocsin.lib.words import Language, in_language

REASONS: dict[str, tuple[str, str]] = {
    "claimed_already": ("已由 {who} 接警", "{who} has claimed it already"),
    "not_new": ("该警情已不在待接警状态", "It is not waiting to be claimed any more"),
    "claim_first": ("请先接警", "Claim it first"),
    "not_claimed": ("尚无人接警", "Nobody has claimed it"),
    "closed_already": ("该警情已结案；如需继续请先重新打开", "It is closed: reopen it to go on"),
    "not_closed": ("该警情尚未结案", "It is not closed"),
    "merged": ("该警情已并入 #{into}，请在那里处理", "It was merged into #{into}: work there"),
    "not_merged": ("该警情未被合并", "It was not merged"),
    "same_center": ("该警情已属于此中心", "This center owns it already"),
    "no_such_center": ("没有这个中心：{code}", "There is no center {code}"),
    "no_such_incident": ("没有可合并的警情 #{into}", "There is no incident #{into} to merge with"),
    "merge_with_itself": ("不能与自己合并", "It cannot be merged with itself"),
    "no_such_responder": ("没有这位出警人", "There is no such responder"),
    "whom": ("请写明派谁", "Say whom to send"),
    "no_such_dispatch": ("没有这条派警记录", "There is no such dispatch"),
    "other_open": ("此人已有未结警情 #{other}，请在那里继续", "This person has an open incident already: #{other}"),
    "no_change": ("没有变化", "Nothing changes by that"),
    "not_yours": ("您不能接这起警情", "You may not claim this"),
    # rosters
    "no_such_role": ("{who}在此中心没有这个职务", "{who} does not have this role at this center"),
    "shift_length": ("班次须为15分钟到24小时", "A shift takes from 15 minutes to 24 hours"),
    "shift_past": ("这个班次已经过去", "This shift is over"),
    "shift_gone": ("这个班次已取消", "This shift was taken out"),
    "not_your_shift": ("这不是您的班次", "This is not your shift"),
    "swap_over": ("这次换班已处理过", "This swap was answered already"),
    "own_note": ("交班记录须由下一位值班员确认", "The next officer confirms the note, not its author"),
    "text_missing": ("请填写内容", "Write something"),
    # plans, contacts
    "no_such_moment": ("时间写得不对", "This is no moment"),
    "address_malformed": ("请检查地址：{example}", "Please check the address. Example: {example}"),
    "address_wrong": ("这个地址不能用：{why}", "This address cannot be used: {why}"),
    "contact_known": ("这个联系方式已经有了", "You have this contact already"),
    "contact_own": ("这是您登录用的号码，不能移除", "This is the number you sign in with: it stays"),
    "contact_none": ("您没有这个通道的联系方式，请先添加", "You have no contact on this channel: add one first"),
    "too_many": ("最多 {most} 个", "{most} at most"),
    "too_soon": ("刚发过，请过一会儿再试", "One was sent just now: try again a little later"),
    "channel_off": ("这个通道尚未设置，请找管理员", "This channel is not set up: ask the administrator"),
    "relative_contact": ("请填写手机号码或邮箱", "Give a phone number or an e-mail address"),
    "relative_declined": ("对方已拒绝，不能再次询问", "They declined: they cannot be asked again"),
    # drills
    "drill_outside": (
        "这是演练：不得派警察或安保公司",
        "This is a drill: neither the police nor a security company is sent",
    ),
    "drill_and_real": ("演练不能与真实警情合并", "A drill and a real incident are never merged"),
    "drill_over": ("演练警情不能重新打开；需要时请另开一次演练", "A drill is not reopened: start another one"),
    "drill_outcome": ("演练只能以“演练”结案", "A drill is closed as a drill"),
    "drill_running": ("此中心已有演练在进行，请先结束", "A drill is running at this center: end it first"),
    "drill_ended": ("演练已经结束", "The drill is over"),
    "drill_minutes": ("演练时长须为 {least} 到 {most} 分钟", "A drill takes from {least} to {most} minutes"),
    "drill_stranger": ("所选的人或设备不属于此中心", "Somebody or something chosen does not belong to this center"),
    # devices
    "no_such_protocol": ("没有这种设备：{protocol}", "There is no such kind of device: {protocol}"),
    "one_owner": ("请选择一个归属：一个人、一个场所或一个中心", "Say whose it is: one person, one site or one center"),
    "no_such_owner": ("没有找到这个归属", "Whose it is was not found"),
    "identifier_malformed": ("编号不对，例如 {example}", "This is not the number of such a device. Example: {example}"),
    "field_malformed": ("请检查：{zh}", "Please check: {en}"),
    "device_known": (
        "这个设备已经登记过了。如果它是您的，请联系您的中心",
        "This device is registered already. If it is yours, ask your center",
    ),
    "number_malformed": (
        "SIM 卡号码不对，例如 +27 82 555 0123",
        "This is no SIM's number. Example: +27 82 555 0123",
    ),
    "number_known": ("这个 SIM 卡号码已经登记过了", "The number of this SIM is registered already"),
    "device_revoked": ("这个设备已停用", "This device was revoked"),
    "name_missing": ("请填写名称", "Give it a name"),
    # pushes
    "push_unset": ("此系统尚未启用推送通知", "Push notifications are not set up on this system"),
    "push_dead": ("此浏览器的推送订阅已失效，请重新开启", "The push subscription has ended: turn it on anew"),
    "push_off": ("请先开启通知", "Turn on notifications first"),
}


class Refused(Exception):
    """A verb was not carried out, for a reason that the person can act on."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason, self.values = reason, values

    def said(self, language: Language) -> str:
        return in_language(REASONS[self.reason], language).format(**self.values)
