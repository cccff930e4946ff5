import { describe, expect, it } from "vitest";
import { clock } from "../../../lib/client/environment/backoff.js";
import { ReadPositions } from "../../../lib/client/send/read-positions.js";

/** Positions on a clock that stands until it is moved, and what was sent. */
function positions(send: (seq: number) => Promise<void> = async () => {}) {
  const sent: string[] = [];
  const closed = new AbortController();
  let now = 1_000_000;
  let wakes: (() => void)[] = [];
  const still = {
    ...clock,
    now: () => now,
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const end = now + ms;
        const wake = () => (signal.aborted || now >= end ? resolve() : wakes.push(wake));
        wakes.push(wake);
        signal.addEventListener("abort", () => resolve());
      }),
  };
  const move = (ms: number) => {
    now += ms;
    const due = wakes;
    wakes = [];
    for (const wake of due) wake();
  };
  const reads = new ReadPositions(
    (thread, seq, last) => {
      sent.push(`${thread} ${seq}${last ? " at last" : ""}`);
      return send(seq);
    },
    still,
    closed.signal,
  );
  return { reads, sent, closed, move };
}

describe("read receipts of a client", () => {
  it("are sent at once, and then at most one in two seconds, the newest", async () => {
    const { reads, sent, move } = positions();
    await reads.read("t", 1);
    const rest = [2, 4, 3].map((seq) => reads.read("t", seq));
    move(1_900);
    expect(sent).toEqual(["t 1"]);
    move(100);
    await Promise.all(rest);
    expect(sent).toEqual(["t 1", "t 4"]);
  });

  it("of other threads do not wait for each other", async () => {
    const { reads, sent } = positions();
    await Promise.all([reads.read("t", 1), reads.read("u", 5)]);
    expect(sent).toEqual(["t 1", "u 5"]);
  });

  it("are sent when the page is hidden, and when the chat closes", async () => {
    const { reads, sent, closed } = positions();
    await reads.read("t", 1);
    const hidden = reads.read("t", 2);
    reads.flush();
    await hidden;
    const left = reads.read("t", 3);
    closed.abort();
    await left;
    expect(sent).toEqual(["t 1", "t 2", "t 3 at last"]);
    await expect(reads.read("t", 4)).rejects.toThrow();
  });

  it("that failed can be sent again", async () => {
    const { reads, sent, move } = positions((seq) =>
      seq === 1 ? Promise.reject(new Error("down")) : Promise.resolve(),
    );
    await expect(reads.read("t", 1)).rejects.toThrow("down");
    const again = reads.read("t", 2);
    move(2_000);
    await again;
    expect(sent).toEqual(["t 1", "t 2"]);
  });
});
