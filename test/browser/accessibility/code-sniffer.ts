import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import * as v from "valibot";

const rules = createRequire(import.meta.url).resolve("html_codesniffer/build/HTMLCS.js");

// HTML_CodeSniffer knows documents of elements only, and colours of rgb() and hex digits. It checks the page, and then what is displayed in
// each shadow root in it as a piece of a page, whose ids are those of the root, and whose background goes on in the host.
const SNIFF = `(() => {
  const { util } = HTMLCS;
  const roots = [...document.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ?? []);
  const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  util.colourStrToRGB = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = [...pixel.getImageData(0, 0, 1, 1).data].map((it) => it / 255);
    return { red, green, blue, alpha };
  };
  util.style = (it, pseudo) => getComputedStyle(it instanceof ShadowRoot ? it.host : it, pseudo);
  util.trim = (text) => String(text ?? "").trim();
  const query = (selector) => Document.prototype.querySelector.call(document, selector) ?? roots.map((it) => it.querySelector(selector)).find((it) => it !== null) ?? null;
  document.querySelector = query;
  const byId = (id) => Document.prototype.getElementById.call(document, id) ?? roots.map((it) => it.getElementById(id)).find((it) => it !== null) ?? null;
  document.getElementById = byId;
  Element.prototype.getElementById = byId;
  const found = [];
  const check = (part) => {
    HTMLCS.process("WCAG2AA", part, () => {}, () => {}, "en");
    for (const { type, code, msg, element } of HTMLCS.getMessages())
      if (type === HTMLCS.ERROR) found.push([code.replace(/^WCAG2AA\\./, ""), msg, (element.outerHTML ?? element.nodeName).slice(0, 200)].join(": "));
  };
  check(document);
  for (const root of roots) for (const part of root.children) if (part.localName !== "style") check(part);
  delete document.getElementById;
  delete document.querySelector;
  delete Element.prototype.getElementById;
  return found;
})()`;

/** Returns what HTML_CodeSniffer, the rules of pa11y, counts as an error against WCAG 2 AA in a page. */
export async function errors(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(rules, "utf8"));
  return v.parse(v.array(v.string()), await page.evaluate(SNIFF));
}
