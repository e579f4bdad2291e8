"""How a GT06 tracker is brought to us. Source: Concox/Jimi command lists (GT06N, TR02, WeTrack, JM-VL)."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("GT06 定位器（康凯斯、几米）", "GT06 trackers (Concox, Jimi)"),
    models="Concox, Jimi GT06, GT06N, GT06E, TR02, GT100, WeTrack, JM-VL01 – VL110, LL01, X3, AT4, AZ735, X1, XT40",
    by="sms",
    identifier=(
        "15 位 IMEI，印在设备标签上；也可发短信 PARAM# 查询。",
        "The IMEI, 15 digits: on the label, or in the answer to the text PARAM#.",
    ),
    pattern=r"\d{15}",
    example="359000120000374",
    steps=(
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "APN,{apn}#"),
        Step("让它连到这里。", "Where to report.", "SERVER,1,{host},{port},0#"),
        Step("时间用 UTC。", "Its clock in UTC.", "GMT,E,0,0#"),
        Step("每 3 分钟一次心跳。", "A heartbeat every 3 minutes.", "HBT,3#"),
        Step("移动时每 30 秒、静止时每 5 分钟报位置。", "Position every 30 s moving, 5 min standing.", "TIMER,30,300#"),
        Step(
            "按 SOS 时也报给服务器。部分型号没有这条命令，可跳过。",
            "SOS to the server too. Some models do not have this command: skip it then.",
            "SOSALM,ON,2#",
        ),
    ),
    press=(
        "按住 SOS 键 3 秒，直到指示灯闪或听到提示音。",
        "Hold the SOS key for 3 seconds, until the light blinks or you hear it.",
    ),
    every=180,
)
