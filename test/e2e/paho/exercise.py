"""What a client of Eclipse Paho does with a broker, for PORT and VERSION (4: MQTT 3.1.1, 5: MQTT 5.0).

Ends with 0 if the broker did its part; what it did not do is said on stderr. `allowed/#` is open, all else is not.
"""

import queue
import sys

import paho.mqtt.client as mqtt

STOP_SEC = 20
PORT = int(sys.argv[1])
VERSION = int(sys.argv[2])


class Client:
    """A connected client, and what it was told."""

    def __init__(self, name, will=None):
        self.messages = queue.Queue()
        self.told = queue.Queue()
        self.client = make_client(name)
        if will is not None:
            self.client.will_set(will, "gone", qos=1)
        self.client.on_connect = lambda _c, _u, _flags, code, *_: self.told.put(int_of(code))
        self.client.on_subscribe = lambda _c, _u, _mid, codes, *_: self.told.put([int_of(code) for code in codes])
        self.client.on_message = lambda _c, _u, message: self.messages.put(message)
        self.client.connect("127.0.0.1", PORT)
        self.client.loop_start()
        expect(0, self.told.get(timeout=STOP_SEC), "the connection is accepted")

    def subscribe(self, *filters):
        self.client.subscribe([(name, qos) if VERSION == 4 else (name, options(qos)) for name, qos in filters])
        return self.told.get(timeout=STOP_SEC)

    def publish(self, topic, payload, qos, retain=False):
        sent = self.client.publish(topic, payload, qos, retain)
        sent.wait_for_publish(STOP_SEC)
        expect(True, sent.is_published(), f"QoS {qos} is acknowledged")

    def next(self):
        message = self.messages.get(timeout=STOP_SEC)
        return message.topic, message.payload.decode(), message.qos, bool(message.retain)

    def vanish(self):
        """Without a DISCONNECT."""
        self.client.loop_stop()
        self.client.socket().close()

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()


def make_client(name):
    # paho 2 asks which of its callback conventions is meant
    convention = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []
    return mqtt.Client(*convention, client_id=name, protocol=VERSION)


def options(qos):
    from paho.mqtt.subscribeoptions import SubscribeOptions

    return SubscribeOptions(qos=qos)


def int_of(code):
    return code if isinstance(code, int) else code.value


def expect(expected, actual, what):
    if expected != actual:
        sys.exit(f"{what}: expected {expected!r}, got {actual!r}")


def each_qos(listener, sender):
    for granted in (0, 1, 2):
        topic = f"allowed/{VERSION}/{granted}"
        expect([granted], listener.subscribe((topic, granted)), "the QoS is granted")
        for qos in (0, 1, 2):
            sender.publish(topic, f"sent with {qos}", qos)
            expect((topic, f"sent with {qos}", min(qos, granted), False), listener.next(), "delivery")


def in_order(listener, sender):
    topic = f"allowed/{VERSION}/order"
    listener.subscribe((topic, 2))
    for i in range(100):
        sender.client.publish(topic, str(i), 2)
    for i in range(100):
        expect((topic, str(i), 2, False), listener.next(), "the order of messages")


def refusals(listener, sender):
    failure = 0x80 if VERSION == 4 else 0x87
    expect([1, failure], listener.subscribe(("allowed/r", 1), ("elsewhere", 1)), "each filter has its code")
    sender.publish("elsewhere", "refused", 1)
    sender.publish("allowed/r", "heard", 1)
    expect(("allowed/r", "heard", 1, False), listener.next(), "only what is allowed arrives")


def retained(sender):
    topic = f"allowed/{VERSION}/kept"
    sender.publish(topic, "kept", 1, retain=True)
    late = Client(f"late {VERSION}")
    late.subscribe((topic, 1))
    expect((topic, "kept", 1, True), late.next(), "a retained message is flagged as such")
    sender.publish(topic, "", 1, retain=True)
    expect((topic, "", 1, False), late.next(), "its removal is delivered")
    late.leave()


def wills(listener):
    listener.subscribe(("allowed/will/+", 1))
    Client(f"leaving {VERSION}", will="allowed/will/never").leave()
    Client(f"dying {VERSION}", will="allowed/will/now").vanish()
    expect(("allowed/will/now", "gone", 1, False), listener.next(), "the will of who vanished")


listener = Client(f"listener {VERSION}")
sender = Client(f"sender {VERSION}")
each_qos(listener, sender)
in_order(listener, sender)
refusals(listener, sender)
retained(sender)
wills(listener)
expect(True, listener.messages.empty(), "nothing else came")
for each in (listener, sender):
    each.leave()
