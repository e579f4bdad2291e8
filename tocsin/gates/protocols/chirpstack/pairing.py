"""How a button on a ChirpStack server is brought to us."""

from tocsin.gates.protocol import Pairing, Step
from tocsin.gates.protocols import lorawan

PAIRING = Pairing(
    title=("LoRaWAN 按钮（ChirpStack）", "LoRaWAN button (ChirpStack)"),
    models=lorawan.DEVICES,
    by="server",
    identifier=(
        "DevEUI：设备标签上的 16 位十六进制数，字母大写",
        "DevEUI: 16 hexadecimal digits on the label, letters in capitals",
    ),
    pattern=r"[0-9A-F]{16}",
    example="24E124535B123456",
    steps=(
        Step(
            "设备已加入 ChirpStack（第 4 版）的应用，Events 页能看到它的 up 事件。",
            "The device has joined an application of ChirpStack 4; its Events page shows `up`.",
        ),
        Step(
            "每个应用只需做一次：Application → Integrations → HTTP → +，Payload encoding 选 JSON。",
            "Once an application: Application → Integrations → HTTP → +, payload encoding JSON.",
        ),
        Step("Event endpoint URL(s) 一栏填写：", "Enter as event endpoint URL:", "{url}"),
        Step("在这里登记设备：", "Register the device here:", "{identifier}"),
    ),
    press=lorawan.PRESS,
    fields=lorawan.FIELDS,
)
