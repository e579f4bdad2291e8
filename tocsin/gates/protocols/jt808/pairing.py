"""How a JT/T 808 terminal is brought to us. The standard does not say how: these are the texts of the common makers."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("部标 JT/T 808 终端", "JT/T 808 terminals"),
    models="JT808, JT/T 808-2013, 808-2019: Huabao, BSJ, Jimi JC dash cameras, AOVX GL100, VL300, AL300",
    by="sms",
    identifier=(
        "终端号或手机号，去掉前面的 0；一般是 IMEI 的后 11 位或 12 位。不确定就先设置好，下面会显示它报的号码。",
        "The terminal's number, without zeros in front: mostly the last 11 or 12 digits of its IMEI. "
        "If in doubt point it here first: the number that it says is shown below.",
    ),
    pattern=r"[1-9]\d{4,19}",
    example="13800138000",
    steps=(
        Step("几米（Jimi）：先设置移动数据（APN）。", "Jimi: mobile data first (the APN of the SIM).", "APN,{apn}#"),
        Step("几米（Jimi）：连到这里。", "Jimi: where to report.", "SERVER,1,{host},{port},0#"),
        Step("博实结（BSJ）及同类：连到这里。", "BSJ and kin: where to report.", "<SPBSJ*P:BSJGPS*T:{host},{port}>"),
        Step("很多小型定位器：连到这里。", "Many small trackers: where to report.", "adminip123456 {host} {port}"),
        Step(
            "用网页或软件设置的：服务器和端口如下，协议选 JT808（2013、2019 都行）。",
            "By a web page or a tool: this server and port, protocol JT808 (2013 and 2019 both work).",
            "{host}:{port}",
        ),
    ),
    press=("按下报警（SOS）键，按住 3 秒。", "Press the alarm (SOS) key and hold it for 3 seconds."),
    every=600,
)
