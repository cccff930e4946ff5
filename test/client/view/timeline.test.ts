import { describe, expect, it } from "vitest";
import type { Entry } from "../../../lib/client/view/entry.js";
import { timeline } from "../../../lib/client/view/timeline.js";

const entry = (seq: number, by: string, time: string): Entry => ({
  ...{ id: `m${seq}`, thread: "t", seq, timestamp: new Date(`2026-02-${time}`).toISOString(), sender: { id: by } },
});
const shown = (entries: Entry[], read = 100) =>
  timeline(entries, "ann", read).map((row) =>
    row.kind === "entry" ? `${row.first ? "[" : ""}${row.entry.id}${row.last ? "]" : ""}` : row.kind,
  );

describe("timeline()", () => {
  it("groups consecutive messages of one user", () => {
    const said = [
      ...[entry(1, "ben", "10T10:00"), entry(2, "ben", "10T10:04"), entry(3, "ann", "10T10:05")],
      ...[entry(4, "ann", "10T10:30"), entry(5, "ann", "10T10:31")],
    ];
    expect(shown(said)).toEqual(["day", "[m1", "m2]", "[m3]", "[m4", "m5]"]);
  });

  it("begins each day with a row", () => {
    const said = [entry(1, "ben", "10T23:59"), entry(2, "ben", "11T00:01")];
    expect(shown(said)).toEqual(["day", "[m1]", "day", "[m2]"]);
  });

  it("draws one line above the unread messages of others", () => {
    const said = [entry(1, "ben", "10T10:00"), entry(2, "ben", "10T10:01"), entry(3, "ben", "10T10:02")];
    expect(shown(said, 1)).toEqual(["day", "[m1", "unread", "[m2", "m3]"]);
    expect(shown([entry(1, "ben", "10T10:00"), entry(2, "ann", "10T10:01")], 1)).not.toContain("unread");
  });

  it("lays out a part of the messages as it is in the whole, under the day of its first one", () => {
    const said = Array.from({ length: 9 }, (_, i) => entry(i + 1, "ben", `10T10:0${i}`));
    const part = (read: number) =>
      timeline(said, "ann", read, { from: 3, to: 6 }).map((row) =>
        row.kind === "entry" ? `${row.first ? "[" : ""}${row.entry.id}${row.last ? "]" : ""}` : row.kind,
      );
    expect(part(100)).toEqual(["day", "[m4", "m5", "m6"]);
    expect(part(4)).toEqual(["day", "[m4", "unread", "[m5", "m6"]);
    // The first unread message is outside of the part.
    expect(part(1)).not.toContain("unread");
    expect(part(6)).not.toContain("unread");
  });

  it("shows messages without a time or sender, which were retracted or are blocked", () => {
    const blocked: Entry = { id: "b", thread: "t", seq: 2, timestamp: "", blocked: true };
    expect(shown([entry(1, "ben", "10T10:00"), blocked])).toEqual(["day", "[m1]", "[b]"]);
  });
});
