import fc from "fast-check";
import { describe, it } from "vitest";
import { ACTIONS, flood } from "../support/actions.js";
import { chat } from "../support/chat.js";
import { NAMES, World } from "../support/world.js";

/** Lets every user read to the end, from their newest cursor and from their first. */
async function drain(world: World, limit: number): Promise<void> {
  for (const who of NAMES) {
    for (const start of [world.cursors[who].at(-1), world.cursors[who][0]]) {
      let at = start ?? 0;
      do at = await world.ask(who, at, limit);
      while (world.model.awaits(who, at));
    }
  }
}

// fast-check prints the seed and path of a failure, which repeat it. No story begins when time is up.
async function tell(long: boolean) {
  const until = Date.now() + 6_000;
  const stories = fc.commands(ACTIONS, { maxCommands: long ? 40 : 80, size: "max" });
  const property = fc.asyncProperty(stories, async (story) => {
    if (Date.now() > until) return;
    const world = await World.begin(chat);
    try {
      if (long) await flood(world, world.room(0));
      await fc.asyncModelRun(() => ({ model: world, real: world }), story);
      await drain(world, long ? 100 : 7);
    } finally {
      await world.end();
    }
  });
  await fc.assert(property, { numRuns: 100 });
}

describe("order, no loss, no duplicates, idempotent, isolation:", () => {
  it("every user receives what belongs to them, whatever is sent again, lost, replayed or forgotten", async () => {
    await tell(false);
  }, 120_000);

  it("a thread whose log is trimmed past a cursor is named, and no other", async () => {
    await tell(true);
  }, 120_000);
});
