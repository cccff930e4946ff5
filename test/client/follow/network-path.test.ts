import { describe, expect, it } from "vitest";
import { NetworkPath } from "../../../lib/client/follow/network-path.js";

const DAY = 86_400_000;

function memory() {
  const store = new Map<string, string>();
  return {
    get: (name: string) => store.get(name),
    set: (name: string, text: string) => void store.set(name, text),
    clear: () => store.clear(),
    copy: () => new Map(),
    watch: () => () => {},
  };
}

function withoutStreams() {
  const path = new NetworkPath(undefined, 0);
  path.heldBack(0);
  return path;
}

describe("NetworkPath", () => {
  it("lengthens its wait after polls that survived, up to the maximum", () => {
    const path = new NetworkPath(undefined, 0);
    expect(path.wait).toBe(25);
    for (let i = 0; i < 3; i++) path.lived(path.wait, 0);
    expect(path.wait).toBe(55);
    for (let i = 0; i < 9; i++) path.lived(path.wait, 0);
    expect(path.wait).toBe(55);
  });

  it("shortens its wait below the age at which a poll died", () => {
    const path = withoutStreams();
    path.died(10, 0);
    expect(path.wait).toBe(5);
    expect(path.mode).toBe("long-poll");
  });

  it("ignores one poll that died, and concludes a limit from two of the same age", () => {
    const path = new NetworkPath(undefined, 0);
    path.died(20, 0);
    for (let i = 0; i < 3; i++) path.lived(15, 0);
    expect(path.wait).toBe(25);
    path.died(20, 0);
    path.died(19, 0);
    for (let i = 0; i < 9; i++) path.lived(15, 0);
    expect(path.wait).toBe(15);
  });

  it("stops holding polls where none survives a few seconds", () => {
    const path = withoutStreams();
    for (let i = 0; i < 2; i++) path.died(3, 0);
    expect(path.mode).toBe("short-poll");
  });

  it("remembers what it learnt for a day", () => {
    const store = memory();
    new NetworkPath(store, 0).died(10, 0);
    expect(new NetworkPath(store, DAY - 1).wait).toBe(5);
    expect(new NetworkPath(store, DAY).wait).toBe(25);
    store.set("path", "{broken");
    expect(new NetworkPath(store, 0).wait).toBe(25);
  });

  it("forgets what it learnt while the clock was wrong by days", () => {
    const store = memory();
    const wrong = new NetworkPath(store, 400 * DAY);
    wrong.died(10, 400 * DAY);
    wrong.heldBack(400 * DAY);
    const path = new NetworkPath(store, 0);
    expect([path.wait, path.isLive(0)]).toEqual([25, true]);
  });

  it("lets event streams be read until the first one is held back, and again a day later", () => {
    const store = memory();
    const path = new NetworkPath(store, 0);
    expect(path.isLive(0)).toBe(true);
    path.heldBack(1_000);
    for (const it of [path, new NetworkPath(store, 2_000)]) {
      expect([it.isLive(2_000), it.isLive(DAY + 999), it.isLive(DAY + 1_000)]).toEqual([false, false, true]);
    }
  });

  it("gives up event streams that die young twice in a row, not those that grew old or ended in order", () => {
    const path = new NetworkPath(undefined, 0);
    for (const [how, seconds] of [
      ["died", 10],
      ["died", 90],
      ["died", 10],
      ["in order", 10],
      ["died", 59],
    ] as const) {
      path.streamEnded(how, seconds, 0);
      expect(path.mode).toBe("live");
    }
    path.streamEnded("died", 1, 0);
    expect(path.mode).toBe("long-poll");
  });

  it("forgives a path that has streamed one stream that is held back", () => {
    const path = new NetworkPath(undefined, 0);
    path.streamed(0);
    path.heldBack(0);
    expect(path.mode).toBe("live");
    path.heldBack(0);
    expect(path.mode).toBe("long-poll");
  });

  it("knows nothing of streams on another network, and remembers nothing of what went wrong before", () => {
    const store = memory();
    const path = new NetworkPath(store, 0);
    path.heldBack(0);
    path.changed();
    expect([path.isLive(0), new NetworkPath(store, 0).isLive(0)]).toEqual([true, true]);
    path.streamEnded("died", 1, 0);
    path.unreachable();
    path.streamEnded("died", 1, 0);
    expect(path.mode).toBe("live");
  });

  it("measures the wait again after a day, and keeps what it has learnt of streams meanwhile", () => {
    const store = memory();
    const path = new NetworkPath(store, 0);
    path.died(10, 0);
    path.heldBack(DAY / 2);
    const later = new NetworkPath(store, DAY);
    expect([later.wait, later.isLive(DAY)]).toEqual([25, false]);
    later.died(10, DAY);
    expect(new NetworkPath(store, DAY * 1.5).isLive(DAY * 1.5)).toBe(true);
  });
});
