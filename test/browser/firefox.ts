import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { vi } from "vitest";

const folders = (process.env.PATH ?? "").split(delimiter);
const executablePath = folders.map((folder) => join(folder, "firefox-esr")).find((path) => existsSync(path));

/** Whether this machine has the second engine. With CI it must. */
export const found = executablePath !== undefined;
if (!found && process.env.CI === "true") throw new Error("Cannot test: CI needs firefox-esr on PATH");

/** The name of tests in Firefox, with the reason when they are skipped. */
export const named = (name: string): string => (found ? name : `skipped, firefox-esr is not on PATH: ${name}`);

/** Starts Firefox with an empty profile and no way to anywhere but this machine. Its pages are driven by WebDriver BiDi. */
export async function startFirefox(): Promise<Browser> {
  if (executablePath === undefined) throw new Error("Cannot find firefox-esr");
  const extraPrefsFirefox = {
    "network.dns.forceResolve": "127.0.0.1",
    // One process for all pages: they are few, and each process takes as long to start as a test.
    "fission.autostart": false,
    "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": false,
  };
  // For root, Firefox does not start in the home of another user, which a CI's container may have set.
  const env = { ...process.env, HOME: userInfo().homedir };
  return await puppeteer.launch({ browser: "firefox", executablePath, extraPrefsFirefox, env });
}

/** One person's window, with the controls of the page and of the widget in it. */
export type Screen = ReturnType<typeof screenOf>;

export function screenOf(page: Page) {
  /** Waits for a visible element, for one with this text or label if it is given. */
  const find = (selector: string, name?: string) =>
    vi.waitFor(
      async () => {
        const element = (await page.evaluateHandle(lookUp(selector, name))).asElement();
        if (element === null) throw new Error(`Cannot find ${selector} ${name ?? ""}`);
        return element;
      },
      { timeout: 8_000, interval: 50 },
    );
  const press = async (name: string) => (await find("button:enabled", name)).click();
  const field = () => find("textarea");
  return {
    page,
    find,
    press,
    field,
    message: (text: string) => find(".row .text", text),
    /** Presses a button with a finger. */
    tap: async (name: string) => (await find("button:enabled", name)).tap(),
    /** Writes a message, and sends it with the mouse. */
    async say(text: string) {
      await (await field()).click();
      await page.keyboard.type(text);
      await press("Send");
    },
    /** Points at a message, and presses one of its tools. */
    async act(text: string, name: string) {
      await (await find(".row .text", text)).hover();
      await press(name);
    },
    /** The messages that are shown. */
    texts: () => page.evaluate(TEXTS),
    /** What the page at `/` has counted under this name. */
    counter: (name: string) => page.evaluate(counted(name)),
    /** The label of what has the focus, in the page or in the widget. */
    focused: async () => `${await page.evaluate(FOCUSED)}`,
  };
}

const TEXTS = `[...document.querySelector("nereid-chat").shadowRoot.querySelectorAll(".log .text")].map((it) => it.textContent)`;
const FOCUSED = `{
  const it = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
  it?.getAttribute("aria-label") ?? it?.id ?? "";
}`;

/** An expression for a counter of the page at `/`. */
function counted(name: string): string {
  return `[...document.querySelectorAll("#counters div")]
    .find((it) => it.querySelector("dt").textContent === ${JSON.stringify(name)})?.querySelector("dd").textContent`;
}

/** An expression for the first visible element, or null. */
function lookUp(selector: string, name?: string): string {
  const named =
    name === undefined ? "" : `.filter((it) => (it.ariaLabel ?? it.textContent).trim() === ${JSON.stringify(name)})`;
  return `[document, document.querySelector("nereid-chat")?.shadowRoot]
    .flatMap((root) => [...(root?.querySelectorAll(${JSON.stringify(selector)}) ?? [])])${named}
    .find((it) => it.checkVisibility({ visibilityProperty: true })) ?? null`;
}
