"""How a number that texts is brought to us: once the provider or gateway, then each tracker that can only text."""

from tocsin.gates.protocol import Pairing, Step

PAIRING = Pairing(
    title=("短信（普通手机、只发短信的追踪器）", "Text messages (any phone, trackers that only text)"),
    models="Kannel, Twilio, Africa's Talking, Clickatell, BulkSMS; TK102, TK103, GPS103, GT06, EV-07B, SOS watches",
    by="server",
    identifier=(
        "手机号或追踪器 SIM 卡的号码，带国家代码。会员自己的手机号不用登记，已经认得。",
        "The phone's number, or that of the tracker's SIM, with its country code. A member's own is known already.",
    ),
    pattern=r"\+[1-9]\d{6,14}",
    example="+27821234567",
    steps=(
        Step(
            "每个网络只做一次：在短信服务商的页面上，把“接收短信的地址”设为下面与服务商对应的一个。",
            "Once a network: on the page of your SMS provider, enter one of these as the address of incoming messages.",
        ),
        Step(
            "Kannel：写进 sms-service，并加上 max-messages = 0，这样求助者的手机收不到任何回复。",
            "Kannel: into the sms-service, with max-messages = 0, so that nothing is sent back to the caller's phone.",
            'get-url = "{url}kannel?from=%p&to=%P&text=%b&time=%T&id=%I&smsc=%i&charset=%C"',
        ),
        Step(
            "Twilio（号码设置里“A message comes in”一栏，HTTP POST）：",
            "Twilio (the number's “A message comes in”, HTTP POST):",
            "{url}twilio",
        ),
        Step(
            "Africa's Talking（接收短信的回调地址）：", "Africa's Talking (incoming messages):", "{url}africastalking"
        ),
        Step("Clickatell（回复的回调地址）：", "Clickatell (reply callback):", "{url}clickatell"),
        Step("BulkSMS（Webhook，选 RECEIVED，即收到的短信）：", "BulkSMS (webhook, RECEIVED):", "{url}bulksms"),
        Step(
            "其他网关，或转发短信的手机应用：字段名用 from、text、id、time。",
            "Another gateway, or an app that forwards texts: with the fields from, text, id, time.",
            "{url}generic",
        ),
        Step(
            "追踪器：把本网络的短信号码设为它的第一个求助号码。"
            "Coban（TK103、GPS103）发“admin密码 号码”，Concox（GT06）发“SOS,A,号码#”。",
            "A tracker: make the network's SMS number its first SOS number. "
            "Coban (TK103, GPS103): “admin<password> <number>”; Concox (GT06): “SOS,A,<number>#”.",
        ),
        Step("在这里登记追踪器的号码：", "Register the tracker's number here:", "{identifier}"),
    ),
    press=(
        "按追踪器的 SOS 键；没有键的手机，发短信“SOS”到本网络的号码。",
        "Press the tracker's SOS button; from a phone, text SOS to the network's number.",
    ),
)
