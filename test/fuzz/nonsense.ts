import type { Dice } from "./dice.js";
import { forged } from "./forged.js";

export type Attempt = { method: string; path: string; headers: [string, string][]; body: Buffer | undefined };

/** Makes a request that may be sound but for one thing, or make no sense at all. It holds no poll. */
export function nonsense(dice: Dice): Attempt {
  const sound = dice.one(
    ...(["POST send", "POST send", "POST send", "POST threads", "PATCH threads/", "GET stream", "GET stream"] as const),
    ...(["GET threads/", "DELETE token/", "POST token", "POST send-message", "POST start-session"] as const),
  );
  const [usual = "", place = ""] = sound.split(" ");
  const method = dice.once(8)
    ? dice.one("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "PROPFIND")
    : usual;
  const path = dice.once(4) ? pathOf(dice, dice.one(...PATHS)) : pathOf(dice, place);
  const form = /^s\w+-/.test(place) && !dice.once(4);
  const body = method === "GET" || method === "HEAD" ? undefined : form ? formOf(dice) : bodyOf(dice, place);
  const type = form ? "application/x-www-form-urlencoded" : "application/json";
  return { method, path, headers: headersOf(dice, body && type, place === "stream"), body };
}

/** Makes a request that a sound store answers well. */
export function sense(dice: Dice): Attempt {
  const { thread, message, others } = dice.known;
  const of = (it: object) => ({ stanzas: [it], type: "unused" });
  const said = { type: "message", message: { thread, text: dice.word(), type: dice.one("plain", "html") } };
  const [method, path, body] = dice.one<[string, string, unknown?]>(
    ["GET", "threads"],
    ["GET", `threads/${thread}`],
    ["GET", `threads/${thread}/messages`],
    ["GET", "friends"],
    ["GET", "blocks"],
    ["GET", `stream?wait=0&cursor=${encodeURIComponent(cursor(dice))}`],
    ["GET", "stream?wait=0"],
    ["GET", `stream/${dice.one("", ...others)}?wait=0`],
    ["POST", "token", {}],
    ["POST", "send", of(said)],
    ["POST", "send", of({ type: "message", message: { to: [dice.one("", ...others)], text: "Hi" } })],
    ["POST", "send", of({ type: "edit", edit: { thread, id: message, text: dice.word() } })],
    ["POST", "send", of({ type: "reaction", reaction: { thread, id: message, emoji: "👍", remove: dice.once(2) } })],
    ["POST", "send", of({ type: "receipt", receipt: { thread, seq: dice.up(5) } })],
    ["POST", "send", of({ type: "presence", presence: [{ status: dice.one("a", "b") }] })],
    ["POST", "threads", { kind: "room", members: [dice.one("", ...others)] }],
  );
  const credential: [string, string] = ["Authorization", `Bearer ${dice.known.session}`];
  const accept: [string, string][] = dice.once(3) ? [["Accept", "text/event-stream"]] : [];
  const type: [string, string][] = body === undefined ? [] : [["Content-Type", "application/json"]];
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return { method, path: `/nereid-chat/${path}`, headers: [credential, ...accept, ...type], body: json };
}

const PATHS = ["token", "stream", "send", "threads", "health", "blocks", "friends", "actors", "nothing", ""] as const;

function pathOf(dice: Dice, place: string): string {
  let path = place;
  if (path === "threads/") path += dice.once(2) ? dice.known.thread : dice.word();
  else if (path.endsWith("/") || dice.once(12)) path += `/${dice.word()}`;
  if (path.startsWith("threads/") && dice.once(2)) path += `/${dice.one("messages", "invites", "join", "x")}`;
  if (dice.once(12)) path = dice.mutated(Buffer.from(path)).toString("latin1");
  // Without "?" and "#", so that no poll is held: the wait comes first in the query.
  const safe = path.replaceAll(/[^\x21-\x7e]|[?#]/g, (it) => (dice.once(4) ? "" : escaped(it)));
  const query = dice.many(3, () => {
    const name = dice.one("cursor", "limit", "before", "after", "live", "wait", "token", "__proto__", "");
    return `${name}=${dice.once(3) ? "1" : escaped(name === "cursor" ? cursor(dice) : dice.word())}`;
  });
  return `/nereid-chat/${safe}?${["wait=0", ...query].join("&")}`;
}

/** A position that is one, was one, or never will be. */
function cursor(dice: Dice): string {
  const known = dice.one("", ...dice.known.others.filter((it) => /^[\w-]+\.\d+$/.test(it)));
  const [epoch = "", n = ""] = known.split(".");
  return dice.one(
    ...([known, known, `${epoch}.${dice.up(9)}`, `${epoch}.${Number(n) - dice.up(50)}`, `${epoch}.${n}9`] as const),
    ...([`other.${n}`, `${n}.${epoch}`, `${known}\n`, dice.mutated(Buffer.from(known)).toString("latin1")] as const),
  );
}

/** Percent-encodes a text; half a surrogate pair cannot be. */
function escaped(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/** What somebody says to be: mostly the truth, so that requests get beyond the door. */
function bearer(dice: Dice): string {
  if (dice.once(8)) return dice.word();
  return dice.once(5) ? forged(dice) : dice.known.session;
}

function headersOf(dice: Dice, type: string | undefined, toStream: boolean): [string, string][] {
  const headers: [string, string][] = [];
  // The session lasts; the tokens are soon revoked by one of these requests.
  if (!dice.once(12)) headers.push(["Authorization", `Bearer ${bearer(dice)}`]);
  if (type !== undefined && !dice.once(10)) headers.push(["Content-Type", type]);
  if (toStream && dice.once(3)) headers.push(["Accept", "text/event-stream"]);
  if (toStream && dice.once(3)) headers.push(["Last-Event-ID", cursor(dice)]);
  for (const name of dice.many(2, () => dice.one(...HEADERS))) {
    const value = dice.once(2) ? dice.one(...VALUES) : dice.word();
    headers.push([name, value]);
  }
  return headers.map(([name, it]) => [name, it.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "~")]);
}

const HEADERS = [
  ...(["Accept", "Authorization", "Cookie", "Origin", "Last-Event-ID", "Content-Type", "Content-Encoding"] as const),
  ...([
    "Host",
    "Via",
    "X-Forwarded-Proto",
    "X-Forwarded-For",
    "X-Real-IP",
    "Range",
    "If-None-Match",
    "Accept-Encoding",
  ] as const),
  ...([
    "Upgrade",
    "TE",
    "Forwarded",
    "Sec-Fetch-Site",
    "Access-Control-Request-Method",
    "X-HTTP-Method-Override",
  ] as const),
] as const;
const VALUES = [
  ...([
    "text/event-stream",
    "*/*",
    "null",
    "https://strange.example",
    "1.0 x",
    "https",
    "bytes=0-1",
    "websocket",
  ] as const),
  ...([
    "gzip",
    "chat_session=x",
    "chat_session=",
    ";;;=",
    "application/json; charset=utf-7",
    "text/plain",
    "a b",
    "[",
  ] as const),
] as const;

function formOf(dice: Dice): Buffer {
  const field = () => {
    const name = dice.one("thread_id", "message", "user", "type", "__proto__", dice.word());
    const value = dice.one(dice.known.thread, dice.word(), dice.word());
    return dice.once(8) ? `${name}=${value}` : `${escaped(name)}=${escaped(value)}`;
  };
  const form = Buffer.from(dice.many(5, field).join("&"));
  return dice.once(6) ? dice.mutated(form) : form;
}

function bodyOf(dice: Dice, place: string): Buffer {
  if (dice.once(50)) return Buffer.alloc(65_000 + dice.up(2_000), " ");
  if (dice.once(12)) return Buffer.from(dice.many(200, () => dice.up(256)));
  const json = Buffer.from(JSON.stringify(dice.once(6) ? dice.value(4) : sensible(dice, place)));
  return dice.once(4) ? dice.mutated(json) : json;
}

/** Something that may well be taken, but for a field here and there. */
function sensible(dice: Dice, place: string): unknown {
  const maybe = (name: string, it: () => unknown) =>
    dice.once(3) ? { [name]: dice.once(8) ? dice.value(3) : it() } : {};
  const entities = () => dice.many(4, () => dice.word());
  const common = {
    ...maybe("thread", () => dice.known.thread),
    ...maybe("id", () => dice.known.message),
    ...maybe("to", entities),
  };
  const said = {
    ...maybe("text", () => dice.word()),
    ...maybe("subject", () => dice.word()),
    ...maybe("type", () => dice.one("plain", "html", "rst")),
    ...maybe("language", () => dice.one("en", "en_US", "de-x", dice.word())),
    ...maybe("attachments", () => dice.many(3, () => ({ url: dice.one("https://a.example", dice.word()) }))),
    ...maybe(dice.word(), () => dice.value(3)),
  };
  const type = dice.one(
    "message",
    "message",
    "message",
    "presence",
    "state",
    "receipt",
    "edit",
    "reaction",
    "block",
    "thread",
  );
  const payload =
    type === "presence"
      ? [said]
      : { ...common, ...said, ...maybe("seq", () => dice.up(9)), ...maybe("emoji", () => "👍") };
  const stanza = { type, [type]: payload };
  if (place.startsWith("threads")) {
    const lists = {
      ...maybe("members", entities),
      ...maybe("add", entities),
      ...maybe("remove", entities),
      ...maybe("ban", entities),
    };
    return {
      kind: dice.one("room", "direct"),
      members: entities(),
      ...lists,
      ...maybe("subject", () => dice.word()),
      ...maybe("id", () => dice.known.thread),
    };
  }
  return dice.once(5) ? { stanzas: dice.many(4, () => stanza) } : stanza;
}
