"""How an H02 tracker is brought to us. Source: SinoTrack command list (ST-901, ST-906).

It looks a name up once, when it is told, and keeps the number: hence {ip}.
"""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("H02 定位器（SinoTrack 等）", "H02 trackers (SinoTrack and kin)"),
    models="SinoTrack ST-901, ST-902, ST-903, ST-906, ST-907; H02A, H08, TK-STAR, LK109, LK210",
    by="sms",
    identifier=(
        "标签上的 10 位编号（ID）；也可发短信 RCONF 查询。少数型号用 15 位 IMEI。",
        "The ID on the label, 10 digits, or in the answer to the text RCONF. A few models use the IMEI, 15 digits.",
    ),
    pattern=r"\d{10}|\d{15}",
    example="9170512345",
    steps=(
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "803{password} {apn}"),
        Step(
            "让它连到这里。它只认数字地址。",
            "Where to report. It keeps a number, not a name.",
            "804{password} {ip} {port}",
        ),
        Step("走移动数据，不走短信。", "By mobile data, not by text message.", "710{password}"),
        Step("时间用 UTC。", "Its clock in UTC.", "896{password}E00"),
        Step("移动时每 30 秒报位置。", "Position every 30 s while moving.", "805{password} 30"),
        Step("静止时每 5 分钟报位置。", "Position every 5 minutes while standing.", "809{password} 300"),
        Step("查看它现在的设置。", "What it has now.", "RCONF"),
    ),
    press=("按住 SOS 键 3 秒。", "Hold the SOS key for 3 seconds."),
    every=300,
    password="0000",
)
