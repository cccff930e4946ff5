import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HeldPolls, Poll } from "../../lib/log/held-polls.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Waits on a poll; returns how many ms that took. */
async function wait(poll: Poll, ms: number, signal = new AbortController().signal): Promise<number> {
  const began = Date.now();
  await poll.rung(ms, signal);
  return Date.now() - began;
}

describe("a poll", () => {
  it("waits until its time is up", async () => {
    const waited = wait(new Poll("ann", undefined), 500);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await waited).toBe(500);
  });

  it("is woken by a ring", async () => {
    const poll = new Poll("ann", undefined);
    const waited = wait(poll, 500);
    await vi.advanceTimersByTimeAsync(200);
    poll.ring();
    expect(await waited).toBe(200);
  });

  it("no loss: keeps a ring that came before it waited, once", async () => {
    const poll = new Poll("ann", undefined);
    poll.ring();
    poll.ring();
    expect(await wait(poll, 500)).toBe(0);
    const waited = wait(poll, 500);
    await vi.advanceTimersByTimeAsync(500);
    expect(await waited).toBe(500);
  });

  it("is woken when its client disconnects, and leaves nothing behind", async () => {
    const gone = new AbortController();
    const removed = vi.spyOn(gone.signal, "removeEventListener");
    const waited = wait(new Poll("ann", undefined), 500, gone.signal);
    await vi.advanceTimersByTimeAsync(100);
    gone.abort();
    expect(await waited).toBe(100);
    expect(removed).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is served is not woken by what its server takes, but by what it does not, and by its end", async () => {
    const poll = new Poll("ann", undefined);
    const rings: boolean[] = [];
    poll.serve = (own) => rings.push(own) < 3;
    const waited = wait(poll, 500);
    await vi.advanceTimersByTimeAsync(100);
    poll.ring();
    poll.ring(true);
    await vi.advanceTimersByTimeAsync(100);
    poll.ring();
    expect(await waited).toBe(200);
    expect(rings).toEqual([false, true, false]);
    const ended = wait(poll, 500);
    poll.end("closing");
    expect(await ended).toBe(0);
    expect(rings.length).toBe(3);
  });

  it("that is served is rung as scheduled, however often it is rung in the meantime", async () => {
    const poll = new Poll("ann", undefined);
    const served: number[] = [];
    poll.serve = (own) => {
      if (own) poll.ringIn(50);
      else served.push(Date.now() - began);
      return true;
    };
    const began = Date.now();
    void wait(poll, 10_000);
    for (let ms = 0; ms < 200; ms += 10) {
      poll.ring(true);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(served).toEqual([50, 100, 150, 200]);
  });

  it("that is patient is not woken by what its user did, but by what others do", async () => {
    const polls = new HeldPolls();
    const poll = polls.hold("ann", undefined);
    poll.patient = true;
    const waited = wait(poll, 500);
    await vi.advanceTimersByTimeAsync(100);
    polls.ring("ann", "post", true);
    await vi.advanceTimersByTimeAsync(100);
    polls.ring("ann", "post");
    expect(await waited).toBe(200);
  });

  it("does not wait for a client that has disconnected", async () => {
    expect(await wait(new Poll("ann", undefined), 500, AbortSignal.abort())).toBe(0);
  });

  it("keeps the first reason for which it was ended", async () => {
    const poll = new Poll("ann", undefined);
    poll.end("revoked");
    poll.end("closing");
    expect(poll.ending).toBe("revoked");
    expect(await wait(poll, 500)).toBe(0);
  });

  it("is rung once within a time, however often that is asked for", async () => {
    const poll = new Poll("ann", undefined);
    poll.ringIn(100);
    poll.ringIn(100);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(await wait(poll, 500)).toBe(0);
    poll.ringIn(100);
    poll.ring();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("held polls", () => {
  it("are rung by user", async () => {
    const polls = new HeldPolls();
    const [ann, ben] = [polls.hold("ann", undefined), polls.hold("ben", undefined)];
    polls.ring("ann", "post");
    const waited = Promise.all([wait(ann, 500), wait(ben, 500)]);
    await vi.advanceTimersByTimeAsync(500);
    expect(await waited).toEqual([0, 500]);
  });

  it("are rung by delivery receipts only where they ask for them", async () => {
    const polls = new HeldPolls();
    const [plain, asking] = [polls.hold("ann", undefined), polls.hold("ann", undefined, true)];
    polls.ring("ann", "delivered");
    const waited = Promise.all([wait(plain, 500), wait(asking, 500)]);
    await vi.advanceTimersByTimeAsync(500);
    expect(await waited).toEqual([500, 0]);
  });

  it("bounded: are at most eight a user; the oldest that waits is ended for the next", () => {
    const polls = new HeldPolls();
    const held = Array.from({ length: 10 }, () => polls.hold("ann", undefined));
    polls.hold("ben", undefined);
    expect(held.map((poll) => poll.ending)).toEqual(["crowded", "crowded", ...Array(8).fill(undefined)]);
  });

  it("of a crowd are as many as it may hold, whoever holds them; the oldest ends", () => {
    const polls = new HeldPolls();
    const crowd = { name: "10.0.0.1", most: 3 };
    const hold = (entity: string, of: typeof crowd | undefined = crowd) => polls.hold(entity, undefined, false, of);
    const held = [hold("ann"), hold("ben"), hold("cleo"), hold("dan"), hold("eve", { name: "10.0.0.2", most: 3 })];
    held.push(polls.hold("host", undefined));
    expect(held.map((poll) => poll.ending)).toEqual(["crowded", ...Array(5).fill(undefined)]);
    for (const poll of held.slice(0, 3)) polls.release(poll);
    const later = [hold("ann"), hold("ben"), hold("cleo")];
    expect([held[3], ...later].map((poll) => poll?.ending)).toEqual(["crowded", undefined, undefined, undefined]);
  });

  it("do not count one that was ended but is not yet released", () => {
    const polls = new HeldPolls();
    const [first] = Array.from({ length: 8 }, () => polls.hold("ann", "sha"));
    first?.end("revoked");
    polls.hold("ann", "sha");
    expect(Array.from({ length: 1 }, () => polls.hold("ann", "sha")).map((poll) => poll.ending)).toEqual([undefined]);
  });

  it("bounded: leave nothing behind when they are released, once or twice", () => {
    const polls = new HeldPolls();
    const held = [polls.hold("ann", undefined), polls.hold("ann", undefined)];
    for (const poll of [...held, ...held]) polls.release(poll);
    expect([polls.size, polls.has("ann")]).toEqual([0, false]);
  });

  it("are ended with their token", () => {
    const polls = new HeldPolls();
    const held = ["one", "two", undefined].map((sha) => polls.hold("ann", sha));
    polls.endTokens(new Set(["two", "three"]));
    expect(held.map((poll) => poll.ending)).toEqual([undefined, "revoked", undefined]);
  });

  it("are rung, and counted, when they are behind the clock or in another epoch", async () => {
    const polls = new HeldPolls();
    const at = (epoch: string, n: number) => Object.assign(polls.hold("ann", undefined), { at: { epoch, n } });
    const held = [at("e", 4), at("e", 5), at("another", 9), polls.hold("ann", undefined)];
    expect(polls.ringBehind({ epoch: "e", n: 5, tag: "" })).toBe(3);
    const waited = Promise.all(held.map((poll) => wait(poll, 500)));
    await vi.advanceTimersByTimeAsync(500);
    expect((await waited).map((ms) => ms < 10)).toEqual([true, false, true, true]);
  });

  it("are woken within a second when all must ask the store, but not all at once", async () => {
    const polls = new HeldPolls();
    const held = Array.from({ length: 1_000 }, (_, i) => polls.hold(`user${i}`, undefined));
    polls.ringAll();
    const waited = Promise.all(held.map((poll) => wait(poll, 5_000)));
    await vi.advanceTimersByTimeAsync(5_000);
    const times = await waited;
    expect(Math.max(...times)).toBeLessThanOrEqual(1_000);
    expect(times.filter((ms) => ms < 100).length).toBeLessThan(250);
  });

  it("are ended when the instance closes, and so are those that come later", () => {
    const polls = new HeldPolls();
    const held = polls.hold("ann", undefined);
    polls.close();
    expect([held.ending, polls.hold("ben", undefined).ending]).toEqual(["closing", "closing"]);
  });
});
