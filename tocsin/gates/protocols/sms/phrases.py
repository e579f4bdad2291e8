"""Phrases that turn a text: no help is needed, it is taken back, it is only a test. Read in folded text."""

import re

# Whoever writes one of these needs no help, or offers it. Taken out before anything else is looked for.
NEEDED = r"(?:h+e+l+p+|sos|police|(?:an )?ambulance|assistance)"
QUIET = re.compile(
    rf"""
    (?<![a-z0-9])(?:
      (?:don't|dont|do\ not|doesn't|didn't|no\ longer|not|never)\ (?:need|want|require)
      (?:\ (?:any|your|more|the))*\ {NEEDED}
    | no\ need\ (?:of|for|to)?\ ?(?:(?:any|the|call|send)\ )*{NEEDED}
    | no\ (?:more\ |further\ )?{NEEDED}\ (?:is\ |was\ )?(?:needed|required|necessary)
    | {NEEDED}\ (?:is\ )?(?:not|no\ longer)\ (?:needed|required|necessary)
    | (?:not|no)\ (?:an?\ )?(?:emergency|sos|danger) | (?:don't|do\ not)\ panic
    | (?:thanks?|thank\ you|thx|tx)(?:\ (?:so|very|much|a\ lot|all))*
      \ for(?:\ (?:all|the|your|ur|quick|kind|great))*\ help
    | (?:i|we)\ ?(?:can|could|will|'ll|would)(?:\ (?:be\ able|like|love|try)\ to)?\ help(?!\ (?:me|us))
    | (?:(?:i|we)(?:'m|'re|\ am|\ are)\ |^\W{{0,9}})(?:happy|glad|willing|ready|here|coming|able|trying)\ to\ help
      (?!\ (?:me|us))
    | (?:can|may|could)\ i\ help
    | (?<!no\ )help\ (?:has\ )?(?:arrived|is\ here|is\ on\ (?:the|its)\ way|is\ coming)
    | help\ ?(?:desk|line|center|centre)
    | fire\ ?(?:drill|extinguishers?|wood|works|place) | armed\ response
    )(?![a-z0-9])
    | (?:不用|不需要?|不必|无需|無需|无须|無須|没必要|沒必要)(?:再|去|帮我|幫我|叫)*
      (?:报警|報警|求助|求救|救我|救护车|救護車|警察)
    | (?:没有?|沒有?|不)(?:危险|危險|紧急|緊急) | 不是(?:紧急|緊急|求救|求助|报警|報警)
    """,
    re.VERBOSE,
)

# Whoever writes one of these takes the alarm back, if it stands near the beginning and nothing else alarms.
_CANCEL = (
    r"(?:help (?:me )?)?(?:cancel(?:l?ed|l?ing)?|false alarm|ignore|disregard|by mistake|by accident|accidentally"
    r"|wrong button|stop (?:the|my) alarm)"
)
_TAKEN_BACK = "(?:帮我|幫我)?(?:取消|撤销|撤銷|解除|误报|誤報|误按|誤按|误触|誤觸|按错|按錯|虚惊|虛驚)"
CANCELS = re.compile(rf"(?<![a-z0-9]){_CANCEL}(?![a-z0-9])|{_TAKEN_BACK}")
NOT_CANCELLED = re.compile(
    r"(?:(?<![a-z])(?:don't|dont|do not|not|never|isn't|can't|cannot)(?: please| an?| the)?"
    r"|不要|别|別|不是?|没有?|沒有?|勿) ?$"
)
# The same with what is taken back: its "SOS" is none.
_THING = r"(?:sos|alarm|alert|help|emergency|call|request|message|sms|button)"
_MATTER = r"(?:报警|報警|求助|求救|警报|警報|警情|sos)"
CANCELLED = re.compile(
    rf"(?<![a-z0-9]){_CANCEL}(?: (?:the|my|our|this|that|last|previous|it|please|all))*(?: {_THING})*(?![a-z0-9])"
    rf"|(?<![a-z0-9]){_THING}(?: (?:is|was|pressed|sent|please))*[ ,:-]*{_CANCEL}(?![a-z0-9])"
    rf"|{_TAKEN_BACK} ?(?:了|的|我|刚才|剛才|刚刚|剛剛|这次|這次|这个|這個|上一个|上一個|本次|一下| )*{_MATTER}?"
    rf"|{_MATTER} ?(?:是|已|请|請|我|已经|已經|刚才|剛才| )*{_TAKEN_BACK}"
)

# Only these in the text, with or without a call for help: a test.
TESTS = re.compile(r"(?<![a-z])test(?:s|ing)?(?![a-z])|测试|測試|试验|試驗|试一下|試一下|试试|試試")
FILLERS = re.compile(
    r"(?<![a-z])(?:this|that|it|is|it's|was|an?|the|only|just|my|our|please|pls|hi|hello|ok|okay|sms|message|alarm|button"
    r"|system|from|for|of|ignore|disregard)"
    r"(?![a-z])|[这這是只一个個条條下的我们們在请請你您好了啊而已]|短信|消息|信息|忽略|系统|系統|按钮|按鈕|警报|警報|[\W\d_]"
)
