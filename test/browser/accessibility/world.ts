import { randomUUID } from "node:crypto";
import { asThread, type Outsider, outsider } from "../../support/outsider.js";
import { type Site, session, site } from "../../support/site.js";

/** A deployment in which people have talked about tea, with one of everything that a message can be. */
export type World = {
  server: Site;
  ann: Outsider;
  ben: Outsider;
  /** Somebody who has not joined yet. */
  dan: Outsider;
  /** A room of Ann's. */
  tea: string;
  /** A room where Ann only reads. */
  news: string;
  /** The code of an invite to the room. */
  code: string;
};

// Fixed, as the times are, so that what is displayed is the same each time: the colour of a room follows from its id.
const TEA = "0b9a4a5e-3c0e-4a6e-9d59-1f0d7c1f0a01";
const NEWS = "0b9a4a5e-3c0e-4a6e-9d59-1f0d7c1f0a02";
const OLD = "0b9a4a5e-3c0e-4a6e-9d59-1f0d7c1f0a03";
/** When somebody looks at it all. */
export const NOW = "2026-03-02T10:42:00.000Z";
const at = (minute: number) => `2026-03-02T10:${`${minute}`.padStart(2, "0")}:00.000Z`;
const idOf = (number: number) => `1c7d2f30-8a5b-4f0e-8f1a-${`${number}`.padStart(12, "0")}`;

const LIST = `<p>What we <b>need</b>:</p><ul><li>milk, and <i>no</i> cream</li><li><a href="https://a.example/sugar">sugar</a></li></ul>
<blockquote>No lemon?</blockquote><pre><code>kettle --on</code></pre>`;
const STORY = `How my grandmother made tea:${"\nShe put the kettle on, and waited.".repeat(30)}`;

/** Starts a deployment on a store, with more of its environment, and lets Ann, Ben and Cid talk. */
export async function createWorld(
  store: { url: string; token: string },
  environment: Record<string, string> = {},
): Promise<World> {
  const server = await site(store, {
    CHAT_PREFIX: `look-${randomUUID().slice(0, 8)}:`,
    CHAT_GUESTS: "1",
    ...environment,
  });
  const enter = (name: string) => outsider(server, name.toLowerCase(), { name });
  const [ann, ben, cid, dan] = [await enter("Ann"), await enter("Ben"), await enter("Cid"), await enter("Dan")];
  const room = async (by: Outsider, id: string, subject: string, members: string[]) =>
    asThread(await by.call("POST", "threads", { kind: "room", id, subject, members }));
  await room(ann, OLD, "Old plans", ["ben"]);
  await room(ben, NEWS, "News", ["ann"]);
  await ben.call("PATCH", `threads/${NEWS}`, { role: { entity: "ann", role: "visitor" } });
  const both = asThread(await ben.call("POST", "threads", { kind: "direct", members: ["ann"] })).id;
  await room(ann, TEA, "Tea", ["ben", "cid"]);
  const invite = await ann.call("POST", `threads/${TEA}/invites`, {});
  await importInto(server, OLD, [{ number: 1, sender: "ben", text: "Shall we sell coffee?" }]);
  // A new message shows a hidden thread again.
  await ann.send({ type: "setting", setting: { thread: OLD, hidden: true } });
  await importInto(server, NEWS, [{ number: 2, sender: "ben", text: "The new kettle is here" }]);
  await importInto(server, both, [{ number: 3, sender: "ben", text: "Are you there?" }], true);
  await talk(server, ann, ben, cid);
  return { server, ann, ben, dan, tea: TEA, news: NEWS, code: String(Object(invite.json).code) };
}

type Old = { number: number; sender: string } & Record<string, unknown>;

/** Puts messages into a thread as if they had been written at fixed times. */
async function importInto(server: Site, thread: string, old: Old[], unread = false): Promise<void> {
  const headers = { authorization: `Bearer ${await session("host", { scope: "chat:server" })}` };
  const messages = old.map(({ number, ...it }) => ({ id: idOf(number), timestamp: at(number), ...it }));
  const reply = await server.call("POST", `server/threads/${thread}/import`, { headers, body: { messages, unread } });
  if (reply.status !== 200) throw new Error(`Cannot import: ${reply.status} ${reply.text}`);
}

async function talk(server: Site, ann: Outsider, ben: Outsider, cid: Outsider): Promise<void> {
  const preview = { description: "How it grows, and how it is made" };
  const recipe = { url: "https://a.example/recipe.pdf", name: "recipe.pdf", size: 123_000 };
  await importInto(server, TEA, [
    { number: 10, sender: "ben", text: STORY },
    { number: 12, sender: "cid", text: "Never mind" },
    {
      ...{ number: 14, sender: "cid", text: "I found something to read", replyTo: idOf(10) },
      attachments: [recipe, { url: "https://a.example/tea", name: "All about tea", contentType: "text/html", preview }],
    },
    { number: 20, sender: "cid", type: "html", text: LIST },
    { number: 21, sender: "ben", text: "Who brings milk? @Ann, see https://a.example/list", mentions: ["ann"] },
    { number: 25, sender: "ann", text: "I bring milk and sugar", replyTo: idOf(21) },
    { number: 26, sender: "ben", text: "Coffee is better" },
  ]);
  await cid.send({ type: "retract", retract: { thread: TEA, id: idOf(12) } });
  const react = (who: Outsider, number: number, emoji: string) =>
    who.send({ type: "reaction", reaction: { thread: TEA, id: idOf(number), emoji } });
  await react(ann, 21, "🎉");
  await react(cid, 21, "👍");
  await react(ben, 25, "❤️");
  await ann.send({ type: "report", report: { thread: TEA, id: idOf(26), reason: "spam: He sells coffee" } });
}

/** The session of a moderator, as a cookie of the deployment. */
export async function moderator({ server }: World) {
  return { name: "chat_session", value: await session("mod", { role: "moderator" }), url: server.url };
}
