import { beforeEach, describe, expect, it } from "vitest";
import { Ledger } from "../../../lib/client/follow/continuity.js";
import { Feed } from "../../../lib/client/follow/feed.js";
import type { Stanza } from "../../../lib/client/protocol/stanza.js";
import { Trail } from "../../../lib/client/tabs/feed-history.js";

let told: Stanza[];
let feed: Feed;
let trail: Trail;
beforeEach(() => {
  told = [];
  const hand = async (stanza: Stanza) => void told.push(stanza);
  feed = new Feed(new Ledger(), hand, new AbortController().signal);
  feed.at = "1";
  trail = new Trail(feed);
});

const message = (seq: number): Stanza => ({
  type: "message",
  message: { id: `${seq}`, thread: "t", seq, timestamp: "" },
});
const take = (prev: string, cursor: string, ...seqs: number[]) =>
  feed.take({ answer: { timestamp: "", prev, cursor, stanzas: seqs.map(message) }, asked: prev });

describe("Trail", () => {
  it("goes on from where the feed is, and from where it has been", async () => {
    expect(trail.continues("1")).toBe(true);
    await take("1", "5", 1, 2);
    await take("5", "9", 3);
    expect(["1", "5", "9", "7"].map((at) => trail.continues(at))).toEqual([true, true, true, false]);
  });

  it("tells once what two tabs were told in different pieces", async () => {
    await take("1", "5", 1, 2);
    await take("5", "7", 3, 4);
    // Another tab leads, which had seen less, and was told more at once.
    expect(trail.continues("5")).toBe(true);
    await take("5", "9", 3, 4, 5);
    expect(told).toEqual([1, 2, 3, 4, 5].map(message));
    expect(feed.at).toBe("9");
  });

  it("goes on from a position between its own that is known to have been passed", async () => {
    await take("1", "7", 1, 2, 3);
    expect(trail.continues("5")).toBe(false);
    trail.pass("5");
    expect(trail.continues("5")).toBe(true);
    await take("5", "9", 3, 4);
    expect(told).toEqual([1, 2, 3, 4].map(message));
  });
});
