import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import * as v from "valibot";
import { asThread, outsider, somebody } from "../support/outsider.js";
import { type Site, site } from "../support/site.js";

/** The deployment in the examples of docs/widget.md. */
const EXAMPLE = "https://chat.example.com";
const POLICY = /^```\nContent-Security-Policy: ([^`]+)\n```$/m;

// The page's own script, which the policy allows: it notes what the browser blocks.
const WATCH = `
  window.blocked = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
    blocked.push([violatedDirective, blockedURI, sourceFile].join(" ")));
`;
const CSS = "nereid-chat:not(:defined) { display: block; block-size: min(640px, 100dvh); }";

/** Clicks through the widget, and returns what was drawn. Runs in the page. */
const TOUR = `(async () => {
  const find = (selector) => document.querySelector("nereid-chat")?.shadowRoot?.querySelector(selector);
  const until = async (look, what) => {
    for (let tries = 0; tries < 500; tries++) {
      const found = look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("Cannot see " + what);
  };
  const seen = (selector) => until(() => find(selector), selector);
  const press = async (name) => (await seen('button[aria-label="' + name + '"]:enabled')).click();
  const bold = (await seen(".row .text b")).textContent;
  const initials = await seen(".row .initials");
  find(".row").focus();
  await press("Reply");
  find("textarea").value = "A reply";
  find("textarea").dispatchEvent(new InputEvent("input", { bubbles: true }));
  await press("Send");
  await seen(".row.own .quote");
  find(".row").focus();
  await press("Report");
  await seen("nereid-reporter dialog[open]");
  await press("Close");
  await until(() => !find("dialog"), "a closed report");
  await press("Details");
  await seen("dialog[open]");
  await press("Close");
  await until(() => !find("dialog"), "a closed dialog");
  await press("New conversation");
  await seen("dialog[open]");
  const { backgroundColor } = getComputedStyle(initials);
  return { bold, initials: initials.textContent, coloured: backgroundColor !== "rgba(0, 0, 0, 0)", blocked };
})()`;

const Drawn = v.strictObject({
  bold: v.string(),
  initials: v.string(),
  coloured: v.boolean(),
  blocked: v.array(v.string()),
});

/** What `visit` returns if all is drawn, and nothing blocked. */
export const WHOLE = { bold: "bold", initials: "B", coloured: true, blocked: [] };

/** What both engines' pages can do. */
type Page = { goto(url: string): Promise<unknown>; evaluate(expression: string): Promise<unknown> };

export type StrictPage = {
  /** Opens the page and clicks through its widget. `blocked` lists what the policy stopped. */
  visit(page: Page): Promise<v.InferOutput<typeof Drawn>>;
  stop(): Promise<void>;
};

/** Starts a page, at an origin of its own, that sends the content security policy of docs/widget.md. */
export async function strictPage(store: { url: string; token: string }): Promise<StrictPage> {
  let respond: RequestListener = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => respond(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${port(server.address())}`;
  const deployment = await site(store, { CHAT_ORIGINS: origin });
  respond = await shop(deployment);
  return {
    async visit(page) {
      await page.goto(origin);
      return v.parse(Drawn, await page.evaluate(TOUR));
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await deployment.stop();
    },
  };
}

/** The page, its script and style, and its back end, where Ann is logged in. Ben, whose picture does not load, has written to her. */
async function shop(deployment: Site): Promise<RequestListener> {
  const ann = await outsider(deployment, somebody("ann"), { name: "Ann" });
  const ben = await outsider(deployment, somebody("ben"), { name: "Ben", picture: "https://pictures.example/ben.png" });
  const created = await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject: "Tea" });
  const room = asThread(created).id;
  await ben.say({ thread: room, type: "html", text: "<p>Some <b>bold</b> text</p>" });
  const policy = await documentedPolicy(deployment.url);
  // Pages that are put together from several sources load the script twice.
  const scripts = ["chat.js", "widget.js"].map(
    (name) =>
      `<script src="${deployment.url}/nereid-chat/${name}" type="${name === "widget.js" ? "module" : ""}" defer></script>`,
  );
  const html = `<!doctype html><html lang="en"><title>A shop</title><link rel="icon" href="https://pictures.example/icon.png"><link rel="stylesheet" href="/shop.css">
    <script src="/shop.js"></script>${scripts.join("")}
    <nereid-chat token-url="/my/chat-token" thread="${room}"></nereid-chat></html>`;
  const files = new Map([
    ["/", { type: "text/html", body: html }],
    ["/shop.js", { type: "text/javascript", body: WATCH }],
    ["/shop.css", { type: "text/css", body: CSS }],
    ["/my/chat-token", { type: "application/json", body: JSON.stringify({ token: ann.token, cursor: ann.cursor }) }],
  ]);
  return ({ url = "/" }, response) => {
    const { type, body } = files.get(url) ?? { type: "text/plain", body: "" };
    response
      .writeHead(files.has(url) ? 200 : 404, { "content-type": type, "content-security-policy": policy })
      .end(body);
  };
}

/** Returns the policy that docs/widget.md lists, for this deployment. */
async function documentedPolicy(deployment: string): Promise<string> {
  const policy = POLICY.exec(await readFile("docs/widget.md", "utf8"))?.[1];
  if (policy === undefined) throw new Error("Cannot find the policy in docs/widget.md");
  return policy.replaceAll(EXAMPLE, deployment).replaceAll(/\s+/g, " ");
}

function port(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("Cannot listen");
  return address.port;
}
