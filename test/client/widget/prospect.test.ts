import { describe, expect, it } from "vitest";
import type { Thread } from "../../../lib/client/protocol/stanza.js";
import { addThreads, EMPTY } from "../../../lib/client/view/inbox.js";
import { directThread } from "../../../lib/client/widget/prospect.js";

const direct = (id: string, entities: string[]): Thread => ({
  ...{ id, kind: "direct", seq: 0, unread: 0, created: "", updated: "", memberCount: entities.length },
  members: entities.map((entity) => ({ entity, role: "member", read: 0 })),
});

describe("directThread()", () => {
  const inbox = addThreads({ ...EMPTY, me: { id: "ann" } }, [
    direct("three", ["ann", "ben", "cid"]),
    direct("two", ["ann", "ben"]),
    direct("one", ["ann"]),
    { ...direct("room", ["ann", "dan"]), kind: "room" },
  ]);

  it.each([
    ["ben", "two"],
    ["ann", "one"],
    ["cid", undefined],
    ["dan", undefined],
  ])("finds for %s the thread %s", (entity, id) => {
    expect(directThread(inbox, entity)).toBe(id);
  });
});
