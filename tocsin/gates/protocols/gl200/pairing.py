"""How a Queclink device is brought to us. Source: Queclink @Track air interface protocol (GL300)."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("Queclink 定位器（@Track）", "Queclink devices (@Track)"),
    models="Queclink GL200, GL300, GL320, GL500, GL530, GV50 – GV600, GB, GMT, WR, CV",
    by="sms",
    identifier=(
        "15 位 IMEI，印在标签上（CDMA 型号为 14 个字符）。",
        "The IMEI, 15 digits, on the label (CDMA models: 14 characters).",
    ),
    pattern=r"\d{15}|[0-9A-Fa-f]{14}",
    example="359000120001851",
    steps=(
        Step("设置移动数据（APN）。", "Mobile data (the APN of the SIM).", "AT+GTBSI={password},{apn},,,,,,,FFFF$"),
        Step(
            "连到这里：TCP 长连接，断网时先存着，每 10 分钟一次心跳。",
            "Where to report: TCP long connection, memory on, a heartbeat every 10 minutes.",
            "AT+GTSRI={password},3,,1,{host},{port},0.0.0.0,0,,10,0,,,,,FFFF$",
        ),
        Step("时间用 UTC。", "Its clock in UTC.", "AT+GTTMA={password},+,0,0,0,,,,,,FFFF$"),
        Step(
            "在 Queclink 的 Manage Tool 里把功能键（Function Key）设为 SOS，报告格式选 ASCII。",
            "In Queclink's Manage Tool set the function key to SOS, and the report format to ASCII.",
        ),
    ),
    press=("按住功能键（SOS）3 秒。", "Hold the function key (SOS) for 3 seconds."),
    every=600,
    password="gl300",
)
