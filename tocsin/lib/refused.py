"""The trouble that a person can mend."""

from tocsin.lib.words import Language

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
}


class Refused(Exception):
    """A verb was not carried out, for a reason that the person can act on."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason, self.values = reason, values

    def said(self, language: Language) -> str:
        return REASONS[self.reason][0 if language == "zh-hans" else 1].format(**self.values)
