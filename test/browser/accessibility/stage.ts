import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { inject } from "vitest";
import { connectBrowser } from "../chromium.js";
import { host } from "../host.js";
import { createWorld, moderator, type World } from "./world.js";

const VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">';

const TYPES = "image/*,audio/*,text/plain";

/** Where a view is reached: a browser of its own at a deployment where people have talked. */
export type Stage = World & {
  context: BrowserContext;
  touch: boolean;
  /** Opens a page of Ann's with the widget; an attribute of `token` makes it another one's. */
  open(attributes?: Record<string, string>): Promise<Page>;
  /** Opens a page of the deployment itself. */
  visit(path: string): Promise<Page>;
  /** Points at a message, or taps on it, so that its actions are shown. */
  pointAt(page: Page, text: string): Promise<void>;
  press(it: Locator): Promise<void>;
};

/** What a deployment has besides: `files`, a folder for them. */
export type About = { files?: boolean };

/** The browser and the deployment of one test file. */
export class Theatre {
  readonly #folder: string | undefined;
  #browser: Browser | undefined;
  #world: World | undefined;
  #context: BrowserContext | undefined;

  constructor({ files = false }: About = {}) {
    this.#folder = files ? join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`) : undefined;
  }

  async open(): Promise<void> {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    const environment = this.#folder === undefined ? {} : { CHAT_FILES_FOLDER: this.#folder, CHAT_FILE_TYPES: TYPES };
    [this.#world, this.#browser] = await Promise.all([createWorld(store, environment), connectBrowser()]);
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#world?.server.stop();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  /** Returns a stage with a new context; that of the one before is closed. */
  async stage(options: BrowserContextOptions): Promise<Stage> {
    const [world, browser] = [this.#world, this.#browser];
    if (world === undefined || browser === undefined) throw new Error("Cannot play before the theatre is open");
    await this.leave();
    const context = await browser.newContext(options);
    context.setDefaultTimeout(8_000);
    await context.addCookies([await moderator(world)]);
    this.#context = context;
    const touch = options.hasTouch === true;
    const press = (it: Locator) => (touch ? it.tap() : it.click());
    return {
      ...{ ...world, context, touch, press },
      open: (attributes = {}) =>
        host(context, world.server, { token: world.ann.token, ...attributes }, { meta: VIEWPORT }),
      async visit(path) {
        const page = await context.newPage();
        await page.goto(`${world.server.url}${path}`);
        return page;
      },
      async pointAt(page, text) {
        const row = page.getByRole("article").filter({ has: page.locator(".text", { hasText: text }) });
        // Beside what the bubble has of controls.
        if (touch) await row.locator("time").tap();
        else await row.hover();
        await page.locator(".tools, .drawer").waitFor();
      },
    };
  }

  /** Closes what the last stage has opened. */
  async leave(): Promise<void> {
    await this.#context?.close();
    this.#context = undefined;
  }
}
