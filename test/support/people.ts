import { afterAll, beforeEach, inject, vi } from "vitest";
import { gate } from "./gate.js";

// Everything in this process reaches the store through a gate, so it must stand before lib/ reads the environment.
const bridge = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "" };
export const way = await gate(bridge.url);
process.env.UPSTASH_REDIS_REST_URL = way.url;
const { Person } = await import("./person.js");
const { change } = await import("../../lib/chat/thread-admin.js");
const { follow } = await import("../../lib/stream/follow.js");
const { make } = await import("../../lib/chat/thread.js");
const { tail } = await import("../../lib/log/tail.js");

export { tail };

afterAll(() => {
  tail.close();
  way.stop();
});

/** Waits until the tail may be believed. */
export const trust = () => vi.waitUntil(() => tail.trusted, { timeout: 8_000, interval: 10 });
export const never = new AbortController().signal;

/** Somebody whose stream begins now, with the tail warm. */
export async function somebody() {
  const person = await new Person().begin();
  await person.hear();
  return person;
}

export type Someone = Awaited<ReturnType<typeof somebody>>;

export async function room(owner: Someone, members: Someone[]): Promise<string> {
  const { id } = await make(owner.caller, { kind: "room", members: members.map((it) => it.id) }, Date.now());
  return id;
}

export const say = (who: Someone, thread: string, text: string) => who.send("message", { thread, text });
export const kick = (by: Someone, id: string, who: Someone) => change(by.caller, id, { remove: [who.id] }, Date.now());

/** The texts and the actions that stanzas tell. */
export const told = (stanzas: { type: string; [payload: string]: unknown }[]) =>
  stanzas.map((it) => JSON.stringify(it[it.type]).replace(/.*"(?:text|action)":"([^"]*)".*/, "$1"));

/** Runs one command of Redis, behind the gate. */
export async function redis(...command: (string | number)[]): Promise<unknown> {
  const headers = { authorization: `Bearer ${bridge.token}` };
  const response = await fetch(bridge.url, { method: "POST", headers, body: JSON.stringify(command) });
  return response.json();
}

/** Asks once, from any cursor; answers what was told but for who is there. */
export async function ask(who: Someone, cursor: { epoch: string; n: number }, limit = 100) {
  const answer = await follow(who.caller, { cursor, wait: 0, limit, remember: false }, never);
  const stanzas = answer.stanzas.map((it) => JSON.parse(it.body)).filter((it) => it.type !== "presence");
  return { ...answer, stanzas };
}

let [ann, ben, cid]: Someone[] = [];
beforeEach(async () => {
  [ann, ben, cid] = await Promise.all([somebody(), somebody(), somebody()]);
  await trust();
});

/** The three of every test. */
export function people(): { ann: Someone; ben: Someone; cid: Someone } {
  if (ann === undefined || ben === undefined || cid === undefined) throw new Error("Nobody is there");
  return { ann, ben, cid };
}
