import { PART } from "../../lib/chat/archive.js";
import { page } from "../../lib/chat/history.js";
import { compose } from "../../lib/chat.js";
import { parseConfig } from "../../lib/config.js";
import { encode } from "../../lib/store/keys.js";
import { backend } from "../support/backend.js";
import { SECRET } from "../support/site.js";
import { type Curve, median } from "./curve.js";

const SIZES = [10, 1_000, 100_000, 1_000_000];

/** Messages in the store: the newest page of a thread, and one from its middle. The lists are filled past the chat, in its own form. */
export async function history(): Promise<Curve[]> {
  const newest: Curve = { what: "messages of a thread: the newest page", unit: "ms", points: [] };
  const middle: Curve = { what: "messages of a thread: a page from the middle", unit: "ms", points: [] };
  const store = await backend();
  const chat = compose(parseConfig({ jwtSecret: SECRET }, store.environment));
  const { keys } = chat;
  const me = "reader";
  const caller = { actor: { id: me, objectType: "person" }, sha: "", expires: Number.POSITIVE_INFINITY };
  for (const size of SIZES) {
    const thread = `history.${size}`;
    await store.redis.hSet(keys.thread(thread), { kind: "room", seq: size, [`role:${encode(me)}`]: "member" });
    for (let seq = 1; seq <= size; seq += PART) {
      const some = Array.from({ length: Math.min(PART, size - seq + 1) }, (_, i) => message(thread, seq + i));
      await store.redis.rPush(keys.messages(thread, (seq - 1) / PART), some);
    }
    newest.points.push({ at: size, value: await median(() => page(chat, caller, thread, {})) });
    middle.points.push({
      at: size,
      value: await median(() => page(chat, caller, thread, { before: Math.ceil(size / 2) + 1 })),
    });
  }
  chat.store.close();
  await store.stop();
  return [newest, middle];
}

function message(thread: string, seq: number): string {
  const sender = { id: "writer", objectType: "person", displayName: "Writer" };
  const text = `Message ${seq}`.padEnd(100, ".");
  const id = `00000000-0000-4000-8000-${`${seq}`.padStart(12, "0")}`;
  const timestamp = "2026-01-01T00:00:00.000Z";
  return JSON.stringify({ id, type: "plain", text, attachments: [], sender, thread, timestamp, seq });
}
