"""Every text that people receive, one function a message, both languages side by side.

The first words say what, the next who and where; one tap answers. Tests render each message with every combination
and look for a missing or mixed language.
"""

from typing import Any

import msgspec

from tocsin.lib.words import Language, word
from tocsin.notifications.channel import Text


class Facts(msgspec.Struct, omit_defaults=True):
    """What a message may need to know; the names in it are as they are written (a name has no language)."""

    number: int = 0
    alarm: str = "other"
    silent: bool = False
    drill: bool = False
    who: str = ""
    where: str = ""
    center: tuple[str, str] = ("", "")  # zh, en
    link: str = ""
    code: str = ""
    duty: str = ""
    when: str = ""
    repeat: int = 0  # how often it was told before
    device: str = ""
    words: str = ""
    whom: str = ""


def render(message: str, values: dict[str, Any], language: Language) -> Text:
    """The message in that language. KeyError: there is no such message."""
    facts = msgspec.convert(values, Facts)
    text = MESSAGES[message](facts, language == "zh-hans")
    if not facts.drill:
        return text
    mark = "【演练】" if language == "zh-hans" else "DRILL: "
    return msgspec.structs.replace(
        text, title=mark + text.title, body=mark + text.body, short=mark + text.short,
        spoken=("这是演练。" if language == "zh-hans" else "This is a drill. ") + text.spoken,
    )  # fmt: skip


def _kind(facts: Facts, zh: bool) -> str:
    kind = word(facts.alarm, "zh-hans" if zh else "en")
    if zh:
        return f"静默报警：{kind}" if facts.silent else f"报警：{kind}"
    return f"Silent alarm: {kind}" if facts.silent else f"Alarm: {kind}"


def _place(facts: Facts, zh: bool) -> str:
    return facts.where or ("位置不明" if zh else "place unknown")


def _who(facts: Facts, zh: bool) -> str:
    return facts.who or ("不知名的报警人" if zh else "unknown caller")


def alarm(facts: Facts, zh: bool) -> Text:
    """To those who must claim or come."""
    kind, who, place = _kind(facts, zh), _who(facts, zh), _place(facts, zh)
    center = facts.center[0 if zh else 1]
    if zh:
        hush = "切勿回拨报警人。" if facts.silent else ""
        return Text(
            title=f"{kind} · {who}",
            body=f"{place}。{center} #{facts.number}。{hush}尚无人接警，点开接警。",
            short=f"{kind} {who} {place} #{facts.number} {hush}接警 {facts.link}",
            spoken=f"守望{kind}。报警人，{who}。地点，{place}。{hush}接警请按1，不能接请按2。",
            link=facts.link or None,
        )
    hush = "Do not call the caller back. " if facts.silent else ""
    return Text(
        title=f"{kind} · {who}",
        body=f"{place}. {center} #{facts.number}.".replace("  ", " ") + f" {hush}Nobody has claimed it: tap to claim.",
        short=f"{kind} {who} {place} #{facts.number} {hush}Claim {facts.link}",
        spoken=f"Tocsin {kind}. Caller: {who}. Place: {place}. {hush}Press 1 to claim. Press 2 to pass.",
        link=facts.link or None,
    )


def sent(facts: Facts, zh: bool) -> Text:
    """To a responder who was dispatched."""
    kind, who, place = _kind(facts, zh), _who(facts, zh), _place(facts, zh)
    if zh:
        return Text(
            title=f"请出警：{kind}",
            body=f"{who}，{place}。#{facts.number}。点开答复能否前往。",
            short=f"请出警 {kind} {who} {place} #{facts.number} 回1前往 2不能 {facts.link}",
            spoken=f"守望派警。{kind}。报警人，{who}。地点，{place}。前往请按1，不能请按2。",
            link=facts.link or None,
        )
    return Text(
        title=f"You are sent: {kind}",
        body=f"{who}, {place}. #{facts.number}. Tap to say whether you are coming.",
        short=f"You are sent: {kind} {who} {place} #{facts.number} Reply 1 coming 2 can't {facts.link}",
        spoken=f"Tocsin dispatch. {kind}. Caller: {who}. Place: {place}. Press 1 if you come. Press 2 if you cannot.",
        link=facts.link or None,
    )


def claimed(facts: Facts, zh: bool) -> Text:
    """To the caller, and never for a silent alarm."""
    center = facts.center[0 if zh else 1]
    if zh:
        said = f"{center}已接警 #{facts.number}，正在处理。"
    else:
        said = f"{center} has your alarm #{facts.number} and is acting on it."
    return Text(title="已接警" if zh else "Your alarm was claimed", body=said, short=said, spoken=said)


def relative(facts: Facts, zh: bool) -> Text:
    """To a member's own contact, with a page that shows state and place while the alarm runs."""
    who = _who(facts, zh)
    if zh:
        hush = f"请勿给{who}打电话。" if facts.silent else ""
        said = f"{who}发出了报警（{word(facts.alarm, 'zh-hans')}），警民中心已收到。{hush}进展："
        return Text(title=f"{who}报警了", body=said + facts.link, short=said + facts.link, spoken=said, link=facts.link)
    hush = "Do not call them. " if facts.silent else ""
    said = f"{who} has raised an alarm ({word(facts.alarm, 'en')}); the center has it. {hush}Follow it here: "
    return Text(
        title=f"{who} raised an alarm", body=said + facts.link, short=said + facts.link, spoken=said, link=facts.link
    )


def consent(facts: Facts, zh: bool) -> Text:
    """To a member's own contact: may you be told when they raise an alarm? Until they agree nothing else is sent."""
    who = _who(facts, zh)
    if zh:
        said = f"{who}希望在报警时通知您。同意或拒绝请点开："
        return Text(
            title=f"{who}想把您设为亲友", body=said + facts.link, short=said + facts.link,
            spoken=f"{who}希望在报警时通知您。", link=facts.link or None,
        )  # fmt: skip
    said = f"{who} asks whether you may be told when they raise an alarm. Agree or decline here: "
    return Text(
        title=f"{who} names you as a contact", body=said + facts.link, short=said + facts.link,
        spoken=f"{who} asks whether you may be told when they raise an alarm.", link=facts.link or None,
    )  # fmt: skip


def ended(facts: Facts, zh: bool) -> Text:
    """To those who were told and need not come any more."""
    said = (
        f"警情 #{facts.number} 已有人处理或已结案，无需再前往。"
        if zh
        else (f"Incident #{facts.number} is in hand or closed: you need not come.")
    )
    return Text(title="无需前往" if zh else "You need not come", body=said, short=said, spoken=said)


def code(facts: Facts, zh: bool) -> Text:
    """A sign-in code; a voice says it digit by digit, twice."""
    said = (
        f"守望验证码 {facts.code}，10分钟内有效，切勿告诉他人。"
        if zh
        else (f"Your Tocsin code is {facts.code}. It is valid for 10 minutes. Tell it to nobody.")
    )
    spoken = (
        f"守望验证码：{facts.code}。再说一遍：{facts.code}。切勿告诉他人。"
        if zh
        else f"Your Tocsin code is: {facts.code}. Once more: {facts.code}. Tell it to nobody."
    )
    return Text(title="验证码" if zh else "Sign-in code", body=said, short=said, spoken=spoken)


def join(facts: Facts, zh: bool) -> Text:
    """The code that proves an applicant's number."""
    said = (
        f"守望入会申请：验证码 {facts.code}，10分钟内有效。若非本人申请，请忽略。"
        if zh
        else f"{facts.code} is the code for your Tocsin application, valid for 10 minutes. Not you? Ignore this text."
    )
    return Text(title="入会申请验证码" if zh else "Code of your application", body=said, short=said, spoken=said)


def accepted(facts: Facts, zh: bool) -> Text:
    """To an applicant: a member from now on."""
    center = facts.center[0 if zh else 1]
    said = f"您已成为{center}的会员。请登录：" if zh else f"You are a member of {center} now. Sign in: "
    title = "入会申请已通过" if zh else "You are a member"
    return Text(title=title, body=said + facts.link, short=said + facts.link, spoken=said, link=facts.link or None)


def declined(facts: Facts, zh: bool) -> Text:
    """To an applicant. The reason stands on their page and in no message."""
    center = facts.center[0 if zh else 1]
    if zh:
        said = f"您的入会申请未通过，原因见申请页面。请联系{center}。"
    else:
        said = f"Your application was declined; the reason is on its page. Ask {center}."
    return Text(title="入会申请未通过" if zh else "Application declined", body=said, short=said, spoken=said)


def move(facts: Facts, zh: bool) -> Text:
    """A code for a change of number, to the old phone and to the new one."""
    said = (
        f"守望：更换手机号码的验证码 {facts.code}，10分钟内有效。若非本人操作，切勿告诉他人，并联系您的警民中心。"
        if zh
        else (
            f"Tocsin: {facts.code} is the code for changing your phone number, valid for 10 minutes. "
            "If this was not you, tell it to nobody and call your center."
        )
    )
    spoken = (
        f"守望，更换手机号码的验证码：{facts.code}。再说一遍：{facts.code}。若非本人操作，切勿告诉他人。"
        if zh
        else f"Tocsin. The code for changing your phone number is: {facts.code}. Once more: {facts.code}. "
        "If this was not you, tell it to nobody."
    )
    return Text(title="更换号码的验证码" if zh else "Code for your new number", body=said, short=said, spoken=spoken)


def mydata(facts: Facts, zh: bool) -> Text:
    """A code for a copy of one's own data, or for erasing them."""
    said = (
        f"守望：查看或删除个人资料的验证码 {facts.code}，10分钟内有效。若非本人操作，切勿告诉他人，并联系您的警民中心。"
        if zh
        else (
            f"Tocsin: {facts.code} is the code for your own data (a copy, or erasing them), valid for 10 minutes. "
            "If this was not you, tell it to nobody and call your center."
        )
    )
    spoken = (
        f"守望，查看或删除个人资料的验证码：{facts.code}。再说一遍：{facts.code}。若非本人操作，切勿告诉他人。"
        if zh
        else f"Tocsin. The code for your own data is: {facts.code}. Once more: {facts.code}. "
        "If this was not you, tell it to nobody."
    )
    return Text(title="个人资料验证码" if zh else "Code for your data", body=said, short=said, spoken=spoken)


def moved(facts: Facts, zh: bool) -> Text:
    """To the old number, and wherever else the member is reached."""
    said = (
        "您在守望的手机号码已更换。若非本人操作，请立即联系您的警民中心。"
        if zh
        else "Your phone number at Tocsin was changed. If this was not you, call your center at once."
    )
    return Text(title="手机号码已更换" if zh else "Your number was changed", body=said, short=said, spoken=said)


ROLE = {
    "granted": ("{who}授予您角色：{center}，{duty}{until}。", "{who} made you {duty} at {center}{until}."),
    "ended": ("您在{center}的角色（{duty}）已由{who}免去。", "{who} ended your role at {center}: {duty}."),
    "proposed": (
        "{who}提议授予{person}角色：{center}，{duty}{until}。请在7天内到值班台“人员与角色”确认或否决。",
        "{who} proposed {person} as {duty} at {center}{until}. Confirm or decline at the desk, People and roles, "
        "within 7 days.",
    ),
    "end_proposed": (
        "{who}提议免去{person}在{center}的角色（{duty}）。请在7天内到值班台“人员与角色”确认或否决。",
        "{who} proposed to end that {person} is {duty} at {center}. Confirm or decline at the desk, People and roles, "
        "within 7 days.",
    ),
    "declined": (
        "{who}否决了您关于{person}的提议（{center}，{duty}）。",
        "{who} declined your proposal about {person} ({center}, {duty}).",
    ),
    "expired": (
        "您关于{person}的提议（{center}，{duty}）7天内无人确认，已过期。",
        "Nobody confirmed your proposal about {person} ({center}, {duty}) within 7 days: it expired.",
    ),
}


def role(facts: Facts, zh: bool) -> Text:
    """To whom a role was given or taken, and to those who may confirm one. `words`: which of ROLE it is."""
    until = (f"，至{facts.when}" if zh else f", until {facts.when}") if facts.when else ""
    said = ROLE.get(facts.words, ROLE["granted"])[0 if zh else 1].format(
        who=facts.who, person=facts.where, center=facts.center[0 if zh else 1], until=until,
        duty=word(facts.duty, "zh-hans" if zh else "en"),
    )  # fmt: skip
    return Text(title="您的角色" if zh else "Your roles", body=said, short=said, spoken=said)


RESET = {
    "yours": (
        "{who}提出重置您的登录第二重验证，另一人确认后生效。若非您的要求，请立即联系您的中心主任。",
        "{who} asked that the second step of your sign-in be reset; another person must confirm. If you did not ask "
        "for it, call your director at once.",
    ),
    "asked": (
        "{who}提出重置{person}的登录第二重验证。请核实本人，并在24小时内到值班台“工作人员的登录”确认或否决。",
        "{who} asked that the second step of {person} be reset. Make sure of the person, then confirm or decline at "
        "the desk, Sign-ins of staff, within 24 hours.",
    ),
    "done": (
        "您的登录第二重验证已由{who}确认重置，所有登录已结束。请登录并重新设置。若非您的要求，请立即联系您的中心主任。",
        "{who} confirmed that the second step of your sign-in is reset; all your sign-ins ended. Sign in and set it up "
        "anew. If you did not ask for it, call your director at once.",
    ),
    "declined": (
        "{who}否决了重置{person}第二重验证的请求。",
        "{who} declined that the second step of {person} be reset.",
    ),
}


def reset(facts: Facts, zh: bool) -> Text:
    """A lost second factor: to the person, and to those who may confirm. `words`: which of RESET it is."""
    said = RESET.get(facts.words, RESET["yours"])[0 if zh else 1].format(who=facts.who, person=facts.where)
    return Text(title="第二重验证" if zh else "Second step of a sign-in", body=said, short=said, spoken=said)


def trial(facts: Facts, zh: bool) -> Text:
    """A test of a contact: opening the link, or pressing 1, confirms it."""
    said = (
        "这是守望的测试消息，请点开确认收到。"
        if zh
        else "This is a test from Tocsin. Open it to confirm that it reaches you."
    )
    spoken = "这是守望的测试电话。收到请按1。" if zh else "This is a test call from Tocsin. Press 1 to confirm."
    short = f"{said} {facts.link}"
    return Text(title="测试" if zh else "Test", body=said, short=short, spoken=spoken, link=facts.link or None)


def gap(facts: Facts, zh: bool) -> Text:
    """To directors and supervisors: nobody will be on duty."""
    duty, center = word(facts.duty, "zh-hans" if zh else "en"), facts.center[0 if zh else 1]
    said = (
        f"{center}：{facts.when}起没有{duty}值班，请安排。"
        if zh
        else (f"{center}: no {duty} on the roster from {facts.when}. Please arrange one.")
    )
    return Text(title="排班有空缺" if zh else "A gap in the roster", body=said, short=said, spoken=said)


def unconfirmed(facts: Facts, zh: bool) -> Text:
    """To directors and supervisors: somebody will be on duty whom no alarm may reach."""
    duty, center = word(facts.duty, "zh-hans" if zh else "en"), facts.center[0 if zh else 1]
    said = (
        f"{center}：{facts.who}（{duty}，{facts.when}起）没有确认过的联系方式，报警时可能联系不上。请让其在守望中测试。"
        if zh
        else (
            f"{center}: {facts.who} ({duty} from {facts.when}) has no confirmed contact: an alarm may not reach them. "
            "Ask them to test one in Tocsin."
        )
    )
    title = "值班人员可能联系不上" if zh else "An officer may not be reached"
    return Text(title=title, body=said, short=said, spoken=said)


def head(facts: Facts, zh: bool) -> Text:
    """To directors, each day: the book's last entry and its hash, and those of the looks (`words`)."""
    center = facts.center[0 if zh else 1]
    if zh:
        looks = f"查看记录第 {facts.words.replace(' ', ' 条 ')}。" if facts.words else ""
        said = (
            f"{center}，{facts.when}：值班簿第 {facts.number} 条 {facts.code}。{looks}"
            "请保留此消息：日后可用来证明此前的记录未被改动。"
        )
        return Text(title="值班簿校验值", body=said, short=said, spoken=said)
    looks = f"Looks: {facts.words.replace(' ', ', ')}. " if facts.words else ""
    said = (
        f"{center}, {facts.when}: the occurrence book ends with entry {facts.number}, {facts.code}. {looks}"
        "Keep this message: it proves later that nothing before it was changed."
    )
    return Text(title="The book's hash of the day", body=said, short=said, spoken=said)


def swap(facts: Facts, zh: bool) -> Text:
    """To whoever is offered a shift."""
    duty, center = word(facts.duty, "zh-hans" if zh else "en"), facts.center[0 if zh else 1]
    said = (
        f"{facts.who}想把{center}的{duty}班次（{facts.when}）换给您，请在守望中答复。"
        if zh
        else f"{facts.who} offers you a shift at {center}: {duty}, {facts.when}. Answer in Tocsin."
    )
    return Text(title="有人请您换班" if zh else "You are offered a shift", body=said, short=said, spoken=said)


def unserved(facts: Facts, zh: bool) -> Text:
    """To directors and administrators: an alarm whose deadline passed and nothing was done."""
    said = (
        f"紧急：警情 #{facts.number} 的升级未按时执行，请立即查看值班台并检查系统。"
        if zh
        else (f"Urgent: incident #{facts.number} was not escalated in time. Look at the desk now and check the system.")
    )
    return Text(title="升级未执行" if zh else "An escalation was missed", body=said, short=said, spoken=said)


def glass(facts: Facts, zh: bool) -> Text:
    """To the member whose data somebody saw without an incident, and (with `whom`) to the center's directors."""
    who, role, center = _who(facts, zh), word(facts.duty, "zh-hans" if zh else "en"), facts.center[0 if zh else 1]
    if zh:
        whose = f"会员{facts.whom}的资料" if facts.whom else "您的资料"
        more = (
            "理由见值班台“我的查看记录”，请核实。" if facts.whom else "理由见应用“谁看过我”。如有疑问，请联系中心主任。"
        )
        said = f"{center}的{role}{who}在没有警情时查看了{whose}。{more}"
        return Text(title=f"有人查看了{whose}", body=said, short=said, spoken=said)
    whose = f"the data of {facts.whom}" if facts.whom else "your data"
    more = (
        'The reason is at the desk, "What I looked at": please look into it.'
        if facts.whom
        else 'The reason is in the app, "Who looked at me". Ask your center\'s director if this is not right.'
    )
    said = f"{who} ({role}, {center}) saw {whose} while no alarm was running. {more}"
    return Text(title=f"Somebody saw {whose}", body=said, short=said, spoken=said)


MESSAGES = {
    "alarm": alarm,
    "sent": sent,
    "claimed": claimed,
    "relative": relative,
    "consent": consent,
    "ended": ended,
    "code": code,
    "join": join,
    "accepted": accepted,
    "declined": declined,
    "move": move,
    "mydata": mydata,
    "moved": moved,
    "role": role,
    "reset": reset,
    "trial": trial,
    "gap": gap,
    "unconfirmed": unconfirmed,
    "swap": swap,
    "unserved": unserved,
    "head": head,
    "glass": glass,
}
