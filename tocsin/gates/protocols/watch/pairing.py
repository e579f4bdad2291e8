"""How a Setracker watch is brought to us. Source: makers' text commands for GPS watches."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("SOS 手表（Setracker）", "SOS watches (Setracker)"),
    models="Setracker, Anytracking, Beesure: Q50, Q60, Q90, Q528, GW100 – GW1000, D99, EW100, FA28, K911, C405, LTE",
    by="sms",
    identifier=(
        "10 位 ID：发短信 pw,123456,ts# 给手表，回复里的“ID”就是。少数型号用 15 位 IMEI。",
        "The ID, 10 digits: text pw,123456,ts# to the watch and read the answer. A few models use the IMEI, 15 digits.",
    ),
    pattern=r"\d{10}|\d{15}",
    example="8800000015",
    steps=(
        Step(
            "设置移动数据（APN）。",
            "Mobile data (the APN and network of the SIM).",
            "pw,{password},apn,{apn},,,{network}#",
        ),
        Step("英文、UTC 时间。", "English, and its clock in UTC.", "pw,{password},lz,1,0#"),
        Step("每 5 分钟报位置。", "Position every 5 minutes.", "pw,{password},upload,300#"),
        Step(
            "最后：让它连到这里。之后原厂应用不再看得到它。",
            "Last: where to report. From then on the maker's app no longer sees it.",
            "pw,{password},ip,{host},{port}#",
        ),
        Step("查看它现在的设置。", "What it has now.", "pw,{password},ts#"),
    ),
    press=("按住手表的 SOS 键 3 秒以上。", "Hold the watch's SOS key for more than 3 seconds."),
    every=300,
    password="123456",
)
