import type { Page } from "playwright-core";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { found, named } from "../chromium.js";
import { type Stage, Theatre } from "./stage.js";
import { focused } from "./tab-walk.js";

const SCREEN = { viewport: { width: 900, height: 700 } };
describe.skipIf(!found)(named("the focus in <nereid-chat>, when something closes"), () => {
  const theatre = new Theatre();
  beforeAll(() => theatre.open());
  afterAll(() => theatre.close());
  afterEach(() => theatre.leave());

  const opened: [name: string, opener: string, reach: (stage: Stage) => Promise<Page>][] = [
    ["details", "button Details", (stage) => stage.open({ thread: stage.tea })],
    ["a new conversation", "button New conversation", (stage) => stage.open({ thread: stage.tea })],
    ["emoji and formats", "textarea Message Tea", (stage) => stage.open({ thread: stage.tea })],
  ];
  it.each(opened)("is back after Escape closes what a button has opened: %s", async (_, back, reach) => {
    const page = await reach(await theatre.stage(SCREEN));
    await page.getByText("This is where the conversation begins.").waitFor();
    const name = back.startsWith("textarea") ? "Emoji and formatting" : back.replace("button ", "");
    await page.getByRole("button", { name, exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.locator("nereid-chat :is(dialog:modal, .emoji-picker)").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("nereid-chat :is(dialog:modal, .emoji-picker)").waitFor({ state: "detached" });
    await expect.poll(async () => (await focused(page)).name).toBe(back);
  });

  it.each(["Forward", "Seen by", "Report"])(
    "is back at the message after Escape closes what its action has opened: %s",
    async (name) => {
      const stage = await theatre.stage(SCREEN);
      const page = await stage.open({ thread: stage.tea });
      const row = page.getByRole("article").filter({ hasText: "Coffee is better" });
      await row.waitFor();
      await row.focus();
      await row.getByRole("button", { name, exact: true }).focus();
      await page.keyboard.press("Enter");
      await page.locator("nereid-chat dialog:modal").waitFor();
      await page.keyboard.press("Escape");
      await page.locator("nereid-chat dialog:modal").waitFor({ state: "detached" });
      await expect
        .poll(() =>
          page.locator("nereid-chat").evaluate((it) => it.shadowRoot?.activeElement?.closest(".row")?.textContent),
        )
        .toContain("Coffee is better");
    },
  );

  it("is back in the list after Escape closes the menu of a conversation", async () => {
    const stage = await theatre.stage(SCREEN);
    const page = await stage.open();
    await page.locator(".thread", { hasText: "News" }).focus();
    await page.keyboard.press("Shift+F10");
    await page.locator("nereid-chat dialog:modal").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("nereid-chat dialog:modal").waitFor({ state: "detached" });
    await expect.poll(async () => (await focused(page)).name).toBe(`button ${stage.news}`);
  });
});

// What screen readers announce: each text that comes into a live region.
const LISTEN = `(() => {
  const root = document.querySelector("nereid-chat").shadowRoot;
  window.announced = [];
  const live = "[aria-live=polite], [aria-live=assertive], [role=status], [role=alert], [role=log]:not([aria-live=off])";
  new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes)
      for (const node of type === "characterData" ? [target] : addedNodes) {
        const region = (node.parentElement ?? target).closest?.(live);
        const text = node.textContent.trim();
        if (region && text !== "") announced.push(text);
      }
  }).observe(root, { subtree: true, childList: true, characterData: true });
})()`;

describe.skipIf(!found)(named("live regions of <nereid-chat>"), () => {
  const theatre = new Theatre();
  beforeAll(() => theatre.open());
  afterAll(() => theatre.close());
  afterEach(() => theatre.leave());

  const announced = async (page: Page, text: string) =>
    v.parse(v.array(v.string()), await page.evaluate("announced")).filter((it) => it.includes(text));

  it("announce once what others write, that they type, and that the connection is gone", async () => {
    const stage = await theatre.stage(SCREEN);
    const page = await stage.open({ thread: stage.tea });
    await page.getByText("This is where the conversation begins.").waitFor();
    await page.evaluate(LISTEN);
    await stage.ben.send({ type: "state", state: { thread: stage.tea, state: "composing" } });
    await page.locator(".typing").getByText("Ben is typing…").waitFor();
    expect(await announced(page, "is typing")).toHaveLength(1);
    await stage.ben.say({ thread: stage.tea, text: "The kettle boils" });
    await page.getByRole("log").getByText("The kettle boils").waitFor();
    await page.waitForTimeout(300);
    expect(await announced(page, "The kettle boils")).toHaveLength(1);
    await stage.context.setOffline(true);
    await page.getByText("No connection.").waitFor();
    await page.waitForTimeout(300);
    expect(await announced(page, "No connection.")).toHaveLength(1);
  });
});
