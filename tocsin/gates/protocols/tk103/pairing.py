"""How a TK103 with round brackets is brought to us. Source: TK103-2, KX402 command lists."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("TK103-2 定位器（圆括号协议）", "TK103-2 trackers (round brackets)"),
    models="KX402, TK103-2, TK106, TLT-2H, Amber Alert",
    by="sms",
    identifier=(
        "它自报的 12 位号码，多半是 0 加 IMEI 的后 11 位；少数型号用 15 位。不确定就先设置好，下面会显示它报的号码。",
        "The 12 digits that it sends: mostly 0 and the last 11 digits of its IMEI; a few models send 15. "
        "If in doubt point it here first: the number that it says is shown below.",
    ),
    pattern=r"\d{12}|\d{15}",
    example="088048003342",
    steps=(
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "apn{password} {apn}"),
        Step("让它连到这里。", "Where to report.", "adminip{password} {ip} {port}"),
        Step("走移动数据，不走短信。", "By mobile data, not by text message.", "gprs{password}"),
        Step("时间用 UTC。", "Its clock in UTC.", "timezone{password} 0"),
        Step("每 60 秒报位置。", "Position every 60 s.", "t060s***n{password}"),
    ),
    press=("按住 SOS 键 3 秒。", "Hold the SOS key for 3 seconds."),
    every=60,
    password="123456",
)
