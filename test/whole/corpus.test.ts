import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { outsider, part, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// Each rule of PROFILE broken once, each limit at its edge and one beyond, with the status and the code that PROFILE names.
// In the corpus `{{name}}` stands for a value that is only known here, `{"$repeat": "x", "$times": 3}` for "xxx",
// `{"$list": …, "$times": 3}` for a list of three, `{"$join": […]}` for a concatenation.

const Case = v.strictObject({
  rule: v.string(),
  as: v.picklist(["token", "session", "cookie", "other", "bound", "nobody"]),
  method: v.picklist(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  path: v.string(),
  headers: v.exactOptional(v.record(v.string(), v.string())),
  body: v.exactOptional(v.unknown()),
  raw: v.exactOptional(v.unknown()),
  status: v.number(),
  code: v.exactOptional(v.string()),
});
const corpus = v.parse(v.array(Case), JSON.parse(readFileSync("test/whole/corpus.json", "utf8")));
type Case = v.InferOutput<typeof Case>;

const server = inProcess();
let known: Record<string, string>;
let credentials: Record<Case["as"], Record<string, string>>;

beforeAll(async () => {
  const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
  const bound = await outsider(server, somebody("bound"), { contacts: ["friend,*"] });
  const room = await ann.say({ thread: randomUUID(), to: [ben.entity], text: "Hello", id: randomUUID() });
  const visited = await ben.say({ thread: randomUUID(), to: [ann.entity], text: "Look" });
  await ben.call("PATCH", `threads/${visited.thread}`, { role: { entity: ann.entity, role: "visitor" } });
  const foreign = await ben.call("POST", "threads", { kind: "room", members: [] });
  const direct = await ann.say({ to: [ben.entity], text: "Hi" });
  known = {
    ...{ room: room.thread, sent: room.id, visited: visited.thread, direct: direct.thread },
    ...{ foreign: `${part(foreign, "id")}`, unknown: randomUUID(), cursor: ann.cursor },
  };
  const jwt = await session(ann.entity);
  credentials = {
    token: { authorization: `Bearer ${ann.token}` },
    session: { authorization: `Bearer ${jwt}` },
    cookie: { cookie: `chat_session=${jwt}` },
    other: { authorization: `Bearer ${ben.token}` },
    bound: { authorization: `Bearer ${bound.token}` },
    nobody: {},
  };
});
afterAll(() => server.stop());

const Repeat = v.strictObject({ $repeat: v.string(), $times: v.number() });
const List = v.strictObject({ $list: v.unknown(), $times: v.number() });
const Join = v.strictObject({ $join: v.array(v.unknown()) });

/** Replaces the placeholders of the corpus. */
function filled(value: unknown, i = 0): unknown {
  if (typeof value === "string") {
    return value.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
      if (name === "i") return `${i}`;
      if (name === "fresh") return randomUUID();
      return name === "new" ? randomUUID().slice(-12) : (known[name] ?? name);
    });
  }
  if (v.is(Repeat, value)) return value.$repeat.repeat(value.$times);
  if (v.is(List, value)) return Array.from({ length: value.$times }, (_, at) => filled(value.$list, at));
  if (v.is(Join, value)) return value.$join.map((it) => filled(it, i)).join("");
  if (Array.isArray(value)) return value.map((it) => filled(it, i));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, filled(it, i)]));
}

async function ask({ as, method, path, headers = {}, body, raw }: Case) {
  const content = raw === undefined ? body && JSON.stringify(filled(body)) : `${filled(raw)}`;
  const given = Object.entries(headers).map(([name, value]) => [name, `${filled(value)}`]);
  const response = await server.fetch(`${filled(path)}`, {
    method,
    headers: {
      ...(content === undefined ? {} : { "content-type": "application/json" }),
      ...credentials[as],
      ...Object.fromEntries(given),
    },
    ...(typeof content === "string" ? { body: content } : {}),
  });
  const text = await response.text();
  return { status: response.status, text, type: response.headers.get("content-type") };
}

const Problem = v.looseObject({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  issues: v.exactOptional(v.pipe(v.array(v.strictObject({ path: v.string(), message: v.string() })), v.minLength(1))),
});

const named = corpus.map((it, i) => ({ ...it, name: `${i + 1}, ${it.rule}, ${it.status} ${it.code ?? ""}`.trim() }));

describe("the corpus", () => {
  it.each(named)("$name", async ({ status, code, name, ...rest }) => {
    const reply = await ask({ ...rest, status });
    if (code === undefined) {
      const asExpected = reply.status === status && (status !== 204 || reply.text === "");
      expect(asExpected ? status : `${reply.status} ${reply.text}`).toBe(status);
      return;
    }
    expect(reply.type).toBe("application/problem+json");
    const problem = v.parse(Problem, JSON.parse(reply.text));
    expect({ name, answered: reply.status, status: problem.status, code: problem.code }).toEqual({
      ...{ name, answered: status, status, code },
    });
    expect(problem.issues !== undefined).toBe(code === "invalid");
  });

  it("contains every fault that a single request can meet", () => {
    const elsewhere = ["forbidden", "internal", "rate_limited", "storage_full", "unavailable"];
    const met = new Set(corpus.flatMap((it) => it.code ?? []));
    const all = [
      ...["invalid", "bad_cursor", "no_recipient", "unsupported_stanza", "unauthenticated", "token_unknown"],
      ...["token_not_allowed", "origin_not_allowed", "not_a_contact", "cannot_send", "not_found", "thread_not_found"],
      ...["message_not_found", "method_not_allowed", "id_conflict", "thread_conflict", "too_large"],
      "unsupported_media_type",
    ];
    expect(all.filter((code) => !met.has(code))).toEqual([]);
    expect([...met].filter((code) => !all.includes(code) && !elsewhere.includes(code))).toEqual([]);
  });
});
