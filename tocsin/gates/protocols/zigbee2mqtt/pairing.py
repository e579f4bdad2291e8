"""How a Zigbee button is brought to us. Source: zigbee2mqtt.io, configuration of MQTT and availability."""

from tocsin.gates.protocol import Field, Pairing, Step

PAIRING = Pairing(
    title=("Zigbee 按钮和传感器（Zigbee2MQTT）", "Zigbee buttons and sensors (Zigbee2MQTT)"),
    models="Tuya TS0215A, Heiman HS1EB, Feibit SEB01ZB, Owon PB236, Aqara WXKG, IKEA, Sonoff SNZB-01, Philips Hue …",
    by="server",
    identifier=(
        "Zigbee2MQTT 里的设备名称（friendly name），与那里完全一致",
        "The friendly name in Zigbee2MQTT, exactly as it stands there",
    ),
    pattern=r"[^+#/]+(?:/[^+#/]+)*",
    example="shop/till 2",
    steps=(
        Step(
            "按钮已加入 Zigbee2MQTT，在它的网页上能看到按下时的 action。",
            "The button has joined Zigbee2MQTT; its web page shows an action when it is pushed.",
        ),
        Step(
            "每套 Zigbee2MQTT 只需做一次：Settings → MQTT，填写 MQTT 服务器的地址、用户名和密码"
            "（向中心的管理员索取）。",
            "Once for each Zigbee2MQTT: Settings → MQTT: address, user and password of the MQTT broker (from the "
            "center's administrator).",
        ),
        Step(
            "打开 availability，离线时才会提示。",
            "Switch availability on, so that it is noticed when a device is gone.",
        ),
        Step("按钮的设置里：", "In the settings of the button:", "qos: 1"),
        Step("在这里登记设备：", "Register the device here:", "{identifier}"),
    ),
    press=("按一下按钮。", "Push the button once."),
    fields=(
        Field(
            "press",
            "哪些 action 算报警（如 single hold；不填：任何按下和求救）",
            "which actions alarm (such as: single hold; empty: every push and cry for help)",
            r"[\w ,]*",
        ),
        Field(
            "silent",
            "哪些 action 静默报警（true：全部；可不填）",
            "which actions alarm silently (true: all; may be empty)",
            r"[\w ,]*",
        ),
        Field(
            "states",
            "哪些状态算报警（smoke gas carbon_monoxide water_leak contact vibration occupancy presence；按钮可不填）",
            "which states alarm (smoke gas carbon_monoxide water_leak contact vibration occupancy presence; empty "
            "for a button)",
            r"[\w ,]*",
        ),
    ),
)
