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
    "no_login": ("此人没有账号", "This person has no login"),
    "no_second_factor": ("此人没有设置第二重验证", "This person has no second step set up"),
    "reset_not_yours": ("您不能决定此人的第二重验证", "You do not decide about this person's second step"),
    "reset_asked_already": ("已经有人提出，等待另一人确认", "It was asked for already and waits for another"),
    "reset_over": ("这个请求已有结果或已过期", "This was decided already, or expired"),
    "no_change": ("没有变化", "Nothing changes by that"),
    "not_yours": ("您不能接这起警情", "You may not claim this"),
    # looks
    "reason_missing": ("请写明理由", "Say why, in a few words"),
    "share_whom": ("请写明共享给谁：姓名和单位", "Say with whom: a name and an organisation"),
    "share_what": ("请选择共享哪些内容", "Choose what is shared"),
    "share_withheld": (
        "结案超过 24 小时：电话和位置只有督导、主任和审计员可见，您只能共享概况",
        "It was closed more than 24 hours ago: you see neither number nor place, and share the summary alone",
    ),
    "share_media": (
        "会员尚未同意把求助交给媒体。会员可以在应用的“我的数据”里同意",
        "The member has not agreed that their case goes to the media: they can, in the app under My data",
    ),
    "share_media_unknown": (
        "报警人不是会员，无法取得同意：交给媒体的只能是概况",
        "The caller is no member and could not agree: share the summary alone with the media",
    ),
    "share_end": ("共享须在 {most} 天内结束", "It must end within {most} days"),
    "share_over": ("这项共享已经结束", "What was shared has ended already"),
    # codes, numbers, keys
    "call_later": ("请先等短信，30 秒后可以改为电话", "Wait for the text first: a call is possible after 30 seconds"),
    "phone_malformed": (
        "请填写有效的手机号码，例如 +27 82 555 0123",
        "Enter a valid phone number, such as +27 82 555 0123",
    ),
    "number_taken": (
        "这个号码已是会员的号码，请联系您的警民中心",
        "This number is a member's already: ask your center",
    ),
    "move_over": ("这次更换已结束或已过期，请重新开始", "This change is over: begin again"),
    "move_code_first": ("请先输入新号码收到的验证码", "Enter the code that the new phone received first"),
    "move_director": ("两人中须有一位是主任", "One of the two must be the director"),
    "key_scopes": ("请选择密钥可以做什么", "Say what the key may be used for"),
    "key_days": ("有效期须为 1 到 {most} 天", "A key lasts from 1 to {most} days"),
    # roles
    "no_such_grant": ("这个角色不能在此授予或免去", "This role is not given or taken here"),
    "no_such_person": ("没有这个人", "There is no such person"),
    "role_not_yours": ("您不能决定此中心的角色", "You do not decide about this at this center"),
    "role_own": ("不能为自己决定", "Nobody decides about themselves"),
    "role_same": ("须由另一个人确认", "Another person must confirm it"),
    "role_held": ("此人在这段时间已有这个角色", "They have this role in that time already"),
    "role_term": (
        "任期不对：结束须晚于开始，且在将来",
        "The term is not right: it must end after it begins, and in future",
    ),
    "role_over": ("这个任期已经结束", "This term is over"),
    "role_last": ("这是最后一位管理员，不能免去", "This is the last administrator, who cannot be removed"),
    "role_proposed_already": ("已有同样的提议待确认", "The same was proposed already and waits for another"),
    "role_decided": ("这个提议已有结果或已过期", "This proposal is decided, or expired"),
    "role_proposer_gone": ("提议人已无权提议，请重新提议", "Who proposed it may not any more: propose it again"),
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
    # files
    "no_own_alarm": (
        "没有进行中的报警：照片、视频和录音只能附在自己的报警上",
        "No alarm of yours is running: photos, video and sound are attached to one's own alarm",
    ),
    "file_large": ("文件太大：最多 {most} MB", "The file is too large: {most} MB at most"),
    "files_many": ("这次报警已有 {most} 个文件，不能再加", "This alarm has {most} files already: no more can be added"),
    "file_kind": (
        "不接受这种文件；请发送照片、视频或录音",
        "This is no photo, video or sound that can be taken",
    ),
    "file_altered": (
        "文件被改动或密钥缺失，无法打开。请通知管理员",
        "The file was altered, or its key is missing: it does not open. Tell the administrator",
    ),
    # people's data
    "no_such_purpose": ("没有这项用途", "There is no such purpose"),
    "text_changed": ("内容已更新，请重新阅读后再同意", "The text has changed: read it again before you say yes"),
    "hold_reason": ("请写明保全的理由", "Say why it is held"),
    "hold_end": ("请填写将来的日期，最长 {years} 年", "Give a day to come, within {years} years"),
    "held_already": ("该警情的资料已在保全中", "The data of this incident are held already"),
    "erasure_open": ("有未结的警情，结案后才能删除", "An incident is open: erasure waits until it is closed"),
    "erasure_held": (
        "资料因法律程序保全，暂时不能删除",
        "The data are held for legal reasons and cannot be erased now",
    ),
    "erasure_administrator": ("系统管理员须先交出权限", "An administrator of the system must hand that over first"),
    "erasure_waits": ("已经申请过删除", "Erasure was asked for already"),
    "export_in_making": ("副本正在制作", "A copy is being made"),
    "export_ready": ("副本已做好，请先取走", "A copy is ready: fetch it first"),
    "export_gone": ("副本已取走或已过期，请重新申请", "The copy was fetched or is over: ask for another"),
    "code_wrong": ("验证码不对或已过期", "The code is wrong or has expired"),
    "no_phone": ("您没有登记手机号码，请联系您的中心", "You have no phone number here: ask your center"),
    # enrolment
    "medical_consent": ("请先同意保存病史备注", "Agree first that your medical notes are kept"),
    "too_often": ("尝试过多，请过一会儿再试", "Too many tries: wait a little, then try again"),
    "decided_already": ("这个申请已经处理过", "This application was decided already"),
    "phone_is_known": ("这个手机号码已登记，请联系中心", "This number is registered already: ask the center"),
    "invitation_limits": ("次数须为 1 到 {uses}，天数须为 1 到 {days}", "Uses: 1 to {uses}. Days: 1 to {days}"),
    "list_has_errors": ("名单里有问题，不能这样导入", "The list has errors: it cannot be imported like this"),
    "undo_over": ("一天已过或已撤销，不能再撤销", "It cannot be undone any more: a day is over, or it was undone"),
    "leave_open_incident": (
        "您还有进行中的警情，结束后才能退出",
        "An alarm of yours is still open: you can leave when it is closed",
    ),
    "leave_with_roles": ("您还有职务，请先请主任免除", "You hold a role: ask your director to end it first"),
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
