import { afterAll, beforeEach, inject, vi } from "vitest";
import { make } from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { follow } from "../../lib/stream/follow.js";
import { composeChat } from "./chat.js";
import { gate } from "./gate.js";
import { Person } from "./person.js";

// The chat of these tests reaches its store through a gate.
export let way: Awaited<ReturnType<typeof gate>>;
export let chat: ChatContext;
export let tail: ChatContext["tail"];

let [ann, ben, cid]: Someone[] = [];

/** Opens the gate and composes the chat for the tests of a file; each of them begins with three users, whose streams begin then. */
export async function meet(): Promise<void> {
  way = await gate(bridge().url);
  chat = composeChat({ redisUrl: way.url });
  tail = chat.tail;
  beforeEach(async () => {
    [ann, ben, cid] = await Promise.all([somebody(), somebody(), somebody()]);
    await trust();
  });
  afterAll(() => {
    tail.close();
    way.stop();
  });
}

/** The three of every test. */
export function people(): { ann: Someone; ben: Someone; cid: Someone } {
  if (ann === undefined || ben === undefined || cid === undefined) throw new Error("Nobody is there");
  return { ann, ben, cid };
}

/** Waits until the tail may be believed. */
export const trust = () => vi.waitUntil(() => tail.trusted, { timeout: 8_000, interval: 10 });
export const never = new AbortController().signal;

/** A user whose stream begins now, with the tail warm. */
export async function somebody() {
  const person = await new Person(chat).begin();
  await person.hear();
  return person;
}

export type Someone = Awaited<ReturnType<typeof somebody>>;

export async function room(owner: Someone, members: Someone[]): Promise<string> {
  const { id } = await make(chat, owner.caller, { kind: "room", members: members.map((it) => it.id) }, Date.now());
  return id;
}

export const say = (who: Someone, thread: string, text: string) => who.send("message", { thread, text });
export const kick = (by: Someone, id: string, who: Someone) =>
  change(chat, by.caller, id, { remove: [who.id] }, Date.now());

/** The texts and the actions of stanzas. */
export const told = (stanzas: { type: string; [payload: string]: unknown }[]) =>
  stanzas.map((it) => JSON.stringify(it[it.type]).replace(/.*"(?:text|action)":"([^"]*)".*/, "$1"));

/** Runs one command of Redis, behind the gate. */
export async function redis(...command: (string | number)[]): Promise<unknown> {
  const { url, token } = bridge();
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(command) });
  return response.json();
}

/** Polls once, from any cursor; returns what came, without presence. */
export async function ask(who: Someone, cursor: { epoch: string; n: number }, limit = 100) {
  const answer = await follow(chat, who.caller, { cursor, wait: 0, limit, remember: false }, never);
  const stanzas = answer.stanzas.map((it) => JSON.parse(it.body)).filter((it) => it.type !== "presence");
  return { ...answer, stanzas };
}

function bridge() {
  return inject("bridge") ?? { url: "http://127.0.0.1:1", token: "" };
}
