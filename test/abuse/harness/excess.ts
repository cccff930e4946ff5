import { v4 as uuid } from "uuid";
import type { Chance } from "../../faults/chance.js";
import { type Attack, get, message, note, post, send } from "./attack.js";
import type { Asking } from "./wire.js";

const EMOJI = [
  "👍",
  "👎",
  "❤",
  "😀",
  "😂",
  "🎉",
  "🔥",
  "👀",
  "🙏",
  "🚀",
  "💯",
  "😮",
  "😢",
  "🤔",
  "🍵",
  "🌊",
  "🐙",
  "🐳",
  "🦀",
  "🐚",
];

/** Attacks on what there is: the store, the server, and what protects them. */
export const OF_EXCESS: readonly Attack[] = [
  // Nothing unbounded.
  {
    name: "rename by 64 kB",
    kind: "write",
    make: (lair) => ({
      method: "PATCH",
      path: `threads/${message(lair).thread}`,
      body: { subject: "x".repeat(65_000) },
    }),
  },
  {
    name: "rename",
    kind: "write",
    make: (lair) => send("thread", { id: message(lair).thread, subject: uuid().repeat(28) }),
  },
  {
    name: "write much",
    kind: "write",
    make: (lair) =>
      send("message", { thread: message(lair).thread, text: "x".repeat(8_000), more: uuid().repeat(200) }),
    learn: (lair, answer) => note(lair.threads, JSON.parse(answer).results[0]),
  },
  {
    name: "write 4 KiB",
    kind: "write",
    make: (lair) => send("message", { thread: message(lair).thread, text: "x".repeat(3_900) }),
  },
  {
    name: "write twenty at once",
    kind: "write",
    make: (lair) =>
      post("send", {
        stanzas: Array.from({ length: 20 }, () => ({
          type: "message",
          message: { thread: message(lair).thread, text: "x" },
        })),
      }),
  },
  { name: "edit", kind: "write", make: (lair) => send("edit", { ...message(lair), text: "y".repeat(8_000) }) },
  { name: "retract", kind: "write", make: (lair) => send("retract", message(lair)) },
  {
    name: "react",
    kind: "write",
    make: (lair) =>
      send("reaction", { ...message(lair), emoji: lair.chance.pick(EMOJI), remove: lair.chance.happens(0.3) }),
  },
  {
    name: "read receipt",
    kind: "write",
    make: (lair) => send("receipt", { thread: message(lair).thread, seq: lair.chance.whole(1, 1_000) }),
  },
  {
    name: "chat state",
    kind: "write",
    make: (lair) => send("state", { thread: message(lair).thread, state: lair.chance.pick(["composing", "paused"]) }),
  },
  {
    name: "presence in all rooms",
    kind: "write",
    make: ({ chance }) => send("presence", [{ status: "x".repeat(chance.whole(1, 140)) }]),
  },
  {
    name: "mute and hide",
    kind: "write",
    make: (lair) =>
      send("setting", {
        thread: message(lair).thread,
        hidden: lair.chance.happens(0.5),
        muted: lair.chance.happens(0.5),
      }),
  },
  {
    name: "slow a room down",
    kind: "write",
    make: (lair) => ({
      method: "PATCH",
      path: `threads/${message(lair).thread}`,
      body: { slow: lair.chance.whole(1, 3_600) },
    }),
  },
  { name: "report", kind: "write", make: (lair) => send("report", { ...message(lair), reason: "x".repeat(1_000) }) },
  { name: "list threads", kind: "read", make: () => get("threads?limit=100") },
  {
    name: "list threads before 1970",
    kind: "read",
    make: () => get("threads?limit=1&before=1970-01-01T00:00:00.000Z"),
  },
  { name: "read history", kind: "read", make: (lair) => get(`threads/${message(lair).thread}/messages?limit=100`) },
  {
    name: "look around a message",
    kind: "read",
    make: (lair) => {
      const { thread, id } = message(lair);
      return get(`threads/${thread}/messages?around=${id}&limit=100`);
    },
  },
  { name: "list members", kind: "read", make: (lair) => get(`threads/${message(lair).thread}/members`) },
  { name: "search", kind: "read", make: ({ chance }) => get(`search?q=${chance.pick(["x", "zzzz", "x+y+z"])}`) },
  { name: "read the reports", kind: "read", make: () => get("reports") },
  { name: "rule by the server API", kind: "read", make: ({ others }) => get(`server/threads?as=${others[0]}`) },
  { name: "list friends", kind: "read", make: () => get("friends") },
  { name: "list blocks", kind: "read", make: () => get("blocks") },
  { name: "unknown cursor", kind: "stream", make: () => get("stream?wait=0&cursor=zzz.1") },
  {
    name: "cursor ahead",
    kind: "stream",
    make: ({ chance }) => get(`stream?wait=0&cursor=${uuid().slice(0, 8)}.${chance.whole(0, 1e9)}`),
  },
  { name: "no cursor", kind: "stream", make: () => get("stream?wait=0") },
  { name: "first poll that is given up", kind: "stream", givenUp: 30, make: () => get("stream?wait=55") },
  { name: "held poll", kind: "stream", held: true, make: () => get("stream?wait=55") },
  { name: "live stream", kind: "stream", held: true, make: () => get("stream?wait=55&live=1") },
  { name: "malformed body", kind: "write", make: ({ chance }) => malformed(chance) },
  {
    name: "malformed query",
    kind: "read",
    make: ({ chance }) =>
      get(chance.pick(["threads?limit=x", "threads?before=%ff", "actors?ids=", "threads/x/messages?after=-1"])),
  },
  { name: "health", kind: "nobody", make: () => get("health") },
  { name: "call the clock", kind: "nobody", make: () => ({ ...get("cron"), token: uuid() }) },
  // Credentials.
  { name: "guess a token", kind: "nobody", make: () => get(`stream/${uuid()}?wait=0`) },
  {
    name: "forge a session",
    kind: "nobody",
    make: () => ({ ...post("token", {}), token: `eyJhbGciOiJub25lIn0.${btoa(uuid())}.` }),
  },
  { name: "revoke a guess", kind: "nobody", make: () => ({ method: "DELETE", path: `token/${uuid()}` }) },
  {
    name: "a name that hides",
    kind: "nobody",
    make: ({ chance }) =>
      post("token", { displayName: chance.pick(["\u200b", "You\u202e", "a\u0000b", "x".repeat(60_000)]) }),
  },
  { name: "nobody's malformed body", kind: "nobody", make: ({ chance }) => ({ ...malformed(chance), path: "token" }) },
];

function malformed(chance: Chance): Asking & { method: string; path: string } {
  const raw = chance.pick([
    ...["{", "[".repeat(30_000), `{"type":"message","message":{"text":1e400}}`, `{"__proto__":{}}`, "null", "\u0000"],
    ...[`{"type":"message","message":{"to":"x"}}`, `{"type":"none"}`, `{"stanzas":[]}`, `"${"x".repeat(70_000)}"`],
  ]);
  return { method: "POST", path: "send", raw, type: chance.pick(["application/json", "application/json", "text/xml"]) };
}
