"""MQTT: the gates of the brokers in TOCSIN_MQTT_URLS. No protocol is known here.

broker.py    which brokers, who we are there, and what of them we want to hear
listener.py  one connection: messages to the decoders, acknowledged once what they say is on the disk
lanes.py     what waits to be stored: in order for each device, and none behind another's flood
"""

from tocsin.gates.mqtt.broker import Broker, Brokers, brokers
from tocsin.gates.mqtt.listener import MqttListener

__all__ = ("Broker", "Brokers", "MqttListener", "brokers")
