"""How a button of The Things Network is brought to us."""

from tocsin.gates.protocol import Pairing, Step
from tocsin.gates.protocols import lorawan

PAIRING = Pairing(
    title=("LoRaWAN 按钮（The Things Network）", "LoRaWAN button (The Things Network)"),
    models=lorawan.DEVICES,
    by="server",
    identifier=(
        "DevEUI：设备标签上的 16 位十六进制数（字母大写）；没有 DevEUI 的设备填控制台里的设备 ID",
        "DevEUI: 16 hexadecimal digits on the label, in capitals; the console's device ID for a device without one",
    ),
    pattern=r"[0-9A-F]{16}|(?![0-9a-f]{16}$)[a-z0-9](?:[a-z0-9-]{0,34}[a-z0-9])",
    example="24E124535B123456",
    steps=(
        Step(
            "设备已加入 The Things Stack 的应用，控制台里能看到它的上行数据。",
            "The device has joined an application of The Things Stack; the console shows its uplinks.",
        ),
        Step(
            "每个应用只需做一次：控制台 → Integrations → Webhooks → Add webhook → Custom webhook，格式选 JSON。",
            "Once an application: console → Integrations → Webhooks → Add webhook → Custom webhook, format JSON.",
        ),
        Step("Base URL 一栏填写：", "Enter as base URL:", "{url}"),
        Step(
            "勾选 Uplink message、Join accept、Location solved，路径留空；有 Retries 选项就打开。",
            "Tick uplink message, join accept and location solved, without a path; and retries, if they are offered.",
        ),
        Step("在这里登记设备：", "Register the device here:", "{identifier}"),
    ),
    press=lorawan.PRESS,
    fields=lorawan.FIELDS,
)
