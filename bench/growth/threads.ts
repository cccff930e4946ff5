import { setTimeout as sleep } from "node:timers/promises";
import { compose } from "../../lib/chat.js";
import { parseConfig } from "../../lib/config.js";
import { readAfter } from "../../lib/log/cold-read.js";
import { createMember } from "../../lib/log/membership-cache.js";
import { readSnapshot } from "../../lib/log/memberships.js";
import { catchUp } from "../../lib/stream/catch-up.js";
import { backend } from "../support/backend.js";
import * as subject from "../support/chat.js";
import { SECRET } from "../support/site.js";
import { type Curve, median } from "./curve.js";

const SIZES = [1, 10, 100, 500, 2_000];

/** Threads of one user: a poll from memory, and a read of everything after a cursor that memory does not reach. */
export async function threads(): Promise<Curve[]> {
  const warm: Curve = { what: "threads of a user: a warm poll", unit: "ms", points: [] };
  const cold: Curve = { what: "threads of a user: a cold read", unit: "ms", points: [] };
  const store = await backend();
  const server = await subject.chat({}, store);
  const first = await server.connect("first", () => undefined);
  for (const size of SIZES) for (let i = 0; i < size; i++) await first.gather([`user.of.${size}`]);
  first.close();
  await server.stop();
  // The functions below the edge, in this process: HTTP is measured elsewhere.
  const chat = compose(parseConfig({ jwtSecret: SECRET }, store.environment));
  const { tail } = chat;
  tail.open();
  while (!tail.ready) await sleep(10);
  for (const size of SIZES) {
    const entity = `user.of.${size}`;
    const caller = { actor: { id: entity, objectType: "person" }, sha: "", expires: Number.POSITIVE_INFINITY };
    const { clock } = await readSnapshot(chat, entity);
    // One event before the end, which is nobody's here: of an answer at the end itself the log is not asked.
    const at = { epoch: clock.epoch, n: clock.n - 1 };
    const coldly = async () => {
      const { memberships, blocked, clock } = await readSnapshot(chat, entity);
      await readAfter(chat, createMember(entity, memberships, blocked, Date.now()), at, clock, 100);
    };
    const poll = tail.hold(entity, undefined, false);
    const warmly = () => catchUp(chat, caller, clock, { limit: 100 });
    cold.points.push({ at: size, value: await median(coldly) });
    warm.points.push({ at: size, value: await median(warmly) });
    tail.release(poll);
  }
  tail.close();
  chat.store.close();
  await store.stop();
  return [warm, cold];
}
