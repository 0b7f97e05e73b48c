/** The standard's names and numbers of refusals [MQTT 5.0, 2.4], by the packet that can carry them. */
export const CONNECT_REFUSALS = {
  unspecifiedError: 0x80,
  implementationSpecificError: 0x83,
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  banned: 0x8a,
  badAuthenticationMethod: 0x8c,
  topicNameInvalid: 0x90,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  payloadFormatInvalid: 0x99,
  retainNotSupported: 0x9a,
  qosNotSupported: 0x9b,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
  connectionRateExceeded: 0x9f,
} as const

export const PUBLISH_REFUSALS = {
  unspecifiedError: 0x80,
  implementationSpecificError: 0x83,
  notAuthorized: 0x87,
  topicNameInvalid: 0x90,
  quotaExceeded: 0x97,
  payloadFormatInvalid: 0x99,
} as const

export const SUBSCRIBE_REFUSALS = {
  unspecifiedError: 0x80,
  implementationSpecificError: 0x83,
  notAuthorized: 0x87,
  topicFilterInvalid: 0x8f,
  quotaExceeded: 0x97,
  sharedSubscriptionsNotSupported: 0x9e,
  subscriptionIdentifiersNotSupported: 0xa1,
  wildcardSubscriptionsNotSupported: 0xa2,
} as const

export const UNSUBSCRIBE_REFUSALS = {
  unspecifiedError: 0x80,
  implementationSpecificError: 0x83,
  notAuthorized: 0x87,
  topicFilterInvalid: 0x8f,
} as const

export const DISCONNECT_REASONS = {
  unspecifiedError: 0x80,
  implementationSpecificError: 0x83,
  notAuthorized: 0x87,
  serverBusy: 0x89,
  topicNameInvalid: 0x90,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  payloadFormatInvalid: 0x99,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
  connectionRateExceeded: 0x9f,
  maximumConnectTime: 0xa0,
} as const

export type RefusalName =
  | keyof typeof CONNECT_REFUSALS
  | keyof typeof PUBLISH_REFUSALS
  | keyof typeof SUBSCRIBE_REFUSALS
  | keyof typeof DISCONNECT_REASONS

/** Every name with its literal number, so that a code keeps its meaning through the types. */
export type Refusals = typeof CONNECT_REFUSALS &
  typeof PUBLISH_REFUSALS &
  typeof SUBSCRIBE_REFUSALS &
  typeof UNSUBSCRIBE_REFUSALS &
  typeof DISCONNECT_REASONS

/** Every name with its number; the same name has the same number in every packet. */
export const REFUSALS: Refusals = {
  ...CONNECT_REFUSALS,
  ...PUBLISH_REFUSALS,
  ...SUBSCRIBE_REFUSALS,
  ...UNSUBSCRIBE_REFUSALS,
  ...DISCONNECT_REASONS,
}

/** The codes that each packet can carry, as numbers. */
export type ConnectCode = ValueOf<typeof CONNECT_REFUSALS>
export type PublishCode = ValueOf<typeof PUBLISH_REFUSALS>
export type SubscribeCode = ValueOf<typeof SUBSCRIBE_REFUSALS>
export type UnsubscribeCode = ValueOf<typeof UNSUBSCRIBE_REFUSALS>
export type DisconnectCode = ValueOf<typeof DISCONNECT_REASONS>
export type RefusalCode = ValueOf<Refusals>

type ValueOf<Table> = Table[keyof Table]
