import type { Page } from "playwright-core";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { found, named } from "../chromium.js";
import { violations } from "../host.js";
import { errors } from "./code-sniffer.js";
import { type About, type Stage, Theatre } from "./stage.js";

type Views = Readonly<Record<string, (stage: Stage) => Promise<Page>>>;

const SCREEN = { width: 900, height: 700 };
// What a screen of 1280 by 800 shows at twice the size.
const ZOOMED = { width: 640, height: 400 };
const PHONE = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } };
// A fingertip: WCAG 2.2, 2.5.5.
const FINGER_PX = 44;

const LOOKS: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  light: (page) => page.emulateMedia({ colorScheme: "light" }),
  dark: (page) => page.emulateMedia({ colorScheme: "dark" }),
  "forced colours": (page) => page.emulateMedia({ colorScheme: "light", forcedColors: "active" }),
  "200 % zoom, from right to left": async (page) => {
    await page.emulateMedia({ forcedColors: "none" });
    await page.setViewportSize(ZOOMED);
    await page.evaluate('document.documentElement.dir = "rtl"');
  },
};

// The browser chooses both colours then.
const OF_COLOURS = /^color-contrast|^Principle1\.Guideline1_4\.1_4_3/;

// A name that is cut within this tells nobody from anybody.
const NAME_PX = 30;

// What stands beside the screen or its dialog, so that it is reached by scrolling sideways only; names without room; a tabindex that changes the order.
const FAULTS = `(() => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap((it) => [it, ...(it.shadowRoot ? all(it.shadowRoot) : [])]);
  const elements = all(document);
  const wide = [document.documentElement, ...elements.filter((it) => it.matches("dialog, nereid-chat:not([launcher])"))].filter((it) => it.scrollWidth > it.clientWidth + 1);
  const short = elements.filter((it) => it.matches(".cut") && it.clientWidth > 0 && it.clientWidth < ${NAME_PX} && it.scrollWidth > it.clientWidth);
  return [
    ...short.map((it) => "has no room: " + it.outerHTML.slice(0, 100)),
    ...wide.map((it) => "wider than its box: " + it.localName + "." + it.className + " " + it.scrollWidth + " > " + it.clientWidth),
    ...elements.filter((it) => it.tabIndex > 0).map((it) => "positive tabindex: " + it.outerHTML.slice(0, 100)),
  ];
})()`;

// The visible targets that a finger may miss, and fields with text so small that iOS zooms into them. The target of a box to tick is its label. A link inside
// a sentence is as high as its lines: WCAG 2.2 exempts it.
const SMALL = `(() => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap((it) => [it, ...(it.shadowRoot ? all(it.shadowRoot) : [])]);
  const targets = all(document).filter((it) => it.matches("button, input, textarea, select, summary, [role=option], [role=switch], a.file, a.button"));
  return targets
    .map((it) => ({ it, box: (it.matches("[type=checkbox], [type=radio]") ? (it.closest("label") ?? it) : it).getBoundingClientRect() }))
    .filter(({ it, box }) => box.width > 0 && getComputedStyle(it).visibility !== "hidden")
    .filter(({ it, box }) =>
      Math.min(box.width, box.height) < ${FINGER_PX} - 0.01 || (it.matches("input, textarea, select") && parseFloat(getComputedStyle(it).fontSize) < 16))
    .map(({ it, box }) => it.outerHTML.replaceAll(/<!--.*?-->/g, "").slice(0, 120) + " " + box.width + " × " + box.height);
})()`;

const Faults = v.array(v.string());
const read = async (page: Page, script: string) => v.parse(Faults, await page.evaluate(script));

/** Tests that two sets of rules find nothing in views: light, dark, in forced colours, at twice the size from right to left. */
export function testLooks(name: string, views: Views, about?: About): void {
  testEach(name, views, about, "by axe and HTML_CodeSniffer, in every look", async (reach, theatre) => {
    // In motion, a row would be looked at between two colours.
    const page = await reach(await theatre.stage({ viewport: SCREEN, reducedMotion: "reduce" }));
    const faults: Record<string, string[]> = {};
    for (const [look, apply] of Object.entries(LOOKS)) {
      await apply(page);
      const all = [...(await violations(page)), ...(await errors(page)), ...(await read(page, FAULTS))];
      const real = look === "forced colours" ? all.filter((it) => !OF_COLOURS.test(it)) : all;
      if (real.length > 0) faults[look] = real;
    }
    expect(faults).toEqual({});
  });
}

/** Tests that views have what fingers need on a phone, and nothing beside the screen. */
export function testPhone(name: string, views: Views, about?: About): void {
  testEach(name, views, about, "on a phone, with targets for fingers", async (reach, theatre) => {
    const page = await reach(await theatre.stage(PHONE));
    expect([...(await read(page, SMALL)), ...(await violations(page)), ...(await read(page, FAULTS))]).toEqual([]);
  });
}

type Reach = Views[string];

function testEach(
  name: string,
  views: Views,
  about: About | undefined,
  what: string,
  test: (reach: Reach, theatre: Theatre) => Promise<void>,
) {
  describe.skipIf(!found)(named(name), () => {
    const theatre = new Theatre(about);
    beforeAll(() => theatre.open());
    afterAll(() => theatre.close());
    afterEach(() => theatre.leave());

    it.each(Object.entries(views))(`%s: ${what}`, (_, reach) => test(reach, theatre));
  });
}
