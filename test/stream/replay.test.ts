import fc from "fast-check";
import { expect, it } from "vitest";
import { page } from "../../lib/chat/history.js";
import { thread as view } from "../../lib/chat/thread-view.js";
import { Mirror } from "../support/mirror.js";
import { ask, chat, meet, people, redis, room, type Someone, tail } from "../support/people.js";

await meet();

const EMOJI = ["👍", "🎉", "❤️"] as const;
const WORDS = ["Tea", "<b>Tea</b>", '<img src="x" onerror="alert(1)">', "a < b & c", ""];

type Story = {
  thread: string;
  who: Someone[];
  said: { id: string; by: number }[];
  pages: { reader: Someone; mirror: Mirror }[];
};
type Step = (story: Story) => Promise<unknown>;

function pick<Item>(items: readonly Item[], nth: number): Item {
  const item = items[nth % items.length];
  if (item === undefined) throw new Error("Nothing to pick from");
  return item;
}

/** Gives a step the name that fast-check prints. */
const named = (name: string, step: Step): Step => Object.assign(step, { [fc.toStringMethod]: () => name });

const nth = fc.nat(99);
const limit = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(100));
const fields = {
  text: fc.constantFrom(...WORDS),
  type: fc.constantFrom("plain", "html", "rst"),
  subject: fc.constantFrom("", "Tea"),
  language: fc.constantFrom("en_US", "de"),
  attachments: fc.constantFrom([], [{ url: "https://example.org/tea", colour: "green" }]),
};
const content = fc.record(fields, { requiredKeys: ["text"] });
const changes = fc.oneof(fc.record({ type: fields.type }), fc.record(fields, { requiredKeys: [] }));

/** Sends a stanza of some user; a refusal changes nothing. */
const send = (story: Story, by: number, type: string, payload: object) =>
  pick(story.who, by)
    .send(type, { thread: story.thread, ...payload })
    .catch((error) => expect(error.code).toMatch(/forbidden|message_not_found|invalid|unavailable/));

const say = fc.tuple(nth, content).map(([by, said]) =>
  named(`${by} says ${JSON.stringify(said)}`, (story) => {
    const id = crypto.randomUUID();
    story.said.push({ id, by });
    return send(story, by, "message", { id, ...said, foo: { bar: id } });
  }),
);
const edit = fc.tuple(nth, changes).map(([i, said]) =>
  named(`${i} is corrected: ${JSON.stringify(said)}`, (it) => {
    const { id, by } = pick(it.said, i);
    return send(it, by, "edit", { id, ...said });
  }),
);
const retract = fc
  .tuple(nth, nth)
  .map(([by, i]) => named(`${by} takes ${i} back`, (it) => send(it, by, "retract", { id: pick(it.said, i).id })));
const react = fc
  .tuple(nth, nth, fc.constantFrom(...EMOJI), fc.boolean())
  .map(([by, i, emoji, remove]) =>
    named(`${by} ${remove ? "takes" : "puts"} ${emoji} ${remove ? "from" : "to"} ${i}`, (it) =>
      send(it, by, "reaction", { id: pick(it.said, i).id, emoji, remove }),
    ),
  );
const write = fc.oneof(say, edit, edit, retract, react, react, react);
const burst = fc
  .array(write, { minLength: 2, maxLength: 5 })
  .map((all) =>
    named(`at once: ${all.map(fc.stringify).join("; ")}`, (it) => Promise.all(all.map((step) => step(it)))),
  );

const read = fc.tuple(nth, limit).map(([i, most]) => named(`page ${i} reads ${most}`, (it) => follow(it, i, most)));
/** Opens another page with the cursor of an older one; it shows what that one shows, or the history as it is now. */
const open = fc.tuple(nth, fc.boolean()).map(([i, fresh]) =>
  named(`page ${i} is opened again${fresh ? ", by the history" : ""}`, async (it) => {
    const { reader, mirror } = pick(it.pages, i);
    const other = mirror.copy();
    if (fresh) other.show(it.thread, await history(reader, it.thread));
    it.pages.push({ reader, mirror: other });
  }),
);
const forget = fc.constant(named("the tail forgets", async () => tail.reset("test")));
const trim = fc.integer({ min: 1, max: 8 }).map((kept) =>
  named(`the log is trimmed to ${kept}`, async (it) => {
    await redis("XTRIM", chat.keys.events(it.thread), "MAXLEN", kept);
    tail.reset("test");
  }),
);

/** Reads on for one page; returns whether there was something. */
async function follow({ pages, thread }: Story, i: number, most: number): Promise<boolean> {
  const { reader, mirror } = pick(pages, i);
  const { cursor, stanzas } = await ask(reader, mirror.at, most);
  for (const gone of mirror.take(cursor, stanzas)) mirror.show(gone, await history(reader, thread));
  return stanzas.length > 0;
}

async function history(reader: Someone, thread: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let after = 0; ; after += 100) {
    const { messages, last } = await page(chat, reader.caller, thread, { after, limit: 100 });
    all.push(...messages.map((it) => JSON.parse(it)));
    if (after + 100 >= last) return all;
  }
}

// No story begins when time is up.
it("a client that replays the stream from any cursor shows what the history has", async () => {
  const until = Date.now() + 4_000;
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: write },
      { weight: 2, arbitrary: burst },
      { weight: 4, arbitrary: read },
      { weight: 2, arbitrary: open },
      { weight: 1, arbitrary: fc.oneof(forget, trim) },
    ),
    { maxLength: 40, size: "max" },
  );
  const property = fc.asyncProperty(steps, async (story) => {
    if (Date.now() > until) return;
    const { ann, ben, cid } = people();
    const who = [ann, ben, cid];
    const pages = who.map((reader) => ({ reader, mirror: new Mirror(reader.id, reader.at ?? { epoch: "", n: 0 }) }));
    const world: Story = { thread: await room(ann, [ben, cid]), who, said: [], pages };
    const id = crypto.randomUUID();
    world.said.push({ id, by: 0 });
    await ann.send("message", { thread: world.thread, id, text: "Tea?" });
    for (const step of story) await step(world);
    const shown = (messages: unknown[]) => {
      const mirror = new Mirror("", { epoch: "", n: 0 });
      mirror.show(world.thread, messages);
      return mirror.messages(world.thread);
    };
    const truth = shown(await history(ann, world.thread));
    for (const [i, { mirror }] of pages.entries()) {
      while (await follow(world, i, 100));
      expect(mirror.messages(world.thread)).toEqual(truth);
    }
    const newest = shown([(await view(chat, ann.caller, world.thread)).last]);
    expect(newest).toEqual(truth.slice(-1));
  });
  await fc.assert(property, { numRuns: 100 });
}, 60_000);
