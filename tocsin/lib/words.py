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
    # with whom an incident is shared, and who follows one
    "media": ("媒体", "media"),
    "embassy": ("使领馆", "embassy"),
    "relative": ("亲友", "relative"),
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
    "not_encrypted": ("未加密", "not encrypted"),
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
    "fatigue_driving": ("疲劳驾驶", "tired driving"),
    "rollover": ("侧翻", "rollover"),
    "no_motion": ("静止不动", "no motion"),
    "sos_ended": ("求助结束", "SOS ended"),
    "stolen": ("被盗", "stolen"),
    "sim_changed": ("更换SIM卡", "SIM changed"),
    "unplugged": ("被拔出", "unplugged"),
    "low_power": ("外接电压低", "low supply voltage"),
    "low_speed": ("车速过低", "low speed"),
    "idle": ("怠速", "idling"),
    "lane_change": ("变道", "lane change"),
    "general": ("一般报警", "alarm without a name"),
    "fuel_leak": ("油量异常下降", "fuel lost"),
    "fuel": ("油量异常", "fuel"),
    "lock": ("上锁", "locked"),
    "unlock": ("开锁", "unlocked"),
    "parking": ("停车超时", "parked too long"),
    "overspeed_soon": ("即将超速", "nearly too fast"),
    "fatigue_soon": ("疲劳预警", "nearly tired"),
    "route": ("进出路线", "route entered or left"),
    "route_time": ("路段用时异常", "time of a route"),
    "off_route": ("偏离路线", "off the route"),
    "warning": ("危险预警", "danger ahead"),
    "speed_sensor": ("车速传感器异常", "speed sensor"),
    "illegal_ignition": ("非法点火", "unlawful ignition"),
    "ignition": ("点火报警", "ignition while armed"),
    "bonnet": ("引擎盖", "bonnet"),
    "foot_brake": ("脚刹", "foot brake"),
    "noise": ("异响", "noise"),
    "light": ("光线变化", "light"),
    "humidity": ("湿度异常", "humidity"),
    "high_temperature": ("温度过高", "too warm"),
    "low_temperature": ("温度过低", "too cold"),
    "tilt": ("倾斜", "tilted"),
    "side_button": ("侧键", "side button"),
    "beacon_lost": ("信标丢失", "beacon lost"),
    "charging": ("充电中", "charging"),
    "charging_ended": ("停止充电", "charging ended"),
    "charged": ("充满电", "charged"),
    "fall_down_ended": ("跌倒已解除", "fall ended"),
    "welfare": ("平安检查", "welfare check"),
    "welfare_ended": ("平安检查结束", "welfare check ended"),
    "amber": ("琥珀警报", "amber alert"),
    "daily_upload": ("每日上报", "daily report"),
    "report": ("例行上报", "routine report"),
    "motion": ("移动检测", "motion"),
    "sleep": ("休眠", "asleep"),
    "airplane_mode": ("飞行模式", "airplane mode"),
    "false_base_station": ("伪基站", "false base station"),
    "gps_found": ("恢复卫星", "satellites found"),
    "gps_first_fix": ("首次定位", "first fix"),
    "battery_restored": ("电量恢复", "battery restored"),
    "tamper_restored": ("拆动已复位", "tamper restored"),
    "fault_restored": ("故障已排除", "fault cleared"),
    # sources
    "app": ("手机应用", "the app"),
    "desk": ("值班台（来电）", "the desk (phone call)"),
    "sms": ("短信", "text message"),
    "gt06": ("GT06 定位器", "GT06 tracker"),
    "h02": ("H02 定位器", "H02 tracker"),
    "tk103": ("TK103 定位器", "TK103 tracker"),
    "gps103": ("Coban 定位器", "Coban tracker"),
    "xexun": ("Xexun 定位器", "Xexun tracker"),
    "watch": ("SOS 手表", "SOS watch"),
    "topin": ("小型定位器", "Topin locator"),
    "jt808": ("部标终端", "JT/T 808 terminal"),
    "gl200": ("Queclink 定位器", "Queclink tracker"),
    "meitrack": ("Meitrack 定位器", "Meitrack tracker"),
    "teltonika": ("Teltonika 定位器", "Teltonika tracker"),
    "eelink": ("Eelink 定位器", "Eelink tracker"),
    "minifinder2": ("SOS 挂件", "SOS pendant"),
    "osmand": ("手机定位应用", "phone app"),
    "owntracks": ("OwnTracks 手机应用", "OwnTracks app"),
    "traccar": ("Traccar 服务器", "Traccar server"),
    "ttn": ("LoRaWAN 按钮（TTN）", "LoRaWAN button (TTN)"),
    "chirpstack": ("LoRaWAN 按钮（ChirpStack）", "LoRaWAN button (ChirpStack)"),
    "shelly": ("Shelly 按钮", "Shelly button"),
    "zigbee2mqtt": ("Zigbee 按钮", "Zigbee button"),
    "tasmota": ("Tasmota 按钮", "Tasmota button"),
    "mqttjson": ("MQTT 按钮", "MQTT button"),
    "dc09": ("报警主机", "alarm panel"),
    # others
    "alarm": ("报警", "alarm"),
    "silent alarm": ("静默报警", "silent alarm"),
    "the system": ("系统", "the system"),
    "somebody": ("某人", "somebody"),
    "a device": ("某设备", "a device"),
    "coming": ("前往", "coming"),
    "cannot": ("不能前往", "cannot come"),
    "words": ("有回话", "sent words"),
    "no_answer": ("没有回应", "no answer"),
    "refused": ("被拒绝", "refused"),
    "address_dead": ("地址已失效", "address dead"),
    "not_set_up": ("通道未设置", "channel not set up"),
    "site": ("场所", "site"),
    "zone": ("防区", "zone"),
    "keyholder": ("持钥匙人", "keyholder"),
    # files
    "attachment": ("附件", "attachment"),
    "photo": ("照片", "photo"),
    "video": ("视频", "video"),
    "sound": ("录音", "sound recording"),
    # rosters
    "shift": ("班次", "shift"),
    "gap": ("空缺", "gap"),
    "overlap": ("重叠", "overlap"),
    "swap": ("换班", "swap"),
    "handover": ("交班", "hand-over"),
    "available": ("可出警", "available"),
    # people's data
    "hold": ("资料保全", "legal hold"),
    "erasure": ("删除个人资料", "erasure"),
    "consent": ("同意", "consent"),
    "retention": ("保存期限", "retention"),
}


#: What stands before all that is said of a drill.
DRILL = ("【演练】", "DRILL: ")


def in_language(pair: tuple[str, str], language: Language) -> str:
    """Of (zh, en) what is said in that language."""
    return pair[0 if language == "zh-hans" else 1]


def marked(text: str, language: Language) -> str:
    """A text of a drill: nobody may take it for a real alarm."""
    return in_language(DRILL, language) + text


def word(value: str, language: Language) -> str:
    """The word in that language; what is no word of ours (a name, a number) stays as it is."""
    pair = WORDS.get(value)
    return value if pair is None else in_language(pair, language)


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
