"""An alarm panel presses in silence: encrypted DC-09 to the desk of the center that holds the site."""

import secrets

from tests.world import Town, until


def shop(world: Town, place: str) -> object:
    from tocsin.centers.models import Center
    from tocsin.devices.models import Keyholder, Site, Zone

    lat, lon = world.homes[place]
    site = Site.objects.create(
        name="Corner shop", center=Center.objects.get(code=place), address="1 Main Road", lat=lat, lon=lon,
        note="Gate at the back",
    )  # fmt: skip
    Zone.objects.create(site=site, number="3", name="Till")
    Keyholder.objects.create(site=site, order=2, name="Keyholder two", phone="+27825550002")
    Keyholder.objects.create(site=site, order=1, name="Keyholder one", phone="+27825550001")
    return site


def test_a_silent_panic_over_an_encrypted_line_reaches_the_center_that_holds_the_site(world: Town, place: str) -> None:
    from tocsin.gates.protocols.dc09.encoder import Device

    key = secrets.token_hex(16)
    panel = world.device("dc09", "9011", place, site=shop(world, place), settings={"key": key})
    panel.device = Device("9011", key=key)
    desk = world.desk(place)
    with desk.watching() as watch:
        tries = panel.press()
        opened = watch.hears("opened").data
    assert tries == 1
    assert opened["facts"]["silent"] is True
    incident = desk.incident(opened["incident"])
    assert incident["silent"] is True
    assert incident["center"] == place
    assert incident["address"] == "1 Main Road"
    assert incident["position"]["lat"] == world.homes[place][0]
    assert incident["site"]["note"] == "Gate at the back"
    assert [k["name"] for k in incident["site"]["keyholders"]] == ["Keyholder one", "Keyholder two"]
    assert "no_fix" not in incident["flags"]


def test_a_burglary_names_its_zones_and_its_restore_is_a_note(world: Town, place: str) -> None:
    from tocsin.gates.protocols.dc09.encoder import Device

    panel = world.device("dc09", "9012", place, site=shop(world, place))
    panel.device = Device("9012")
    desk, moment = world.desk(place), panel._moment(world.advance())
    for event in ("1130 01 003", "1130 01 004", "3130 01 003"):
        assert panel.answered(panel.device.report(event, moment), within=8)
    (number,) = desk.queue()
    incident = desk.incident(number)
    assert incident["alarm"] == "burglary"
    assert incident["site"]["zones"] == [
        {"number": "3", "name": "Till", "hit": True},
        {"number": "4", "name": "", "hit": True},
    ]
    assert [e["kind"] for e in incident["timeline"]] == ["opened", "joined", "told"]
    assert "zone 003" in incident["timeline"][0]["text"]


def test_a_panel_of_a_wrong_key_gets_no_answer_and_the_right_one_still_does(world: Town, place: str) -> None:
    from tocsin.gates.protocols.dc09.encoder import Device

    key = secrets.token_hex(32)
    panel = world.device("dc09", "9013", place, site=shop(world, place), settings={"key": key})
    panel.device = Device("9013", key=secrets.token_hex(32))
    wrong = panel.device.sos(panel._moment(world.advance()))
    assert not panel.answered(wrong, within=1)
    panel.device = Device("9013", key=key)
    panel.press()
    until(lambda: world.desk(place).queue(), what="the alarm")
