import { backend } from "../support/backend.js";
import { chat } from "../support/chat.js";
import { SECRET } from "../support/site.js";
import { type Curve, median } from "./curve.js";

const SIZES = [1, 10, 100, 500, 2_000];

/** Threads of one user: a poll from memory, and a read of everything after a cursor that memory does not reach. */
export async function threads(): Promise<Curve[]> {
  const warm: Curve = { what: "threads of a user: a warm poll", unit: "ms", points: [] };
  const cold: Curve = { what: "threads of a user: a cold read", unit: "ms", points: [] };
  const store = await backend();
  const server = await chat({}, store);
  const first = await server.connect("first", () => undefined);
  for (const size of SIZES) for (let i = 0; i < size; i++) await first.gather([`user.of.${size}`]);
  first.close();
  await server.stop();
  // The functions below the edge, in this process: HTTP is measured elsewhere.
  Object.assign(process.env, store.environment, { CHAT_JWT_SECRET: SECRET });
  const [{ standing, after }, { meet }, { read }, { tail }] = await Promise.all([
    import("../../lib/log/cold-read.js"),
    import("../../lib/log/membership-cache.js"),
    import("../../lib/stream/catch-up.js"),
    import("../../lib/log/tail.js"),
  ]);
  tail.open();
  const { signal } = new AbortController();
  for (const size of SIZES) {
    const entity = `user.of.${size}`;
    const caller = { actor: { id: entity, objectType: "person" }, sha: "", expires: Number.POSITIVE_INFINITY };
    const { clock } = await standing(entity);
    // One event before the end, which is nobody's here: of an answer at the end itself the log is not asked.
    const at = { epoch: clock.epoch, n: clock.n - 1 };
    const coldly = async () => {
      const now = await standing(entity);
      await after(meet(entity, now.memberships, now.blocked, Date.now()), at, now.clock, 100);
    };
    const poll = tail.hold(entity, undefined, false);
    const terms = { limit: 100, delivered: false, first: false, keep: false };
    const warmly = () => read(caller, clock, terms, signal);
    cold.points.push({ at: size, value: await median(coldly) });
    warm.points.push({ at: size, value: await median(warmly) });
    tail.release(poll);
  }
  tail.close();
  await store.stop();
  return [warm, cold];
}
