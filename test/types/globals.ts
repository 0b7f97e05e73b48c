import { allow, definePlugin, deny, json } from 'bulkhead/plugin'

// This project has neither Node's types nor the DOM's, as an author's: what the bundler injects is typed by
// the SDK.

declare function same<Type>(value: Type): void

export const plugin = definePlugin({
  authorizePublish: (event) => {
    const url = new URL('/hook', 'https://example.com')
    url.searchParams.set('topic', event.topic)
    for (const [name, value] of url.searchParams) same<string>(name + value)
    same<URL | null>(URL.parse(url))
    same<Uint8Array>(new TextEncoder().encode(url.href))
    same<string>(new TextDecoder('utf-8', { fatal: true }).decode(event.payload))
    same<string>(atob(btoa('a')))
    same<{ deep: number }>(structuredClone({ deep: 1 }))
    console.log('asked', { topic: event.topic })
    // @ts-expect-error: there is no table here
    void console.table
    // @ts-expect-error: json() reads an event, not a text
    json(new URLSearchParams({ a: '1' }).toString())
    // @ts-expect-error: there are no timers but ctx.timers
    void setTimeout
    // @ts-expect-error: there is no fetch but ctx.fetch
    void fetch
    // @ts-expect-error: there is no process
    void process
    return event.retain ? deny() : allow()
  },
})
