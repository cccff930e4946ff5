import { describe, expect, it } from "vitest";
import { NetworkPath } from "../../../lib/client/follow/network-path.js";

const DAY = 86_400_000;

function memory() {
  const store = new Map<string, string>();
  return {
    get: (name: string) => store.get(name),
    set: (name: string, text: string) => void store.set(name, text),
    clear: () => store.clear(),
  };
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
    const path = new NetworkPath(undefined, 0);
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
    const path = new NetworkPath(undefined, 0);
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
});
