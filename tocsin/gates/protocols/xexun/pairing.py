"""How a Xexun tracker is brought to us. Source: Xexun communication protocol, chapter 1."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("Xexun 定位器（TK102、XT-009）", "Xexun trackers (TK102, XT-009)"),
    models="Xexun TK102, TK102-2, TK103, XT-009, XT-011",
    by="sms",
    identifier=("15 位 IMEI，印在设备标签或电池仓里。", "The IMEI, 15 digits: on the label or under the battery."),
    pattern=r"\d{15}",
    example="359000120001117",
    steps=(
        Step("初始化。", "Begin.", "begin{password}"),
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "apn{password} {apn}"),
        Step("让它连到这里。", "Where to report.", "adminip{password} {ip} {port}"),
        Step("走移动数据，不走短信。", "By mobile data, not by text message.", "gprs{password}"),
        Step("每 60 秒报位置，一直报。", "Position every 60 s, for ever.", "t060s***n{password}"),
    ),
    press=("按住 SOS 键 3 秒。", "Hold the SOS key for 3 seconds."),
    every=60,
    password="123456",
)
