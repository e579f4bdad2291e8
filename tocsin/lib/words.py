"""The field's words in both languages; docs/glossary.md is the same list for people."""

from typing import Literal

Language = Literal["zh-hans", "en"]

WORDS: dict[str, tuple[str, str]] = {
    # kinds of alarm
    "roadblock": ("假路检", "fake roadblock"),
    "burglary": ("入室盗窃", "burglary"),
    "robbery": ("抢劫", "robbery"),
    "kidnapping": ("绑架", "kidnapping"),
    "extortion": ("敲诈勒索", "extortion"),
    "traffic": ("交通事故", "traffic accident"),
    "medical": ("急病", "medical emergency"),
    "fire": ("火灾", "fire"),
    "unrest": ("骚乱", "unrest"),
    "other": ("其他", "other"),
    # states and outcomes
    "new": ("待接警", "new"),
    "claimed": ("已接警", "claimed"),
    "dispatched": ("已派警", "dispatched"),
    "on_scene": ("已到场", "on scene"),
    "resolved": ("已处置", "resolved"),
    "closed": ("已结案", "closed"),
    "genuine": ("属实", "genuine"),
    "false_alarm": ("误报", "false alarm"),
    "drill": ("演练", "drill"),
    "duplicate": ("重复", "duplicate"),
    "no_contact": ("联系不上", "no contact"),
    "sent": ("已派出", "sent"),
    "on_the_way": ("在途", "on the way"),
    "done": ("已完成", "done"),
    # who is sent
    "responder": ("出警人", "responder"),
    "unit": ("小组", "unit"),
    "security": ("安保公司", "security company"),
    "police": ("警察", "police"),
    # roles
    "member": ("会员", "member"),
    "duty_officer": ("值班员", "duty officer"),
    "supervisor": ("督导", "supervisor"),
    "liaison": ("联络员", "liaison"),
    "editor": ("编辑", "editor"),
    "director": ("主任", "director"),
    "auditor": ("审计员", "auditor"),
    "administrator": ("管理员", "administrator"),
    # flags of a signal
    "no_fix": ("无定位", "no position"),
    "old_fix": ("定位较旧", "old position"),
    "wrong_clock": ("设备时钟不准", "wrong clock"),
    "null_island": ("定位无效 (0,0)", "invalid position (0,0)"),
    "late": ("迟到", "late"),
    "unknown_kind": ("未知类型", "unknown kind"),
    "unreadable": ("内容无法读取", "could not be read"),
    "bad_crc": ("校验和错误", "wrong checksum"),
    "buffered": ("设备补发", "sent late by the device"),
    "mock": ("疑似虚拟定位", "mock position"),
    "power_cut": ("断电", "power cut"),
    "low_battery": ("电量低", "low battery"),
    "tow": ("被拖动", "towed"),
    "vibration": ("震动", "vibration"),
    "overspeed": ("超速", "overspeed"),
    "crash": ("碰撞", "crash"),
    "geofence": ("围栏", "geofence"),
    "geofence_enter": ("进入围栏", "entered a geofence"),
    "geofence_exit": ("离开围栏", "left a geofence"),
    "power_off": ("关机", "switched off"),
    "power_on": ("开机", "switched on"),
    "power_restored": ("恢复供电", "power restored"),
    "movement": ("移动", "movement"),
    "ignition_on": ("点火", "ignition on"),
    "ignition_off": ("熄火", "ignition off"),
    "tampering": ("被拆动", "tampering"),
    "removing": ("被取下", "removed"),
    "fall_down": ("跌倒", "fall"),
    "man_down": ("倒地不动", "man down"),
    "duress": ("胁迫", "duress"),
    "jamming": ("信号干扰", "jamming"),
    "door": ("车门", "door"),
    "hard_braking": ("急刹车", "hard braking"),
    "hard_acceleration": ("急加速", "hard acceleration"),
    "hard_cornering": ("急转弯", "hard cornering"),
    "gps_antenna_cut": ("天线断开", "antenna cut"),
    "gps_lost": ("失去卫星", "satellites lost"),
    "fault": ("设备故障", "device fault"),
    "temperature": ("温度异常", "temperature"),
    "hemisphere_unknown": ("半球不明", "hemisphere unknown"),
    "fatigue_driving": ("疲劳驾驶", "tired driving"),
    "rollover": ("侧翻", "rollover"),
    "no_motion": ("静止不动", "no motion"),
    "sos_ended": ("求助结束", "SOS ended"),
    "stolen": ("被盗", "stolen"),
    "sim_changed": ("更换SIM卡", "SIM changed"),
    "unplugged": ("被拔出", "unplugged"),
    # sources
    "app": ("手机应用", "the app"),
    "desk": ("值班台（来电）", "the desk (phone call)"),
    # others
    "alarm": ("报警", "alarm"),
    "silent alarm": ("静默报警", "silent alarm"),
    "the system": ("系统", "the system"),
    "somebody": ("某人", "somebody"),
}


def word(value: str, language: Language) -> str:
    """The word in that language; what is no word of ours (a name, a number) stays as it is."""
    pair = WORDS.get(value)
    return value if pair is None else pair[0 if language == "zh-hans" else 1]


def language_of(header: str | None, otherwise: str = "zh-hans") -> Language:
    """The language that an Accept-Language header (RFC 9110, 12.5.4) asks for, of the two we speak."""
    best, weight = "", 0.0
    for part in (header or "").split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        try:
            q = float(quality) if quality else 1.0
        except ValueError:
            continue
        if tag[:2] in ("zh", "en") and q > weight:
            best, weight = tag[:2], q
    return "zh-hans" if (best or otherwise[:2]) == "zh" else "en"
