import { describe, expect, it } from "vitest";
import type { ReadableFile } from "../../../lib/client/protocol/file.js";
import { FileLinks, renewal } from "../../../lib/client/view/file-links.js";

const HOUR_MS = 3_600_000;

/** Files whose URLs hold for so long; those whose id begins with "gone" are not there. */
function deployment(ms = HOUR_MS) {
  const asked: (readonly string[])[] = [];
  let failures = 0;
  const files = async (ids: string[] = []) => {
    asked.push(ids);
    if (failures-- > 0) throw new Error("unreachable");
    const found = ids.filter((id) => !id.startsWith("gone"));
    return { max: 10, types: ["*/*"], files: found.map((id) => readable(id, ms, `${asked.length}`)) };
  };
  const fail = () => {
    failures = 1;
  };
  return { asked, links: new FileLinks({ files }), fail };
}

function readable(id: string, ms: number, time = "1"): ReadableFile {
  const expires = new Date(Date.now() + ms).toISOString();
  return { id, name: id, type: "text/plain", size: 1, url: `https://a.example/${id}?${time}`, expires };
}

describe("the URLs of files", () => {
  it("are asked for together, each once, at most 20 by a request", async () => {
    const { asked, links } = deployment();
    const ids = Array.from({ length: 25 }, (_, i) => `f${i}`);
    const found = await Promise.all([...ids, "f0", "gone"].map((id) => links.get(id)));
    expect(found.map((it) => it?.id)).toEqual([...ids, "f0", undefined]);
    expect(asked.map(({ length }) => length)).toEqual([20, 6]);
  });

  it("are kept until they are to be replaced, and asked for anew when that is wanted", async () => {
    const { asked, links } = deployment();
    expect((await links.get("a"))?.url).toMatch(/\?1$/);
    expect((await links.get("a"))?.url).toMatch(/\?1$/);
    expect((await links.get("a", true))?.url).toMatch(/\?2$/);
    expect((await links.get("a"))?.url).toMatch(/\?2$/);
    expect(asked).toHaveLength(2);
    const ended = deployment(-1);
    await ended.links.get("a");
    await ended.links.get("a");
    expect(ended.asked).toHaveLength(2);
  });

  it("reject when they cannot be asked for, and are asked for the next time", async () => {
    const { links, fail } = deployment();
    fail();
    await expect(links.get("a")).rejects.toThrow("unreachable");
    expect(await links.get("a")).toBeDefined();
    fail();
    await expect(links.limits()).rejects.toThrow("unreachable");
    expect(await links.limits()).toMatchObject({ max: 10 });
  });

  it("are replaced minutes before they end, and after half of a short time", () => {
    const now = Date.now();
    expect(Math.round(renewal(readable("a", HOUR_MS), now) / 60_000)).toBe(55);
    expect(Math.round(renewal(readable("a", 4_000), now) / 1_000)).toBe(2);
    expect(renewal(readable("a", -1_000), now)).toBeLessThan(0);
  });
});
