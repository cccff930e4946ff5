import { readdirSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { LIST } from "../../../lib/client/widget/emoji-list.js";

const names = readdirSync(new URL("../../../lib/client/widget/emoji/", import.meta.url)).map((it) =>
  it.replace(".ts", ""),
);
const languages = readdirSync(new URL("../../../lib/client/widget/languages/", import.meta.url));
const Words = v.object({ WORDS: v.array(v.string()) });
const groups = LIST.map((group) => group.split(" "));

describe("the emoji of the picker", () => {
  it("are each there once, and those with skin tones take one", () => {
    const all = groups.flat();
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(1_300);
    const toned = all.filter((it) => it.endsWith("+"));
    expect(toned.length).toBeGreaterThan(50);
    for (const it of toned) expect(it.match(/\p{Emoji_Modifier_Base}/gu), it).toHaveLength(1);
  });

  it("have names in every language of the widget", () => {
    expect([...names].sort()).toEqual(["en", ...languages.map((it) => it.replace(".ts", ""))].sort());
  });

  it.each(names)("have a name for each, in the same order: %s", async (name) => {
    const { WORDS } = v.parse(Words, await import(`../../../lib/client/widget/emoji/${name}.ts`));
    const lines = WORDS.map((group) => group.split("|"));
    expect(lines.map(({ length }) => length)).toEqual(groups.map(({ length }) => length));
    expect(lines.flat().filter((line) => line.split(";")[0]?.trim() === "")).toEqual([]);
  });
});
