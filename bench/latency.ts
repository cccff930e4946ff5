import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { Answer, describeMachine, quantile, type Site, site } from "./support/site.js";

// From the moment somebody sends to the moment that somebody else's held poll has been answered.

const MESSAGES = 500;
const WARM_UP = 50;

const server = await site();
try {
  console.log(describeMachine());
  await measure(server);
} finally {
  await server.stop();
}

async function measure(server: Site): Promise<void> {
  const [ann, ben] = await Promise.all([server.user("Ann"), server.user("Ben")]);
  const answered: number[] = [];
  const delivered: number[] = [];
  let { cursor } = ben;
  for (let i = 0; i < WARM_UP + MESSAGES; i++) {
    const poll = server.call(Answer, `stream/${ben.token}?wait=20&cursor=${cursor}`);
    // Long enough for the poll to be held.
    await sleep(10);
    const begun = performance.now();
    const since = () => performance.now() - begun;
    const message = { type: "message", message: { to: [ben.actor.id], text: "Hello, Ben" } };
    const sent = server.call(v.unknown(), `send/${ann.token}`, { body: message }).then(since);
    const answer = await poll;
    const ms = since();
    if (!answer.stanzas.some(({ type }) => type === "message"))
      throw new Error("Cannot count an answer without a message");
    cursor = answer.cursor;
    if (i >= WARM_UP) {
      delivered.push(ms);
      answered.push(await sent);
    }
  }
  report("send → held poll answered", delivered);
  report("send → send answered", answered);
  console.log(`RSS ${(await server.memory()).rss} MiB`);
}

function report(what: string, values: readonly number[]): void {
  const [median, p99, most] = [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(1));
  console.log(`${what}: median ${median} ms, p99 ${p99} ms, most ${most} ms of ${values.length}`);
}
