"""How a Teltonika device is brought to us. Source: Teltonika wiki, parameters 2001 to 2006."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("Teltonika 定位器", "Teltonika devices"),
    models="Teltonika FMB, FMC, FMM, FMT, FMU, TAT, TST, MTB, GH5200, TMT250",
    by="sms",
    identifier=("15 位 IMEI，印在标签上。", "The IMEI, 15 digits, on the label."),
    pattern=r"\d{15}",
    example="359000120002594",
    steps=(
        Step(
            "移动数据和服务器一起设置。短信开头的两个空格不能少（登录名和密码为空）。",
            "Mobile data and where to report. Keep the two spaces in front: an empty login and password.",
            "  setparam 2001:{apn};2004:{host};2005:{port};2006:0",
        ),
        Step(
            "在 Configurator 里：协议选 Codec 8 或 8 Extended，把报警键的优先级设为 Panic 或 High。",
            "In the Configurator: Codec 8 or 8 Extended, and the alarm button at priority Panic or High.",
        ),
        Step("查看它现在的状态。", "How it is now.", "  getstatus"),
    ),
    press=("按住报警键，直到它震动或灯闪。", "Hold the alarm button until it vibrates or blinks."),
    every=3600,
)
