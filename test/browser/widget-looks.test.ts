import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

// Returns the horizontal places of the first and the last character of an element's text.
const ENDS = `(it) => {
  const walker = document.createTreeWalker(it, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) if (walker.currentNode.data.trim() !== "") nodes.push(walker.currentNode);
  const place = (node, at) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect().left;
  };
  const [first, last] = [nodes[0], nodes.at(-1)];
  return [place(first, first.data.search(/\\S/)), place(last, last.data.trimEnd().length - 1)];
}`;
const SIZE = "(it) => [it.clientWidth, it.clientHeight]";

describe.skipIf(!found)(named("what <nereid-chat> looks like"), () => {
  let server: Site;
  let browser: Browser;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  let close = async () => {};
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
  });
  afterEach(() => close());

  const open = async (options: BrowserContextOptions = {}, about = {}, script = (text: string) => text) => {
    const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
    close = () => context.close();
    await context.route("**/nereid-chat/chat.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: script(await response.text()) });
    });
    return host(context, server, { token: ann.token, thread: room }, about);
  };
  const bubble = (page: Page, text: string): Locator =>
    page.getByRole("log").getByRole("article").filter({ hasText: text }).locator(".bubble");
  const run = (it: Locator, code: string) =>
    it.evaluate((element, body) => new Function("it", `return (${body})(it)`)(element), code);
  const style = async (it: Locator, name: string) =>
    v.parse(v.string(), await run(it, `(it) => getComputedStyle(it).getPropertyValue("${name}")`));
  const ends = async (it: Locator) => v.parse(v.tuple([v.number(), v.number()]), await run(it, ENDS));

  // Chromium 120 to 122 and Safari 17.0 to 17.4 do not have light-dark(); other functions came later still.
  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    it.each([["light-dark("], ["color-mix("], ["contrast-color("], ["if("]])(
      "has its colours where the browser does not support the function %s",
      async (name) => {
        await ann.say({ thread: room, text: "Mine" });
        await ben.say({ thread: room, text: "Yours" });
        const inStyles = (text: string) =>
          text.replaceAll(new RegExp(`(?<![\\w$.])${name.replace("(", "\\(")}(?=[^;{}]*[;}])`, "g"), (it) =>
            name === "if(" ? it : "unknown(",
          );
        const page = await open({ colorScheme }, {}, inStyles);
        await bubble(page, "Mine").waitFor();
        const dark = colorScheme === "dark";
        expect(await style(page.locator("nereid-chat"), "background-color")).toBe(
          dark ? "rgb(22, 24, 27)" : "rgb(255, 255, 255)",
        );
        expect(await style(bubble(page, "Mine"), "background-color")).toBe(
          dark ? "rgb(17, 94, 87)" : "rgb(11, 107, 100)",
        );
        expect(await style(bubble(page, "Yours"), "background-color")).toBe(
          dark ? "rgb(38, 42, 47)" : "rgb(239, 241, 243)",
        );
      },
    );
  });

  it("draws borders where colours are forced, of bubbles, buttons and marks alike", async () => {
    await ann.say({ thread: room, text: "Mine" });
    const { id } = await ben.say({ thread: room, text: "Yours" });
    await ann.send({ type: "reaction", reaction: { thread: room, id, emoji: "🎉" } });
    const page = await open({ forcedColors: "active" });
    await page.locator('[role="log"][aria-busy="false"]').waitFor();
    await bubble(page, "Mine").waitFor();
    for (const it of [
      bubble(page, "Mine"),
      bubble(page, "Yours"),
      page.locator(".reaction"),
      page.locator(".go"),
      page.locator(".write"),
    ])
      expect(await style(it.first(), "border-top-width")).not.toBe("0px");
  });

  it("shows where colours are forced what has the focus, and which reactions are the user's own", async () => {
    const { id } = await ben.say({ thread: room, text: "Yours" });
    await ann.send({ type: "reaction", reaction: { thread: room, id, emoji: "🎉" } });
    await ben.send({ type: "reaction", reaction: { thread: room, id, emoji: "👍" } });
    const page = await open({ forcedColors: "active" });
    const outline = (it: Locator) => style(it, "outline-style");
    // Until the history has come, rows are drawn anew.
    await page.locator('[role="log"][aria-busy="false"]').waitFor();
    await page.locator(".reaction", { hasText: "👍" }).waitFor();
    expect(await outline(page.locator(".reaction", { hasText: "🎉" }))).toBe("solid");
    expect(await outline(page.locator(".reaction", { hasText: "👍" }))).toBe("none");
    expect(await outline(page.locator(".write"))).toBe("none");
    await page.getByRole("textbox", { name: "Message Tea" }).focus();
    expect(await outline(page.locator(".write"))).toBe("solid");
  });

  it("puts the full stop of an English sentence at its right end, and the placeholder at the right, in a page from right to left", async () => {
    await ben.say({ thread: room, text: "First" });
    const { id } = await ben.say({ thread: room, text: "Gone" });
    await ben.send({ type: "retract", retract: { thread: room, id } });
    const page = await open({}, { dir: "rtl", lang: "en" });
    await bubble(page, "This message was deleted.").waitFor();
    const sentences = [
      page.getByRole("log").locator(".bubble em"),
      page.getByRole("navigation").locator(".preview em"),
      page.getByText("This is where the conversation begins."),
    ];
    for (const it of sentences) {
      const [first, last] = await ends(it);
      expect(last).toBeGreaterThan(first);
    }
    const area = page.getByRole("textbox", { name: "Message Tea" });
    expect(await style(area, "direction")).toBe("rtl");
    await area.fill("Hello.");
    expect(await style(area, "direction")).toBe("ltr");
  });

  it("takes nothing of how the page sets its own text, and leaves messages to be selected", async () => {
    await ben.say({ thread: room, text: "Two words" });
    const inherited = `letter-spacing: 1em; word-spacing: 2em; white-space: pre; text-align: center; text-indent: 3em; line-height: 4;
      text-transform: uppercase; text-shadow: 2px 2px red; word-break: break-all; hyphens: auto; user-select: none; -webkit-text-fill-color: transparent`;
    const boxes = [];
    for (const meta of ["", `<style>body { ${inherited} }</style>`, `<style>* { ${inherited} }</style>`]) {
      const page = await open({}, { meta });
      const texts = [
        bubble(page, "Two words"),
        page.getByRole("heading", { name: "Tea" }),
        page.getByText("2 members"),
      ];
      for (const it of texts) {
        await it.waitFor();
        expect(await style(it, "text-transform")).toBe("none");
        expect(await style(it, "user-select")).toBe("text");
        expect(await style(it, "-webkit-text-fill-color")).toBe(await style(it, "color"));
      }
      boxes.push(await Promise.all(texts.map(async (it) => `${await run(it, SIZE)}`)));
      await close();
    }
    expect(boxes[1]).toEqual(boxes[0]);
    expect(boxes[2]).toEqual(boxes[0]);
  });

  it("gives users whose identifiers differ in one letter different colours", async () => {
    const others = ["u1", "u2", "u3", "u4", "u5"];
    await ann.call("PATCH", `threads/${room}`, { add: others });
    const page = await open();
    await page.getByRole("button", { name: "Details" }).click();
    await expect.poll(() => page.getByRole("dialog").getByRole("listitem").count()).toBe(7);
    const discs = page.getByRole("dialog").getByRole("listitem").filter({ hasText: /u\d/ }).locator(".initials");
    const colours = await Promise.all((await discs.all()).map((it) => style(it, "background-color")));
    expect(new Set(colours).size).toBeGreaterThanOrEqual(4);
  });

  it("keeps the size of a file on one line on a phone", async () => {
    const attachments = [
      { url: "https://a.example/x", name: "a long name of a file that fills the line.pdf", size: 123_000 },
    ];
    await ben.say({ thread: room, text: "Look", attachments });
    const page = await open({ viewport: { width: 360, height: 700 } });
    const size = page.locator(".file small");
    await size.waitFor();
    expect((await size.boundingBox())?.height).toBeLessThan(24);
  });

  it("prints all of the messages that are loaded, and nothing to press", async () => {
    for (let i = 1; i <= 30; i++) await ben.say({ thread: room, text: `no ${i}.\n\nmore` });
    const page = await open();
    await bubble(page, "no 30.").waitFor();
    await page.emulateMedia({ media: "print" });
    const { top, bottom } = v.parse(
      v.object({ top: v.number(), bottom: v.number() }),
      await run(page.locator("nereid-chat"), "(it) => it.getBoundingClientRect().toJSON()"),
    );
    for (const text of ["no 1.", "no 30."]) {
      const box = await bubble(page, text).boundingBox();
      expect(box?.y).toBeGreaterThan(top);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(bottom);
    }
    for (const role of ["textbox", "navigation"] as const) expect(await page.getByRole(role).count()).toBe(0);
  });
});
