"""How a device on a Traccar server is brought to us."""

from tocsin.gates.protocol import Pairing, Step

LINES = """<entry key='event.forward.url'>{url}</entry>
<entry key='forward.type'>json</entry>
<entry key='forward.url'>{url}</entry>
<entry key='forward.retry.enable'>true</entry>"""

PAIRING = Pairing(
    title=("Traccar 服务器上的设备", "A device on a Traccar server"),
    models="Traccar 5, 6 (all protocols of the server)",
    by="server",
    identifier=(
        "设备在 Traccar 里的“标识符”（uniqueId），多为 IMEI",
        "the device's identifier in Traccar (uniqueId), mostly its IMEI",
    ),
    pattern=r"\S(?:.{0,62}\S)?",
    example="356314041234567",
    steps=(
        Step(
            "只需做一次：在 Traccar 服务器的 conf/traccar.xml 里加入下面几行，事件（报警）和位置就会转发到这里。",
            "Once a server: add these lines to its conf/traccar.xml; it then forwards events (alarms) and positions.",
            LINES,
        ),
        Step("重启 Traccar 服务。", "Restart the Traccar service."),
        Step(
            "每台设备：在这里登记它的标识符，和 Traccar 里完全一样：",
            "For each device: register its identifier here, exactly as it stands in Traccar:",
            "{identifier}",
        ),
    ),
    press=("按住设备上的 SOS 键，直到它震动或响铃。", "Hold the SOS button of the device until it buzzes or rings."),
)
