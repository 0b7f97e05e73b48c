"""A message from one client of Eclipse Paho to itself over TLS: PORT, TRANSPORT (tcp, websockets), CA [CERT KEY].

Ends with 0 if it came; what went wrong is said on stderr.
"""

import queue
import ssl
import sys

import paho.mqtt.client as mqtt

STOP_SEC = 20
port, transport, authority, *own = sys.argv[1:]

try:  # version 2 of the library wants to be told
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, transport=transport, protocol=mqtt.MQTTv5)
except AttributeError:
    client = mqtt.Client(transport=transport, protocol=mqtt.MQTTv5)
told = queue.Queue()
client.tls_set(authority, *own, tls_version=ssl.PROTOCOL_TLS_CLIENT)
client.on_connect = lambda _c, _u, _flags, code, *_: told.put(int(getattr(code, "value", code)))
client.on_subscribe = lambda *_: told.put("subscribed")
client.on_message = lambda _c, _u, message: told.put(message.payload.decode())
client.connect("localhost", int(port))
client.loop_start()
assert told.get(timeout=STOP_SEC) == 0
client.subscribe(f"paho/{transport}", 1)
assert told.get(timeout=STOP_SEC) == "subscribed"
client.publish(f"paho/{transport}", "secured", 1)
assert told.get(timeout=STOP_SEC) == "secured"
client.disconnect()
