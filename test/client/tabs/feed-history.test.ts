import { beforeEach, describe, expect, it } from "vitest";
import { ContinuityTracker } from "../../../lib/client/follow/continuity.js";
import { Feed } from "../../../lib/client/follow/feed.js";
import type { Stanza } from "../../../lib/client/protocol/stanza.js";
import { FeedHistory } from "../../../lib/client/tabs/feed-history.js";

let delivered: Stanza[];
let feed: Feed;
let history: FeedHistory;
beforeEach(() => {
  delivered = [];
  const handle = async (stanza: Stanza) => void delivered.push(stanza);
  feed = new Feed(new ContinuityTracker(), handle, new AbortController().signal);
  feed.cursor = "1";
  history = new FeedHistory(feed);
});

const message = (seq: number): Stanza => ({
  type: "message",
  message: { id: `${seq}`, thread: "t", seq, timestamp: "" },
});
const take = (prev: string, cursor: string, ...seqs: number[]) =>
  feed.deliver({ answer: { timestamp: "", prev, cursor, stanzas: seqs.map(message) }, asked: prev });

describe("FeedHistory", () => {
  it("continues from the position of the feed, and from earlier ones", async () => {
    expect(history.continues("1")).toBe(true);
    await take("1", "5", 1, 2);
    await take("5", "9", 3);
    expect(["1", "5", "9", "7"].map((at) => history.continues(at))).toEqual([true, true, true, false]);
  });

  it("delivers once what two tabs received in different parts", async () => {
    await take("1", "5", 1, 2);
    await take("5", "7", 3, 4);
    // Another tab becomes the leader. It had received less before, and receives more at once.
    expect(history.continues("5")).toBe(true);
    await take("5", "9", 3, 4, 5);
    expect(delivered).toEqual([1, 2, 3, 4, 5].map(message));
    expect(feed.cursor).toBe("9");
  });

  it("continues from a position between its own that the feed has passed", async () => {
    await take("1", "7", 1, 2, 3);
    expect(history.continues("5")).toBe(false);
    history.pass("5");
    expect(history.continues("5")).toBe(true);
    await take("5", "9", 3, 4);
    expect(delivered).toEqual([1, 2, 3, 4].map(message));
  });
});
