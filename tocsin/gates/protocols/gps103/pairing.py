"""How a Coban tracker is brought to us. Source: Coban user manuals (TK103, GPS303, TK401)."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("Coban 定位器（TK102、TK103、GPS303）", "Coban trackers (TK102, TK103, GPS303)"),
    models="Coban TK102B, TK103A, TK103B, GPS103, GPS303, GPS305, GPS306, TK303, TK401",
    by="sms",
    identifier=(
        "15 位 IMEI，印在标签上；也可发短信“imei”加密码查询，例如 imei123456。",
        "The IMEI, 15 digits: on the label, or in the answer to the text imei and the password, such as imei123456.",
    ),
    pattern=r"\d{15}",
    example="359000120000747",
    steps=(
        Step("初始化。", "Begin.", "begin{password}"),
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "apn{password} {apn}"),
        Step("让它连到这里。", "Where to report.", "adminip{password} {ip} {port}"),
        Step("走移动数据，不走短信。", "By mobile data, not by text message.", "gprs{password}"),
        Step("时间用 UTC。", "Its clock in UTC.", "time zone{password} 0"),
        Step("每 60 秒报位置，一直报。", "Position every 60 s, for ever.", "fix060s***n{password}"),
        Step("查看它现在的状态。", "How it is now.", "check{password}"),
    ),
    press=("按住 SOS 键 3 秒。", "Hold the SOS key for 3 seconds."),
    every=60,
    password="123456",
)
