import { randomUUID } from "node:crypto";
import type { Dice } from "./dice.js";
import { type Attempt, nonsense } from "./nonsense.js";

/** Makes a request to the URLs of the host's server and of its moderators, with a service credential, that may be sound but for one thing or make no sense at all. */
export function hosting(dice: Dice): Attempt {
  const { headers, body } = nonsense(dice);
  const [usual = "", place = ""] = dice.one(...PLACES).split(" ");
  const method = dice.once(10) ? dice.one("GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS") : usual;
  const id = dice.once(3) ? encoded(dice.word()) : dice.known.thread;
  const query = dice.many(3, () => `${dice.one(...NAMES)}=${dice.once(3) ? "1" : encoded(dice.word())}`);
  const json = dice.once(3) ? body : Buffer.from(JSON.stringify(described(dice)));
  return {
    method,
    path: `/nereid-chat/${place.startsWith("moderation") ? "" : "server/"}${place.replace("*", id)}?${query.join("&")}`,
    headers: [
      ...headers.filter(([name]) => name !== "Authorization" && name !== "Content-Type"),
      ["Authorization", `Bearer ${dice.known.service}`],
      ["Content-Type", "application/json"],
    ],
    body: method === "GET" ? undefined : (json ?? Buffer.from("{}")),
  };
}

const PLACES = [
  ...(["POST send", "POST send", "GET threads", "POST threads", "GET threads/*", "PATCH threads/*"] as const),
  ...([
    "DELETE threads/*",
    "GET threads/*/messages",
    "GET threads/*/members",
    "GET profiles",
    "POST profiles",
    "DELETE presence",
  ] as const),
  ...(["DELETE tokens", "GET bans", "POST bans", "DELETE bans", "POST threads/*/import"] as const),
  ...([
    "GET reports",
    "POST reports/*",
    "GET dead-letters",
    "POST dead-letters",
    "GET export",
    "POST erasures",
  ] as const),
  ...(["GET moderation", "GET moderation/rooms", "PATCH moderation/rooms/*", "DELETE moderation/rooms/*"] as const),
  ...(["GET moderation/people", "GET moderation/bans", "POST moderation/bans", "DELETE moderation/bans"] as const),
] as const;
const NAMES = ["as", "as", "entity", "entity", "ids", "after", "before", "limit", "__proto__"] as const;

function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/** A body that some of these URLs take, but for a field here and there. */
function described(dice: Dice): unknown {
  const { thread } = dice.known;
  const entity = () => (dice.once(6) ? dice.value(2) : dice.word());
  return dice.one<unknown>(
    { entity: entity() },
    { entity: entity(), after: dice.one("traces 0", "logs 0", "rounds 0", `memberships ${dice.up(9)}`, dice.word()) },
    { action: dice.one("accept", "retract", "ban", dice.word()) },
    { slow: dice.one<unknown>(0, 30, 3_601, dice.value(1)) },
    { places: dice.many(3, () => dice.one("1-1", dice.word())) },
    { messages: dice.many(3, () => imported(dice)), unread: dice.one<unknown>(true, false, dice.value(1)) },
    { id: entity(), displayName: dice.word(), image: dice.one("https://a.example", dice.word()), actor: dice.value(4) },
    { kind: dice.one("direct", "room"), members: dice.many(4, entity), subject: dice.word() },
    { [dice.one("add", "remove", "ban", "unban")]: dice.many(4, entity), subject: dice.word() },
    {
      type: "message",
      message: { thread: dice.one(thread, dice.word()), text: dice.word(), to: dice.many(2, entity) },
    },
  );
}

/** An old message that an import takes, but for a field here and there. */
function imported(dice: Dice): unknown {
  return {
    id: dice.once(4) ? dice.word() : randomUUID(),
    sender: dice.once(4) ? dice.value(1) : "somebody",
    timestamp: dice.one("2020-01-01T00:00:00Z", "2021-06-30T23:59:60Z", dice.word()),
    text: dice.word(),
    type: dice.one("plain", "html", "rst"),
  };
}
