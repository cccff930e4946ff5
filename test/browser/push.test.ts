import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { somebody } from "../support/outsider.js";
import { type Site, session, site } from "../support/site.js";
import { host } from "./host.js";
import { ARGUMENTS } from "./launch.js";

// The shell without windows, which other tests run in, denies all notifications.
const executablePath = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "chromium"))
  .find((path) => existsSync(path));
const found = executablePath !== undefined;
const named = found ? "" : "skipped, chromium is not on PATH: ";

// The service worker in a real browser. A push comes by the debugger: no browser of a test machine reaches a push service.
describe.skipIf(!found)(`${named}the service worker of pushes`, () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let debuggers: CDPSession;
  let registrationId: string;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    server = await site(store);
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ARGUMENTS });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    await context.grantPermissions(["notifications"], { origin: server.url });
    page = await context.newPage();
    const importing = 'importScripts("/nereid-chat/push-worker.js"); self.addEventListener("push", () => {});';
    await context.route(`${server.url}/sw.js`, (route) =>
      route.fulfill({ contentType: "text/javascript", body: importing }),
    );
    await page.route(`${server.url}/chat*`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Chat</title>" }),
    );
    await page.goto(`${server.url}/chat`);
    debuggers = await context.newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      debuggers.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
        const active = versions.find(({ status }) => status === "activated");
        if (active !== undefined) resolve(active.registrationId);
      });
    });
    await debuggers.send("ServiceWorker.enable");
    await page.evaluate('navigator.serviceWorker.register("/nereid-chat/push-worker.js")');
    registrationId = await registered;
  });
  afterEach(() => context.close());

  const deliver = (push: unknown) => {
    const data = typeof push === "string" ? push : JSON.stringify(push);
    return debuggers.send("ServiceWorker.deliverPushMessage", { origin: server.url, registrationId, data });
  };
  /** Delivers a push until its notification is there: on a busy machine the debugger may lose one on its way to the worker. */
  const ring = (thread: string, body: string) =>
    expect
      .poll(
        async () => {
          await deliver(message(thread, body));
          return shown();
        },
        { interval: 2_000, timeout: 20_000 },
      )
      .toEqual(expect.arrayContaining([{ title: "Ann", body, tag: `nereid ${thread}` }]));
  const message = (thread: string, body: string) => ({
    ...{ type: "message", thread, seq: 1, to: "ben", title: "Ann", body },
    ...{ tag: `nereid ${thread}`, page: `/chat?thread=${thread}` },
  });
  const shown = () =>
    page.evaluate(`navigator.serviceWorker.getRegistration("/nereid-chat/").then(async (it) =>
      (await it.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag })))`);

  it("shows one notification of each conversation, the newest", async () => {
    await ring("tea", "Tea?");
    await ring("tea", "Or coffee?");
    await ring("cake", "Cake?");
    expect(await shown()).toHaveLength(2);
  });

  it("marks a guest in the title", async () => {
    await ring("tea", "Tea?");
    await deliver({ ...message("cake", "Cake?"), title: "Ann · Lunch", guest: 3 });
    const title = "Ann (guest) · Lunch";
    await expect.poll(shown).toContainEqual({ title, body: "Cake?", tag: "nereid cake" });
  });

  it("takes back what was read elsewhere, and nothing else", async () => {
    await ring("tea", "Tea?");
    await ring("cake", "Cake?");
    await deliver({ type: "close", thread: "tea", tag: "nereid tea" });
    await expect.poll(shown).toEqual([{ title: "Ann", body: "Cake?", tag: "nereid cake" }]);
  });

  it("leaves pushes of others to others", async () => {
    for (const push of ["no JSON", { type: "message", title: "Shop", body: "Sale!" }, null, 7]) await deliver(push);
    await ring("tea", "Tea?");
    expect(await shown()).toHaveLength(1);
  });

  it("tells the page that is open which thread a click means", async () => {
    await page.evaluate(
      'navigator.serviceWorker.addEventListener("message", ({ data }) => (globalThis.heard = data)); navigator.serviceWorker.startMessages()',
    );
    await ring("tea", "Tea?");
    const [worker] = context.serviceWorkers();
    // The event is made by a script, so that it cannot wait; what the worker does is the same.
    await worker?.evaluate(`self.registration.getNotifications().then(([notification]) =>
      self.dispatchEvent(new NotificationEvent("notificationclick", { notification })))`);
    await expect.poll(() => page.evaluate("globalThis.heard")).toEqual({ type: "nereid-chat", thread: "tea" });
    await expect.poll(shown).toEqual([]);
  });
});

// Without a push service, the browser's part of a subscription is played by the page.
const SUBSCRIBING = `
  let subscription = null;
  PushManager.prototype.getSubscription = async () => subscription;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => (subscription = {
    endpoint: "https://push.example.invalid/" + applicationServerKey,
    options: { applicationServerKey: null },
    toJSON: () => ({
      endpoint: subscription.endpoint,
      expirationTime: null,
      keys: { p256dh: applicationServerKey, auth: "BTBZMqHH6r4Tts7J_aSIgg" },
    }),
    unsubscribe: async () => void (subscription = null),
  });
`;

describe.skipIf(!found)(`${named}a page that turns pushes on`, () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    server = await site(store);
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ARGUMENTS });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    await context.grantPermissions(["notifications"], { origin: server.url });
    await context.addInitScript(SUBSCRIBING);
  });
  afterEach(() => context.close());

  /** The devices of a user, as the deployment knows them. */
  const devices = async (entity: string) => {
    const headers = { authorization: `Bearer ${await session("server", { scope: "chat:server" })}` };
    const query = `entity=${encodeURIComponent(entity)}`;
    const text = await (await fetch(`${server.url}/nereid-chat/server/export?${query}`, { headers })).text();
    const lines = text.split("\n").filter((it) => it.startsWith('{"type":"device"'));
    return lines.map((it) => JSON.parse(it).device.page);
  };

  it.each(["stopPush", "forget"])("subscribes by the client, once, and ends that by %s", async (ending) => {
    const ann = somebody("ann");
    const { token } = await server.token(ann);
    const page = await context.newPage();
    await page.route(`${server.url}/chat*`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Chat</title>" }),
    );
    await page.goto(`${server.url}/chat?a=b`);
    const requests: string[] = [];
    page.on("request", (it) => requests.push(`${it.method()} ${new URL(it.url()).pathname}`));
    const asked = (method: string) => requests.filter((it) => it.startsWith(`${method} /nereid-chat/push`)).length;
    await page.evaluate(`import("/nereid-chat/client.js").then(async ({ connect }) => {
      globalThis.chat = connect({ token: ${JSON.stringify(token)} });
      await chat.push();
      await chat.push();
    })`);
    expect(await devices(ann)).toEqual(["/chat?a=b"]);
    expect(asked("POST")).toBe(1);
    await page.evaluate(`chat.${ending}()`);
    expect(await devices(ann)).toEqual([]);
    expect(asked("DELETE")).toBe(1);
  });

  it("ends what another user of the browser subscribed to, when the next one is there", async () => {
    const [ann, ben] = [somebody("ann"), somebody("ben/ö and so on")];
    const tokens = [(await server.token(ann)).token, (await server.token(ben)).token];
    const page = await context.newPage();
    await page.route(`${server.url}/chat`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Chat</title>" }),
    );
    await page.goto(`${server.url}/chat`);
    await page.evaluate(`import("/nereid-chat/client.js").then(async ({ connect }) => {
      globalThis.as = (at) => connect({ token: ${JSON.stringify(tokens)}[at] });
      globalThis.subscribed = async () => (await PushManager.prototype.getSubscription()) !== null;
      const chat = as(0);
      await chat.push();
      chat.close();
      globalThis.again = as(0);
    })`);
    await expect.poll(() => page.evaluate("again.state")).toBe("online");
    expect(await page.evaluate("subscribed()")).toBe(true);
    await page.evaluate("(again.close(), globalThis.other = as(1), undefined)");
    await expect.poll(() => page.evaluate("subscribed()")).toBe(false);
    await page.evaluate("other.push()");
    expect(await page.evaluate("subscribed()")).toBe(true);
    expect(await devices(ben)).toEqual(["/chat"]);
  });

  it("leaves what a user subscribed to, where a guest is there until the user is back, but not what a guest did", async () => {
    const tokens = [(await server.token(somebody("ann"))).token];
    for (const name of ["Gus", "Gil"])
      tokens.push(JSON.parse((await server.call("POST", "token", { body: { displayName: name } })).text).token);
    const page = await context.newPage();
    await page.route(`${server.url}/chat`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Chat</title>" }),
    );
    await page.goto(`${server.url}/chat`);
    await page.evaluate(`import("/nereid-chat/client.js").then(({ connect }) => {
      globalThis.as = async (at, then = () => {}) => {
        const chat = connect({ token: ${JSON.stringify(tokens)}[at] });
        await new Promise((resolve) => chat.on("state", ({ state }) => state === "online" && resolve()));
        await then(chat);
        await new Promise((resolve) => setTimeout(resolve, 300));
        chat.close();
        return (await PushManager.prototype.getSubscription()) !== null;
      };
    })`);
    expect(await page.evaluate("as(0, (chat) => chat.push())")).toBe(true);
    expect(await page.evaluate("as(1)")).toBe(true);
    expect(await page.evaluate("as(0)")).toBe(true);
    expect(await page.evaluate("as(1, (chat) => chat.push())")).toBe(true);
    expect(await page.evaluate("as(2)")).toBe(false);
  });

  it("subscribes by the widget's bell, which stays on after a reload", async () => {
    const ann = somebody("ann");
    const { token } = await server.token(ann);
    const page = await host(context, server, { token, "push-worker": "/nereid-chat/push-worker.js" });
    const bell = (name: string) => page.getByRole("button", { name, exact: true });
    await bell("Turn on desktop notifications").click();
    await bell("Turn off desktop notifications").waitFor();
    expect(await devices(ann)).toEqual(["/host"]);
    await page.reload();
    await bell("Turn off desktop notifications").click();
    await bell("Turn on desktop notifications").waitFor();
    expect(await devices(ann)).toEqual([]);
  });
});
