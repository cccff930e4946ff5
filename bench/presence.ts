import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { Answer, describeMachine, type Member, quantile, type Site, site } from "./support/site.js";

// 100 people in one room who all follow. How long do messages take between two of them while the others come and go, ten
// a second, compared to when they do not? Each change is told to all the others: a thousand answers a second.

const PEOPLE = 100;
const CHANGES_PER_SECOND = 10;
// Calm and storm take turns, so that whatever else the machine does falls on both.
const TURNS = 5;
const MESSAGES = 100;
const WARM_UP = 50;

const Text = v.object({ text: v.string() });

const server = await site();
try {
  console.log(describeMachine());
  await measure(server);
} finally {
  await server.stop();
}

async function measure(server: Site): Promise<void> {
  const { ann, ben, others } = await gather(server);
  const arrivals = new Map<string, () => void>();
  const over = new AbortController();
  const seen = { presence: 0, answers: 0 };
  const following = [ann, ben, ...others].map((who) =>
    follow(server, who, over.signal, (stanzas) => {
      seen.answers++;
      for (const { type, message } of stanzas) {
        if (type === "presence") seen.presence++;
        if (who === ben && v.is(Text, message)) arrivals.get(message.text)?.();
      }
    }),
  );
  const talk = (messages: number) => converse(server, ann, ben, arrivals, messages);
  await talk(WARM_UP);
  const here = new Set(others);
  const calm: number[] = [];
  const storm: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    calm.push(...(await talk(MESSAGES)));
    const quiet = new AbortController();
    const blowing = blow(server, others, here, quiet.signal);
    await sleep(500);
    storm.push(...(await talk(MESSAGES)));
    quiet.abort();
    await blowing;
    await sleep(500);
  }
  report("calm", calm);
  report("storm", storm);
  const factor = quantile(storm, 0.5) / quantile(calm, 0.5);
  console.log(`factor of the medians ${factor.toFixed(2)}; ${seen.presence} presences in ${seen.answers} answers`);
  over.abort();
  await talk(1);
  await Promise.all(following);
}

/** Lets people in who all know each other: each has read the room by themselves. */
async function gather(server: Site): Promise<{ ann: Member; ben: Member; others: Member[] }> {
  const people: Member[] = [];
  for (let i = 0; i < PEOPLE; i++) people.push(await server.user(`User ${i}`));
  const [ann, ben, ...others] = people;
  if (ann === undefined || ben === undefined) throw new Error("Cannot measure without people");
  const members = people.map(({ actor }) => actor.id);
  const { id } = await server.call(v.object({ id: v.string() }), "threads", {
    token: ann.token,
    body: { kind: "room", members },
  });
  await say(server, ann, { thread: id, text: "Welcome" });
  for (const { token } of people) {
    await server.call(v.unknown(), `send/${token}`, { body: { type: "receipt", receipt: { thread: id, seq: 1 } } });
  }
  return { ann, ben, others };
}

function say(server: Site, { token }: Member, message: object): Promise<unknown> {
  return server.call(v.unknown(), `send/${token}`, { body: { type: "message", message } });
}

type Stanzas = v.InferOutput<typeof Answer>["stanzas"];

async function follow(server: Site, who: Member, over: AbortSignal, hear: (stanzas: Stanzas) => void): Promise<void> {
  for (let { cursor } = who; !over.aborted; ) {
    const answer = await server.call(Answer, `stream/${who.token}?wait=3&cursor=${cursor}`);
    cursor = answer.cursor;
    hear(answer.stanzas);
  }
}

/** Sends one message after another, and measures how long each takes until it is in the other's answer, in ms. */
async function converse(server: Site, ann: Member, ben: Member, arrivals: Map<string, () => void>, messages: number) {
  const times: number[] = [];
  for (let i = 0; i < messages; i++) {
    const text = crypto.randomUUID();
    const arrived = new Promise<void>((resolve) => void arrivals.set(text, resolve));
    const begun = performance.now();
    await Promise.all([say(server, ann, { to: [ben.actor.id], text }), arrived]);
    times.push(performance.now() - begun);
    arrivals.delete(text);
    // Not in step with those who come and go.
    await sleep(20 + Math.random() * 30);
  }
  return times;
}

/** Lets one after another go, and come again; `here` says who is there. */
async function blow(server: Site, people: readonly Member[], here: Set<Member>, quiet: AbortSignal): Promise<void> {
  const changes: Promise<unknown>[] = [];
  while (!quiet.aborted) {
    const who = people[Math.floor(Math.random() * people.length)];
    if (who === undefined) return;
    const available = !here.delete(who);
    if (available) here.add(who);
    const body = { type: "presence", presence: [{ available }] };
    changes.push(server.call(v.unknown(), `send/${who.token}`, { body }));
    await sleep(1_000 / CHANGES_PER_SECOND);
  }
  await Promise.all(changes);
}

function report(what: string, values: readonly number[]): void {
  const [median, p99, most] = [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(1));
  console.log(`${what}: median ${median} ms, p99 ${p99} ms, most ${most} ms of ${values.length}`);
}
