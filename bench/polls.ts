import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { Answer, describeMachine, type Member, type Site, site } from "./support/site.js";

// 1,000 polls held at once by one server process, and one message to a room of all who hold them: how long until the
// last of them is answered, and how much memory does that take?

const POLLS = 1_000;
const ROUNDS = 10;
// So many connect at a time: how fast they come is not what is measured.
const STEP = 50;

const server = await site();
try {
  console.log(describeMachine());
  await measure(server);
} finally {
  await server.stop();
}

async function measure(server: Site): Promise<void> {
  const before = await server.memory();
  console.log(`started: RSS ${before.rss} MiB`);
  const people = await inSteps(
    Array.from({ length: POLLS }, (_, i) => `User ${i}`),
    server.user,
  );
  const [owner, ...others] = people;
  if (owner === undefined) throw new Error("Cannot measure without people");
  const members = others.map(({ actor }) => actor.id);
  const Room = v.object({ id: v.string() });
  const room = await server.call(Room, "threads", { token: owner.token, body: { kind: "room", members } });
  let cursors = await inSteps(people, ({ token, cursor }) => catchUp(server, token, cursor));
  for (let round = 1; round <= ROUNDS; round++) {
    const { answers, ms, sent } = await hold(server, people, cursors, room.id);
    cursors = answers.map(({ cursor }) => cursor);
    const { rss, peak } = await server.memory();
    console.log(
      `round ${round}: sent in ${sent} ms, all ${POLLS} answered in ${ms} ms, RSS ${rss} MiB (at most ${peak})`,
    );
  }
}

/** Reads what there is after a cursor, and returns the cursor after that. */
async function catchUp(server: Site, token: string, cursor: string): Promise<string> {
  const answer = await server.call(Answer, `stream/${token}?wait=0&cursor=${cursor}`);
  return answer.stanzas.length === 0 ? answer.cursor : catchUp(server, token, answer.cursor);
}

/** Holds a poll for everybody, sends one message to all, and waits for all answers. */
async function hold(server: Site, people: readonly Member[], cursors: readonly string[], thread: string) {
  const polls: Promise<v.InferOutput<typeof Answer>>[] = [];
  await inSteps(people, async ({ token }, i) => {
    polls.push(server.call(Answer, `stream/${token}?wait=50&cursor=${cursors[i]}`));
    await sleep(1);
  });
  // Long enough for the last of them to be held.
  await sleep(2_000);
  const [sender] = people;
  const begun = performance.now();
  const message = { type: "message", message: { thread, text: "Hello, everybody" } };
  const sending = server.call(v.unknown(), `send/${sender?.token}`, { body: message });
  const sent = sending.then(() => Math.round(performance.now() - begun));
  const answers = await Promise.all(polls);
  const ms = Math.round(performance.now() - begun);
  const missed = answers.filter(({ stanzas }) => stanzas.length !== 1 || stanzas[0]?.type !== "message").length;
  if (missed > 0) throw new Error(`Cannot count this round: ${missed} polls were answered with something else`);
  return { answers, ms, sent: await sent };
}

async function inSteps<Item, Result>(
  items: readonly Item[],
  run: (item: Item, i: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += STEP) {
    results.push(...(await Promise.all(items.slice(at, at + STEP).map((item, i) => run(item, at + i)))));
  }
  return results;
}
