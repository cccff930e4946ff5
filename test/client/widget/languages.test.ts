import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withGuest } from "../../../lib/client/push/guest-name.js";
import { FILES } from "../../../lib/client/widget/file-strings.js";
import { NOT_ALLOWED } from "../../../lib/client/widget/notifier.js";
import { counted, listed } from "../../../lib/client/widget/plural.js";
import { REPORTING } from "../../../lib/client/widget/report-strings.js";
import { ENGLISH, type Strings } from "../../../lib/client/widget/strings.js";
import { WRITING } from "../../../lib/client/widget/writing-strings.js";

const folder = new URL("../../../lib/client/widget/languages/", import.meta.url);
const names = readdirSync(folder).map((name) => name.replace(".ts", ""));
const load = async (name: string): Promise<Strings> =>
  (await import(`../../../lib/client/widget/languages/${name}.ts`)).strings;

// Words that are the same in English, or that say nothing.
const SHARED = ["Chat", "Chats", "Details", "Offline", "Messages", "Conversations", ""];
// Each category of a plural rule in some language.
const COUNTS = [0, 1, 2, 3, 11, 21, 100, 1_000_000];

/** Returns all texts by their path, those of functions for some arguments. */
function texts(strings: Strings): Map<string, string> {
  const { guest, unread, members, typing, readBy, reactWith, reaction, writeTo, replyingTo } = strings;
  const { joinRoom, invitedBy, sure, left, files = FILES } = strings;
  const { remove, describe, enlarge, download, uploading, tooLarge, wrongType, empty, tooMany } = files;
  const ofFile = { remove, describe, enlarge, download, uploading, wrongType, empty };
  const made: Record<string, unknown> = {
    ...strings,
    ...{ guest: guest("Ann"), readBy: readBy(["Ann", "Ben"]), reactWith: reactWith("👍") },
    ...{ reaction: reaction("👍", ["Ann", "Ben"]), writeTo: writeTo("Ann"), replyingTo: replyingTo("Ann") },
    ...{ joinRoom: joinRoom("Ann"), sure: sure("Ann"), left: left(5) },
    files: {
      ...files,
      ...Object.fromEntries(Object.entries(ofFile).map(([key, text]) => [key, text("a.txt")])),
      ...{ tooLarge: tooLarge("a.txt", "5 MB"), tooMany: tooMany(10) },
    },
    unread: Object.fromEntries(COUNTS.map((count) => [count, unread(count)])),
    members: Object.fromEntries(COUNTS.slice(1).map((count) => [count, members(count, 3)])),
    invitedBy: Object.fromEntries(COUNTS.map((count) => [count, invitedBy("Ann", count)])),
    typing: [["Ann"], ["Ann", "Ben"], ["Ann", "Ben", "Cid"]].map(typing),
  };
  const flat = (path: string, value: unknown): [string, string][] =>
    typeof value === "string"
      ? [[path, value]]
      : Object.entries(value ?? {}).flatMap(([key, it]) => flat(path === "" ? key : `${path}.${key}`, it));
  return new Map(flat("", made));
}

describe("the languages of the widget", () => {
  const english = texts({
    ...ENGLISH,
    ...{ reporting: REPORTING, writing: WRITING, files: FILES, notAllowed: NOT_ALLOWED },
  });

  it("are those that the docs list", () => {
    const docs = readFileSync(new URL("../../../docs/widget.md", import.meta.url), "utf8");
    const [, list = ""] = /\*\*Languages\.\*\*.*?\(([^)]*)\)/.exec(docs) ?? [];
    expect(list.match(/`[^`]+`/g)?.map((it) => it.replaceAll("`", "").toLowerCase())).toEqual(["en", ...names]);
  });

  it.each(names)("%s lacks no text, and none is English", async (name) => {
    const own = texts(await load(name));
    expect([...own.keys()].sort()).toEqual([...english.keys()].sort());
    const same = [...own].filter(([path, text]) => text === english.get(path) && !SHARED.includes(text));
    expect(same.map(([path]) => path).filter((path) => path !== "reaction")).toEqual([]);
  });

  it.each(names)("%s shows the names and numbers that it is given", async (name) => {
    const strings = await load(name);
    expect(strings.files?.tooLarge("Ann", "5 MB")).toMatch(/Ann.*5 MB/);
    for (const text of [
      strings.guest("Ann"),
      strings.writeTo("Ann"),
      strings.replyingTo("Ann"),
      strings.joinRoom("Ann"),
      strings.files?.uploading("Ann"),
      strings.files?.wrongType("Ann"),
      strings.files?.empty("Ann"),
    ])
      expect(text).toContain("Ann");
    for (const count of [5, 21, 1_000]) {
      const digits = new Intl.NumberFormat(name).format(count);
      expect(strings.unread(count)).toContain(digits);
      expect(strings.members(count, 5)).toContain(digits);
      expect(strings.invitedBy("Ann", count)).toContain(digits);
    }
    expect(strings.typing(["Ann", "Ben"])).toMatch(/Ann.*Ben/);
  });
});

describe("counted", () => {
  it("takes the form of the number's category, else the general one", () => {
    const forms = { one: "# one", few: "# few", other: "# other" };
    expect([1, 2, 5].map((count) => counted("ru", count, forms))).toEqual(["1 one", "2 few", "5 other"]);
    expect(counted("de", 12_000, forms)).toBe("12.000 other");
  });
});

describe("listed", () => {
  it("joins names as the language does", () => {
    expect(listed("de", ["Ann", "Ben", "Cid"])).toBe("Ann, Ben und Cid");
    expect(listed("ja", ["Ann", "Ben"])).toBe("Ann、Ben");
  });
});

it("mark guests in pushes as in the page", async () => {
  for (const name of names) {
    const { guest } = await load(name);
    expect(withGuest("Ann · Lunch", 3, name)).toBe(`${guest("Ann")} · Lunch`);
  }
  expect(withGuest("Ann · Lunch", 3, "en-GB")).toBe(`${ENGLISH.guest("Ann")} · Lunch`);
});
