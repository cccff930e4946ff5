import { beforeEach, describe, expect, it } from "vitest";
import type { AttentionChange } from "../../../lib/client/environment/attention.js";
import type { LiveEnd, LiveWatch } from "../../../lib/client/follow/live.js";
import { NetworkPath } from "../../../lib/client/follow/network-path.js";
import { Poller } from "../../../lib/client/follow/poller.js";
import { ChatError } from "../../../lib/client/protocol/problem.js";
import type { Answer } from "../../../lib/client/protocol/stanza.js";

/** A world in which a minute is over at once: polls that are held let time pass, and so does staying away. */
let now: number;
let visible: boolean;
let changed: (change: AttentionChange) => void;
let asked: { at: number; cursor: string | undefined; wait: number }[];
let pauses: number[];
let over: AbortController;
/** The event streams to come: how long each lasts, and how it ends. With none, polls are all there is. */
let streams: {
  seconds: number;
  end?: LiveEnd["how"];
  pause?: number;
  during?: (watch: LiveWatch) => void;
}[];
let path: NetworkPath;
beforeEach(() => {
  now = 0;
  visible = true;
  asked = [];
  pauses = [];
  streams = [];
  path = new NetworkPath(undefined, 0);
  over = new AbortController();
});

const empty = (more: Partial<Answer> = {}): Answer => ({ timestamp: "", prev: "", cursor: "c", stanzas: [], ...more });

/** Follows until so many questions were asked; `answer` sees how many there were. */
async function follow(questions: number, answer: (count: number) => unknown = () => empty()) {
  const clock = {
    now: () => now,
    random: () => 1,
    async wait(ms: number, signal: AbortSignal) {
      await Promise.resolve();
      if (ms === 0 || signal.aborted) return;
      pauses.push(ms);
      now += ms;
    },
  };
  const attention = {
    get visible() {
      return visible;
    },
    offline: false,
    on(listener: (change: AttentionChange) => void) {
      changed = listener;
      return () => {};
    },
  };
  const failures: string[] = [];
  let at: string | undefined = "start";
  const live = async (cursor: string, watch: LiveWatch, signal: AbortSignal): Promise<LiveEnd> => {
    asked.push({ at: now, cursor, wait: -1 });
    const { seconds, end = "in order", pause = 0, during } = streams.shift() ?? { seconds: 0 };
    for (let left = seconds; left > 0; left -= 15) {
      now += Math.min(left, 15) * 1_000;
      watch.heard([]);
      during?.(watch);
      signal.throwIfAborted();
    }
    if (streams.length === 0) over.abort();
    return { how: end, pause };
  };
  const source = {
    async poll(cursor: string | undefined, wait: number): Promise<Answer> {
      asked.push({ at: now, cursor, wait });
      if (asked.length >= questions) over.abort();
      now += wait * 1_000;
      const given = answer(asked.length);
      if (given instanceof Error) throw given;
      return Object(given);
    },
    Error: ChatError,
    get live() {
      return streams.length > 0 ? live : undefined;
    },
    async receive(given: Answer) {
      if (given.stanzas.length >= 0) at = given.cursor;
    },
    failed: ({ code }: ChatError) => void failures.push(code),
  };
  await new Poller(source, path, attention, clock).run(() => at, over.signal);
  return failures;
}

const waits = () => asked.map(({ wait }) => wait);

describe("Poller", () => {
  it("polls at first without holding, and then holds each poll from the last cursor", async () => {
    await follow(4);
    expect(waits()).toEqual([0, 25, 25, 25]);
    expect(asked.map(({ cursor }) => cursor)).toEqual(["start", "c", "c", "c"]);
    expect(pauses).toEqual([]);
  });

  it("polls a hidden page at growing intervals from five minutes after the last event", async () => {
    visible = false;
    await follow(24);
    const released = asked.filter(({ wait, at }) => wait === 0 && at > 0);
    expect(released[0]?.at).toBeGreaterThan(300_000);
    expect(pauses.every((ms, i) => i === 0 || ms >= (pauses[i - 1] ?? 0))).toBe(true);
    expect(pauses.at(-1)).toBe(45_000);
  });

  it("holds polls again when the page becomes visible", async () => {
    visible = false;
    await follow(20, (count) => {
      if (count === 18) {
        visible = true;
        changed("visible");
      }
      return empty();
    });
    expect(waits().at(-1)).toBeGreaterThanOrEqual(25);
  });

  it("follows the advice of the deployment on pauses and holding while the page is hidden", async () => {
    visible = false;
    await follow(3, () => empty({ pause: 20, hold: 1 }));
    expect(waits()).toEqual([0, 1, 1]);
    expect(pauses).toEqual([20_000, 20_000]);
  });

  it("does not pause a visible page because it was quiet, but because the deployment is crowded", async () => {
    await follow(3, () => empty({ pause: 20, hold: 1 }));
    expect(waits()).toEqual([0, 25, 25]);
    expect(pauses).toEqual([]);
    [asked, over] = [[], new AbortController()];
    await follow(3, () => empty({ pause: 10 }));
    expect(pauses).toEqual([10_000, 10_000]);
  });

  it("retries with the same cursor after a failure, later each time, and obeys Retry-After", async () => {
    const failures = await follow(4, (count) => {
      if (count === 2) return new ChatError({ code: "unreachable", status: 0 });
      return count === 3 ? new ChatError({ code: "unavailable", status: 503 }, 5) : empty();
    });
    expect(failures).toEqual(["unreachable", "unavailable"]);
    expect(pauses).toEqual([500, 5_000, 1_000]);
    expect(waits()).toEqual([0, 25, 0, 0]);
  });

  it("treats a malformed response as a failure", async () => {
    expect(await follow(3, (count) => (count === 1 ? {} : empty()))).toEqual(["unreachable"]);
    expect(asked.map(({ cursor }) => cursor)).toEqual(["start", "start", "c"]);
  });

  it("polls later each time while responses come at once and are empty", async () => {
    await follow(8, (count) => {
      // As if the deployment, or a cache before it, had not held the poll.
      now -= (asked[count - 1]?.wait ?? 0) * 1_000;
      return empty();
    });
    expect(pauses).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800]);
  });

  it("polls anew when the page becomes visible, unless the poll is fresh", async () => {
    for (const [age, waited] of [
      [5, [0, 25, 0, 25]],
      [1, [0, 25, 25, 25]],
      // The clock was set back meanwhile, so that its age is not known.
      [-86_400, [0, 25, 0, 25]],
    ] as const) {
      [asked, over, path] = [[], new AbortController(), new NetworkPath(undefined, now)];
      const failures = await follow(4, (count) => {
        if (count !== 2) return empty();
        now += (age - 25) * 1_000;
        changed("visible");
        return age !== 1 ? new ChatError({ code: "unreachable", status: 0 }) : empty({ stanzas: [] });
      });
      expect(waits()).toEqual(waited);
      // What was given up did not fail.
      expect(failures).toEqual([]);
    }
  });

  it("polls anew when the page becomes visible after a failure, however fresh the poll is", async () => {
    await follow(4, (count) => {
      if (count < 3) return new ChatError({ code: "unreachable", status: 0 });
      // Aborted, the poll is asked again without a pause.
      if (count === 3) changed("visible");
      return count === 3 ? new ChatError({ code: "unreachable", status: 0 }) : empty();
    });
    expect(pauses).toEqual([500, 1_000]);
  });

  it("reports at once that the browser is offline, and checks that", async () => {
    const failures = await follow(3, (count) => {
      if (count !== 2) return empty();
      changed("offline");
      return new ChatError({ code: "unreachable", status: 0 });
    });
    expect(failures).toEqual(["unreachable"]);
    expect(waits()).toEqual([0, 25, 0]);
  });

  it("reads event streams after the first response, one after the other, from the last cursor", async () => {
    streams = [{ seconds: 240 }, { seconds: 240 }, { seconds: 240 }];
    await follow(99);
    expect(waits()).toEqual([0, -1, -1, -1]);
    expect(asked.map(({ cursor }) => cursor)).toEqual(["start", "c", "c", "c"]);
    expect(pauses).toEqual([]);
  });

  it("pauses between event streams as long as the server asks, and longer when they end at once", async () => {
    streams = [{ seconds: 30, pause: 10_000 }, { seconds: 0 }, { seconds: 0 }, { seconds: 30 }];
    await follow(99);
    expect(pauses).toEqual([10_000, 400, 800]);
  });

  it("goes back to polls at once where an event stream is held back, without a failure", async () => {
    streams = [{ seconds: 2, end: "held back" }, { seconds: 2 }];
    expect(await follow(6)).toEqual([]);
    expect(waits()).toEqual([0, -1, 0, 25, 25, 25]);
    expect(path.mode).toBe("long-poll");
  });

  it("goes back to polls after two event streams in a row that died young", async () => {
    const young = { seconds: 10, end: "died" } as const;
    streams = [young, { seconds: 240 }, young, { seconds: 100, end: "died" }, young, young, young];
    expect(await follow(20)).toEqual([]);
    expect(waits()).toEqual([0, -1, 0, -1, -1, 0, -1, 0, -1, 0, -1, 0, 25, 25, 25, 55, 55, 55, 55, 55]);
  });

  it("does not blame the path for streams that die with the deployment", async () => {
    const young = { seconds: 10, end: "died" } as const;
    streams = [young, young, young, { seconds: 240 }];
    await follow(99, (count) => (count % 3 === 0 ? new ChatError({ code: "unreachable", status: 0 }) : empty()));
    expect(path.isLive(now)).toBe(true);
  });

  it("tries event streams again when the network changes", async () => {
    streams = [{ seconds: 2, end: "held back" }, { seconds: 30 }];
    await follow(99, (count) => {
      if (count === 5) changed("online");
      return empty();
    });
    expect(waits()).toEqual([0, -1, 0, 25, 25, -1]);
  });

  it("lets go of the event stream of a hidden page five minutes after the last event, not of a visible one", async () => {
    streams = [{ seconds: 780 }, { seconds: 1 }];
    await follow(99);
    expect(asked.at(-1)?.at).toBe(780_000);
    visible = false;
    [asked, over, streams] = [[], new AbortController(), [{ seconds: 780 }, { seconds: 1 }]];
    const began = now;
    await follow(6);
    expect(waits()).toEqual([0, -1, 0, 0, 0, 0]);
    expect((asked[2]?.at ?? 0) - began).toBe(315_000);
  });
});
