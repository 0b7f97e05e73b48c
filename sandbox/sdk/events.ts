/**
 * What each hook is told. All of it is frozen plain data, made for this one call: a plugin never holds a live
 * object of the broker's. An optional property is absent when there is nothing to say, never `undefined` or
 * `null`.
 */

/** User properties in the packet's order; a name may occur more than once [MQTT 5.0, 3.1.2.11.8]. */
export type UserProperties = readonly (readonly [name: string, value: string])[]

export type Qos = 0 | 1 | 2

/** A client that is connected. What is here was verified: an unverified user name is never a principal. */
export interface Client {
  /** The client identifier [MQTT 5.0, 3.1.3.1]. */
  readonly clientId: string
  /**
   * Who this is, as `authenticate` said; default: the user name, else the client identifier; or `anonymous`.
   */
  readonly principal: string
  /** As sent in CONNECT, without the tenant's prefix. */
  readonly username?: string
  readonly roles: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  /** 3 = MQTT 3.1, 4 = MQTT 3.1.1, 5 = MQTT 5.0. */
  readonly protocolVersion: 3 | 4 | 5
  /** The listener's name in the operator's config. */
  readonly listener: string
  readonly remoteAddress: string
  /** In ms since the epoch. */
  readonly connectedAt: number
}

/** A client's session [MQTT 5.0, 4.1]; aMQTT's `client_session`. */
export interface Session {
  /** Session Present of CONNACK: state from an earlier connection was there. */
  readonly present: boolean
  readonly cleanStart: boolean
  readonly expirySec: number
  readonly keepAliveSec: number
  readonly will?: WillHeader
  /** Messages that wait for the client. */
  readonly queued: number
  /** Messages of QoS 1 and 2 that are sent and not yet acknowledged. */
  readonly inflight: number
}

/** Properties of an application message [MQTT 5.0, 3.3.2.3]. */
export interface MessageProperties {
  /** 1: the payload is UTF-8 text. */
  readonly payloadFormat?: 0 | 1
  readonly contentType?: string
  readonly responseTopic?: string
  /** Base64 of the correlation data. */
  readonly correlationData64?: string
  readonly userProperties?: UserProperties
}

/** An application message. */
export interface Message {
  readonly topic: string
  readonly qos: Qos
  readonly retain: boolean
  readonly properties?: MessageProperties
  /** Absent: the broker itself, or a client that is gone. */
  readonly publisher?: Client
  /** Only with the `payload` capability. */
  readonly payload?: Uint8Array
}

/** The will's header [MQTT 5.0, 3.1.2.5]. */
export interface WillHeader {
  readonly topic: string
  readonly qos: Qos
  readonly retain: boolean
}

/** CONNECT, before anything of it is believed [MQTT 5.0, 3.1]; aMQTT's `authenticate(session)`. */
export interface AuthenticateEvent {
  /**
   * Why it is asked: a CONNECT; a connected client that authenticates anew [MQTT 5.0, 4.12.1]; or the time
   * that `refreshInMs` of an earlier answer has set. But for a CONNECT's, `client` says who is connected, and
   * what CONNECT said is repeated without its secrets.
   */
  readonly cause: 'connect' | 'reauthenticate' | 'refresh'
  /** From 0: how many AUTH packets the client has sent since, in an enhanced authentication. */
  readonly step: number
  /** Who is connected already; absent for a CONNECT. */
  readonly client?: Client
  readonly tenant: string
  readonly listener: string
  readonly remoteAddress: string
  readonly clientId: string
  readonly username?: string
  /** Only with the `password` capability. */
  readonly password?: Uint8Array
  readonly protocolVersion: 3 | 4 | 5
  readonly cleanStart: boolean
  readonly keepAliveSec: number
  readonly userProperties: UserProperties
  readonly will?: WillHeader & {
    /** Only with the `payload` capability. */
    readonly payload?: Uint8Array
  }
  /** Only with TLS. The client's certificate is verified; without one its parts are empty. */
  readonly tls?: {
    /** As RFC 2253 writes it: `CN=meter-7,O=Acme`; empty above 1024 characters. */
    readonly subject: string
    /** With their kinds, `DNS:meter-7.example`; at most 64 of at most 1024 characters. */
    readonly subjectAltNames: readonly string[]
    /** In upper-case hexadecimal with colons; empty where a proxy ended TLS. */
    readonly fingerprint256: string
    /** The name by which the client called the server, in lower case; or empty. */
    readonly serverName: string
  }
  /** The upgrade request of a WebSocket. */
  readonly ws?: {
    /** Its query, in which tokens travel, only with the `password` capability. */
    readonly path: string
    readonly host: string
    /**
     * By lower-case name; at most 32 of at most 1024 characters, what is more is left out. `authorization`,
     * `proxy-authorization` and `cookie` only with the `password` capability.
     */
    readonly headers: Readonly<Record<string, string>>
  }
  /** Enhanced authentication [MQTT 5.0, 4.12]: what the client named in CONNECT. */
  readonly authMethod?: string
  /** Of the packet that this step is about: CONNECT or AUTH. */
  readonly authData?: Uint8Array
}

/** PUBLISH from a client, before it is routed [MQTT 5.0, 3.3]. */
export interface PublishEvent {
  readonly client: Client
  readonly topic: string
  readonly qos: Qos
  readonly retain: boolean
  readonly properties?: MessageProperties
  /** Only with the `payload` capability. */
  readonly payload?: Uint8Array
}

/** SUBSCRIBE [MQTT 5.0, 3.8]. Answers are matched to {@link filters} by their place. */
export interface SubscribeEvent {
  readonly client: Client
  readonly filters: readonly RequestedFilter[]
}

/** One topic filter of a SUBSCRIBE with its options [MQTT 5.0, 3.8.3.1]. */
export interface RequestedFilter {
  /** Without `$share/NAME/`. */
  readonly filter: string
  /** The share name of a shared subscription [MQTT 5.0, 4.8.2]. */
  readonly share?: string
  readonly qos: Qos
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: 0 | 1 | 2
}

/** UNSUBSCRIBE [MQTT 5.0, 3.10]. */
export interface UnsubscribeEvent {
  readonly client: Client
  readonly filters: readonly { readonly filter: string; readonly share?: string }[]
}

/** A message about to be delivered to a batch of recipients. */
export interface ReceiveEvent {
  readonly message: Message
  readonly cause: 'live' | 'retained' | 'queued' | 'shared'
  readonly targets: readonly { readonly client: Client; readonly filter: string }[]
}

/** A will, when it is registered and when it fires [MQTT 5.0, 3.1.2.5]. */
export interface WillEvent {
  readonly client: Client
  readonly when: 'connect' | 'fire'
  readonly will: WillHeader & { readonly delaySec: number; readonly payload?: Uint8Array }
}

/** aMQTT's `topic_filtering(session, topic, action)`: one hook for three actions. */
export interface TopicFilteringEvent {
  readonly client: Client
  /** A topic name for publish and receive, a topic filter for subscribe. */
  readonly topic: string
  readonly action: 'publish' | 'subscribe' | 'receive'
  readonly qos?: Qos
}

/** The broker's own life; aMQTT's `on_broker_pre_start` and its three siblings. */
export interface BrokerEvent {
  readonly version: string
}

/** The plugin's last words; aMQTT's `close()`. Best effort, at most 500 ms, never after a kill. */
export type CloseEvent = Readonly<Record<string, never>>

/** aMQTT's `on_broker_client_connected`: CONNACK with reason code 0 is on its way. */
export interface ClientConnectedEvent {
  readonly client: Client
  readonly session: Session
}

/** aMQTT's `on_broker_client_disconnected`. */
export interface ClientDisconnectedEvent {
  readonly client: Client
  readonly session: Session
  /** A DISCONNECT with reason code 0 came or was sent. */
  readonly graceful: boolean
  /** [MQTT 5.0, 3.14.2.1]; 0 for a graceful end, 0x80 where no DISCONNECT was exchanged. */
  readonly reasonCode: number
  readonly by: 'client' | 'server' | 'network' | 'takeover' | 'plugin'
  readonly willPublished: boolean
}

/** aMQTT's `on_broker_client_subscribed`: once for each filter that was granted. */
export interface ClientSubscribedEvent {
  readonly client: Client
  readonly filter: string
  /** The granted QoS. */
  readonly qos: Qos
}

/** aMQTT's `on_broker_client_unsubscribed`: once for each filter. */
export interface ClientUnsubscribedEvent {
  readonly client: Client
  readonly filter: string
}

/** aMQTT's `on_broker_message_received` and `_broadcast`: accepted, and handed to the router. */
export interface MessageEvent {
  /** Who published it; a plugin is the principal `plugin:NAME`. Absent when the broker itself publishes. */
  readonly client?: Client
  readonly message: Message
}

/** aMQTT's `on_broker_retained_message`. */
export interface RetainedMessageEvent extends MessageEvent {
  /** The message was empty, so the topic's retained message is gone [MQTT 5.0, 3.3.1.3]. */
  readonly cleared: boolean
}

/** A message that some bound or rule kept from a recipient, or a plugin from all. */
export interface MessageDroppedEvent {
  /** The recipient that did not get it, where there is one. */
  readonly client?: Client
  readonly message: Message
  /**
   * `queue-full`, `slow-client`, `too-large`, `expired`; `transformed`: by `transformMessage`;
   * `suppressed`: a will, by `authorizeWill`.
   */
  readonly reason: string
  /** The bound that was met, by name, and its value; absent where it was a rule and no bound. */
  readonly limit?: string
  readonly value?: number
}

/** A limit of the tenant or the session was reached. */
export interface QuotaExceededEvent {
  readonly client?: Client
  readonly limit: string
  readonly value: number
}

/** A question was answered with deny or disconnect, by a plugin or by the host. */
export interface AccessDeniedEvent {
  readonly client?: Client
  readonly action: 'connect' | 'publish' | 'subscribe' | 'unsubscribe' | 'receive' | 'will'
  /** The topic name or filter, where the action has one. */
  readonly topic?: string
  readonly reasonCode: number
  readonly reason?: string
}

/** A call of another plugin of this tenant did not end in `ok`. */
export interface PluginFaultedEvent {
  readonly plugin: string
  readonly hook: string
  readonly outcome: string
  /** The limit of the sandbox that was met (`softMs`, `heapMiB`, …), and its value. */
  readonly limit?: string
  readonly value?: number
}

/** aMQTT's `on_mqtt_packet_received` and `on_mqtt_packet_sent`. */
export interface PacketEvent {
  /** Absent before CONNECT is accepted, and in a client, whose packets are all its own. */
  readonly client?: Client
  readonly packet: Packet
}

/** A control packet by its header; never the password, and the payload only with the `payload` capability. */
export type Packet =
  | {
      readonly cmd: 'connect'
      readonly clientId: string
      readonly protocolVersion: 3 | 4 | 5
      readonly cleanStart: boolean
      readonly keepAliveSec: number
      readonly username?: string
      readonly will?: WillHeader
    }
  | { readonly cmd: 'connack'; readonly sessionPresent: boolean; readonly reasonCode: number }
  | {
      readonly cmd: 'publish'
      readonly topic: string
      readonly qos: Qos
      readonly retain: boolean
      readonly dup: boolean
      readonly packetId?: number
      readonly properties?: MessageProperties
      readonly payload?: Uint8Array
      /** The payload is longer than `payloadKiB`: it is left out. */
      readonly payloadOmitted?: true
    }
  | {
      readonly cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'
      readonly packetId: number
      readonly reasonCode: number
    }
  | { readonly cmd: 'subscribe'; readonly packetId: number; readonly filters: readonly RequestedFilter[] }
  | { readonly cmd: 'suback'; readonly packetId: number; readonly reasonCodes: readonly number[] }
  | { readonly cmd: 'unsubscribe'; readonly packetId: number; readonly filters: readonly string[] }
  | { readonly cmd: 'unsuback'; readonly packetId: number; readonly reasonCodes: readonly number[] }
  | { readonly cmd: 'pingreq' | 'pingresp' }
  | { readonly cmd: 'disconnect' | 'auth'; readonly reasonCode: number }
