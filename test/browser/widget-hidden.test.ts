import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

describe.skipIf(!found)(named("<nereid-chat> where nobody sees it"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
  });
  afterEach(() => context.close());

  const read = async () => (await ben.thread(room)).members.find(({ entity }) => entity === ann.entity)?.read;

  it.each([
    ["not displayed", `<div id="x" style="display: none">CHAT</div>`, `x.style.display = "block"`],
    ["in a closed dialog", `<dialog id="x">CHAT</dialog>`, "x.show()"],
    ["in a closed popover", `<div id="x" popover>CHAT</div>`, "x.showPopover()"],
    ["faint", `<div id="x" style="opacity: 0.05">CHAT</div>`, "x.style.opacity = 1"],
    [
      "made transparent by the filter of what it is slotted into",
      `<div id="x"><template shadowrootmode="open"><div style="filter: opacity(0%)"><slot></slot></div></template>CHAT</div>`,
      `x.shadowRoot.firstElementChild.style.filter = ""`,
    ],
    [
      "masked out",
      `<div id="x" style="mask: linear-gradient(transparent, transparent)">CHAT</div>`,
      `x.style.mask = "linear-gradient(black 95%, transparent)"`,
    ],
    ["inert", `<div id="x" inert>CHAT</div>`, "x.inert = false"],
    [
      "covered",
      `<div>CHAT</div><div id="x" style="position: fixed; inset: 0; background: white; z-index: 1"></div>`,
      "x.remove()",
    ],
    [
      "behind a modal dialog of the page",
      `<div>CHAT</div><dialog id="x">Cookies?</dialog><script>x.showModal()</script>`,
      "x.close()",
    ],
  ])("sends no receipt while it is %s, and one when it is shown", async (_, body, show) => {
    const page = await context.newPage();
    const chat = `<nereid-chat token="${ann.token}" thread="${room}"></nereid-chat>`;
    await page.route("**/hidden", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<!doctype html><script src="/nereid-chat/chat.js" defer></script>${body.replace("CHAT", chat)}`,
      }),
    );
    await page.goto(`${server.url}/hidden`);
    await ben.say({ thread: room, text: "Tea?" });
    await page.locator(".row .text").waitFor({ state: "attached" });
    // Longer than a receipt waits for more messages.
    await sleep(900);
    expect(await read()).toBe(0);
    await page.evaluate(`void (${show})`);
    await expect.poll(read, { timeout: 8_000 }).toBe(1);
  });

  it.each([
    ["transparent", "opacity: 0"],
    ["hidden", "visibility: hidden"],
    ["behind something else", "position: fixed; left: 0; top: 0; z-index: -1"],
  ])("sends no receipt while it is in a frame that is %s, and one when that is shown", async (_, style) => {
    const page = await context.newPage();
    const chat = `<nereid-chat token="${ann.token}" thread="${room}"></nereid-chat>`;
    const bodies = {
      frame: `<script src="/nereid-chat/chat.js" defer></script>${chat}`,
      framing: `<iframe src="/frame" style="border: 9px solid; width: 700px; height: 660px; ${style}"></iframe>
        <div style="position: fixed; inset: 0; z-index: ${style.includes("fixed") ? 0 : -1}; background: white"></div>`,
    };
    for (const [path, body] of Object.entries(bodies))
      await page.route(`**/${path}`, (route) =>
        route.fulfill({ contentType: "text/html", body: `<!doctype html>${body}` }),
      );
    await page.goto(`${server.url}/framing`);
    await ben.say({ thread: room, text: "Tea?" });
    const frame = page.frameLocator("iframe");
    await frame.locator(".row .text").waitFor({ state: "attached" });
    await page.evaluate("frames[0].focus()");
    await sleep(900);
    expect(await read()).toBe(0);
    await page.evaluate(
      `document.querySelector("iframe").style = "width: 700px; height: 660px; z-index: 1; position: relative"`,
    );
    await expect.poll(read, { timeout: 8_000 }).toBe(1);
  });
});
