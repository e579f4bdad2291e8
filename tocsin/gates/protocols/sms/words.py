"""The words people use, in both languages. What they amount to together is decided in meaning.py.

All patterns are read in folded text (see `fold`). Latin ones stand between word boundaries, Chinese ones anywhere;
Chinese is listed in simplified and traditional characters. Too much alarms rather than too little.
"""

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_BETWEEN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")


def fold(text: str) -> str:
    """Small narrow letters (NFKC), straight quotes, one space between words and none between Chinese characters."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    plain = plain.replace("\u2019", "'").replace("\u2018", "'").replace("\U0001f198", " sos ")
    return _BETWEEN.sub("", " ".join(plain.split()))


def _any(latin: str, chinese: str = "") -> re.Pattern[str]:
    """One of these, written between white space; `_` is a space. Latin ones begin and end where a word does."""
    either = "|".join(latin.split()).replace("_", " ")
    return re.compile("|".join([rf"(?<![a-z0-9])(?:{either})(?![a-z0-9])", *chinese.split()]))


# Whoever writes one of these asks for help now.
CALLS = _any(
    r"""s+o+s+ (?:sos)+ s(?P<gap>[_.*/-])o(?P=gap)s mayday h+e+l+p+ hlp hlep hepl heip_me
    (?:save|rescue)_(?:me|us) (?:need|urgent)_assistance emergency panic danger in_trouble being_followed
    h(?P<space>[_.*-])e(?P=space)l(?P=space)p following_(?:me|us) (?:this_is|it's)_real
    (?:not|isn't)_(?:a_)?(?:false_alarm|mistake|test|drill|joke)
    (?:call|need|send)_(?:the_|a_)?(?:police|cops|ambulance|doctor)""",
    """救命 求救 求助 救我 救救 求援 来救 來救 报警 報警 快来人 快來人 来人啊 來人啊 帮帮我 幫幫我 帮我 幫我 叫警察
    紧急 緊急 危险 危險 被跟踪 被跟蹤 跟踪我 跟蹤我 不是误报 不是誤報 不是误按 不是按错 不是测试 不是測試 不是演习
    不是演練 不是演练 不是开玩笑 不是開玩笑""",
)
ALONE = re.compile(r"[\W_]*(?:alarm|alert|911|112|110|10111|警报|警報)[\W_]*")  # nothing else in the text

# Each kind of alarm; the earliest in the text counts, of those the longest. All of them alarm.
KINDS: dict[str, re.Pattern[str]] = {
    "roadblock": _any(
        r"""(?:fake_|false_|bogus_)?road_?-?blocks? (?:fake|false|bogus)_(?:police|cops?|policem[ae]n|officers?)
        blue_light_(?:gang|robbery|robbers)""",
        "假路检 假路檢 假路障 假警察 冒充警察 路检 路檢 路障",
    ),
    "burglary": _any(
        r"""burgl\w* break_?-?ins? br(?:eaking|oke|oken)_in(?:to)? house_?break\w* intruders? trespassers?
        thie(?:f|ves) steal(?:ing)? stolen? alarm_(?:is_|has_)?(?:went_off|going_off|gone_off|ringing)""",
        "入室盗窃 入室盜竊 入室 盗窃 盜竊 小偷 闯入 闖入 闯进 闖進 撬门 撬門 有贼 有賊 进贼 進賊 被偷 被盗 被盜",
    ),
    "robbery": _any(
        r"""robbed robbing robber(?:y|ies|s)? (?:hi|high-?|car_?)jack\w* mugg(?:ed|ings?|ers?) (?:hold|stick)_?-?up
        armed_(?:men|man|people|gang|robb\w+)""",
        """入室抢劫 入室搶劫 抢劫 搶劫 被抢 被搶 打劫 劫匪 劫车 劫車 抢车 搶車 抢钱 搶錢 抢我 搶我 抢了 搶了 被打劫
        抢匪 搶匪 持枪抢劫 持槍搶劫""",
    ),
    "kidnapping": _any(
        r"kidnap\w* abduct\w* hostages? ransom",
        "绑架 綁架 绑票 綁票 绑匪 綁匪 被绑 被綁 劫持 人质 人質 赎金 贖金",
    ),
    "extortion": _any(
        r"extor[ts]\w* black_?mail\w* protection_(?:money|fees?)",
        "敲诈 敲詐 勒索 保护费 保護費 恐吓 恐嚇 威胁 威脅",
    ),
    "traffic": _any(
        r"""(?:car_|traffic_|road_)?accident (?:car|truck|taxi|bus)_crash crashed_into collision hit_and_run
        knocked_down""",
        "交通事故 车祸 車禍 撞车 撞車 被撞 追尾 翻车 翻車",
    ),
    "medical": _any(
        r"""medical_(?:emergency|help) ambulance heart_att\w* stroke unconscious not_breathing can(?:'?t|_?not)_breathe
        collapsed bleeding injured overdose seizure choking drown(?:ed|ing) snake_?bite fell_down fall_?-?down man_down
        need_a_doctor""",
        """急病 急救 心脏病 心臟病 晕倒 暈倒 昏迷 昏倒 中风 中風 流血 出血 受伤 受傷 救护车 救護車 呼吸困难 呼吸困難
        发病 發病 跌倒 摔倒 溺水 被蛇咬""",
    ),
    "fire": _any(
        "on_fire fire burning smoke gas_leak explosion exploded",
        "煤气泄漏 煤氣洩漏 爆炸 火灾 火災 着火 著火 起火 失火 火警 大火 冒烟 冒煙",
    ),
    "unrest": _any(
        r"riots? riot(?:ing|ers?) loot(?:ing|ers?|ed) angry_mob unrest",
        "骚乱 騷亂 暴乱 暴亂 暴动 暴動 打砸抢 打砸搶 哄抢 哄搶",
    ),
    "other": _any(
        r"""guns? gunm[ae]n gunpoint gun_?shots? shooting shots_fired bombs? stabb(?:ed|ing) knife_?point with_a_knife
        assault(?:ed)? attack(?:ed|ing) under_attack rape[ds]? murder(?:ed)?""",
        "开枪 開槍 枪声 槍聲 枪击 槍擊 持枪 持槍 有枪 有槍 持刀 拿刀 砍人 杀人 殺人 强奸 強姦 袭击 襲擊 被打 打人",
    ),
}

# Before a kind: there is none.
NOT = re.compile(
    r"(?:(?<![a-z0-9])(?:no|not|never|without|nobody|no one|isn't|wasn't)(?: (?:a|an|any|the|been|is|was)){0,3}"
    r"|没有人?|沒有人?|没人|沒人|无人|無人|没|沒|不是|并非|並非) ?$"
)


@lru_cache(maxsize=8)
def own_words(setting: str) -> re.Pattern[str] | None:
    """The words of TOCSIN_GATE_SMS_WORDS, between commas of either language: each alarms wherever it stands."""
    given = [re.escape(word) for word in map(fold, re.split(r"[,;，；、\n]", setting)) if word]
    either = [rf"(?<![a-z0-9]){word}(?![a-z0-9])" if word.isascii() else word for word in given]
    return re.compile("|".join(either)) if either else None
