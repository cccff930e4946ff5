import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { BrowserContextOptions, Page, Route } from "playwright-core";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Theatre } from "./accessibility/stage.js";
import { CONVERSATIONS, EMOJI, ENTRANCES, MESSAGE_DIALOGS, MESSAGES, SENDING, WRITING } from "./accessibility/views.js";
import { NOW } from "./accessibility/world.js";
import { found, named } from "./chromium.js";

// The pictures of docs/pictures.md. `UPDATE=1` takes them anew, on a machine with a font of emoji (Debian: fonts-noto-color-emoji); names, times
// and places are fixed, so that they differ only where the widget does.
const FOLDER = "docs/pictures";
const PAGE = "docs/pictures.md";
// All of them together are loaded with one page.
const PICTURE_MAX = 70_000;

const WIDE: BrowserContextOptions = { viewport: { width: 680, height: 460 } };
const TALL: BrowserContextOptions = { viewport: { width: 680, height: 560 } };
const DARK: BrowserContextOptions = { ...WIDE, colorScheme: "dark" };
const PHONE: BrowserContextOptions = { viewport: { width: 350, height: 600 }, hasTouch: true, isMobile: true };

// Leaves of the page around the widget nothing but its colour, and lets the widget fill it.
const BARE = `(dir) => addEventListener("DOMContentLoaded", () => {
  document.documentElement.dir = dir;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(\`
    html { background: #eef1f4; color-scheme: light dark }
    body { margin: 0 }
    h1 { visibility: hidden; position: absolute }
    nereid-chat:not([launcher]) { block-size: 100dvh; border: 0; border-radius: 0 }
    @media (prefers-color-scheme: dark) { html { background: #101214 } }
  \`);
  document.adoptedStyleSheets = [sheet];
})`;

const Listed = v.looseObject({
  updated: v.string(),
  last: v.exactOptional(v.looseObject({ timestamp: v.string() })),
});

type Views = typeof MESSAGES;
const ALL: Views = {
  ...{ ...MESSAGES, ...MESSAGE_DIALOGS, ...WRITING, ...SENDING },
  ...{ ...EMOJI, ...CONVERSATIONS, ...ENTRANCES },
};

const PICTURES: Readonly<Record<string, [view: string, how: BrowserContextOptions, about?: { dir: string }]>> = {
  conversation: ["a conversation", WIDE],
  "conversation-dark": ["a conversation", DARK],
  "conversation-phone": ["a conversation", PHONE],
  "conversation-rtl": ["a conversation", WIDE, { dir: "rtl" }],
  "conversation-forced": ["a conversation", { ...WIDE, forcedColors: "active" }],
  actions: ["the actions on a message", WIDE],
  "actions-phone": ["the actions on a message", PHONE],
  "read-by": ["the names of those who have read a message", WIDE],
  report: ["the report of a message", WIDE],
  forward: ["the conversations to forward to", WIDE],
  mention: ["names to mention", WIDE],
  emoji: ["emoji and formats", { viewport: { width: 640, height: 400 } }],
  "emoji-phone": ["emoji and formats", PHONE],
  reply: ["a reply", WIDE],
  preview: ["the preview of a link", WIDE],
  "too-long": ["a text that is too long", WIDE],
  refused: ["a message that was refused", WIDE],
  offline: ["a message that waits, without a connection", WIDE],
  visitor: ["a room where the user only reads", WIDE],
  "list-phone": ["the list", PHONE],
  menu: ["the menu of a conversation", WIDE],
  "menu-phone": ["the menu of a conversation", PHONE],
  search: ["what a search finds", WIDE],
  hidden: ["the hidden conversations", WIDE],
  new: ["a new conversation", WIDE],
  details: ["the details of a room, with an invite, and the question before leaving", TALL],
  guest: ["the form for a guest's name", WIDE],
  invite: ["the question before joining by an invite", WIDE],
  launcher: ["the launcher, open", TALL],
  "launcher-phone": ["the launcher, open", PHONE],
};

describe.skipIf(!found || process.env.UPDATE !== "1")(named("pictures of the widget"), () => {
  const theatre = new Theatre();
  beforeAll(async () => {
    await mkdir(FOLDER, { recursive: true });
    await theatre.open();
  });
  afterAll(() => theatre.close());
  afterEach(() => theatre.leave());

  it.each(Object.entries(PICTURES))("%s", async (name, [view, how, about]) => {
    const stage = await theatre.stage({ ...how, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
    await stage.context.clock.setFixedTime(NOW);
    await stage.context.route(/\/nereid-chat\/threads(?:\?|$)/, asWritten);
    await stage.context.addInitScript(`(${BARE})("${about?.dir ?? "ltr"}")`);
    const page = await ALL[view]?.(stage);
    if (page === undefined) throw new Error(`Cannot find the view ${view}`);
    await settled(page);
    await writeFile(`${FOLDER}/${name}.png`, await page.screenshot({ caret: "hide" }));
  });
});

describe(PAGE, () => {
  const names = Object.keys(PICTURES).map((name) => `${name}.png`);

  it("shows each picture, and there are no others", async () => {
    const shown = [...(await readFile(PAGE, "utf8")).matchAll(/!\[[^\]]{20,}\]\(pictures\/([^)]+)\)/g)].map(
      (it) => it[1],
    );
    expect(shown.sort()).toEqual([...names].sort());
    expect(readdirSync(FOLDER).sort()).toEqual([...names].sort());
  });

  it.each(names)("%s is small", (name) => {
    expect(existsSync(`${FOLDER}/${name}`)).toBe(true);
    expect(readFileSync(`${FOLDER}/${name}`).byteLength).toBeLessThan(PICTURE_MAX);
  });
});

/** Lists conversations as if nothing had happened in them after their last message. */
async function asWritten(route: Route): Promise<void> {
  if (route.request().method() !== "GET") return route.fallback();
  const response = await route.fetch();
  const { threads, ...rest } = v.parse(v.looseObject({ threads: v.array(Listed) }), await response.json());
  const dated = threads.map((it) => ({ ...it, updated: it.last?.timestamp ?? it.updated }));
  await route.fulfill({ response, json: { threads: dated, ...rest } });
}

/** Waits until nothing changes any more. */
async function settled(page: Page): Promise<void> {
  // The code of an invite is another one each time.
  await page.evaluate(`(() => {
    const link = document.querySelector("nereid-chat").shadowRoot.querySelector(".link");
    if (link !== null) link.value = "https://shop.example/#nereid-chat=kettle";
  })()`);
  await page.waitForTimeout(400);
}
