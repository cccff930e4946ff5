import type { Page } from "playwright-core";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { found, named } from "../chromium.js";
import { type Stage, Theatre } from "./stage.js";

const SCREEN = { viewport: { width: 900, height: 700 } };
// More than any view has.
const STOPS_MAX = 60;

// Names what has the focus, says whether one sees that, and where the focus is: in the topmost dialog, in the widget, or in the page.
const FOCUSED = `(() => {
  const root = document.querySelector("nereid-chat").shadowRoot;
  const it = root.activeElement;
  if (it === null) return { name: "", visible: true, dialog: false };
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(it);
  const around = it.closest(".write") && getComputedStyle(it.closest(".write")).boxShadow;
  const name = [it.localName, it.getAttribute("aria-label") ?? it.dataset.key ?? it.dataset.id ?? it.textContent.trim().slice(0, 40)].join(" ");
  const { width, height } = it.getBoundingClientRect();
  const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  return { name, visible: width > 0 && height > 0 && (outlined || boxShadow !== "none" || (around ?? "none") !== "none"), dialog: it.closest("dialog:modal") !== null };
})()`;
const Focused = v.object({ name: v.string(), visible: v.boolean(), dialog: v.boolean() });

/** Says what has the focus in the widget. */
export const focused = async (page: Page) => v.parse(Focused, await page.evaluate(FOCUSED));

/** Tests that one sees the focus wherever Tab leads in views, and that it does not leave a dialog. */
export function testFocus(name: string, views: Readonly<Record<string, (stage: Stage) => Promise<Page>>>): void {
  describe.skipIf(!found)(named(name), () => {
    const theatre = new Theatre();
    beforeAll(() => theatre.open());
    afterAll(() => theatre.close());
    afterEach(() => theatre.leave());

    it.each(Object.entries(views))("is visible wherever Tab leads, and stays in a dialog: %s", async (_, reach) => {
      const page = await reach(await theatre.stage(SCREEN));
      const modal = Number(await page.locator("nereid-chat dialog:modal").count()) > 0;
      const seen = new Map<string, { visible: boolean; dialog: boolean }>();
      for (let stop = 0; stop < STOPS_MAX; stop++) {
        await page.keyboard.press("Tab");
        const { name, ...it } = await focused(page);
        if (name !== "" && seen.has(name)) break;
        if (name !== "") seen.set(name, it);
      }
      expect(seen.size).toBeGreaterThan(0);
      expect([...seen].filter(([, { visible }]) => !visible)).toEqual([]);
      if (modal) expect([...seen].filter(([, { dialog }]) => !dialog)).toEqual([]);
    });
  });
}
