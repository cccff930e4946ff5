import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { BrowserContext, Page } from "playwright-core";
import * as v from "valibot";
import type { Site } from "../support/site.js";

/** Opens somebody's page that shows the chat as any page would: by one script and one element, with these attributes. */
export async function host(
  context: BrowserContext,
  server: Site,
  attributes: Record<string, string>,
  about: { origin?: string; lang?: string; dir?: string; meta?: string } = {},
): Promise<Page> {
  const { origin = server.url, lang = "en", dir = "ltr", meta = "" } = about;
  const written = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`);
  const body = `<!doctype html><html lang="${lang}" dir="${dir}"><head>${meta}<title>A shop</title></head><body><main><h1>A shop</h1>
    <script src="${server.url}/nereid-chat/chat.js" defer></script>
    <nereid-chat ${written.join(" ")}></nereid-chat></main></body></html>`;
  const page = await context.newPage();
  await page.route(`${origin}/host`, (route) => route.fulfill({ contentType: "text/html", body }));
  await page.goto(`${origin}/host`);
  return page;
}

const Violations = v.array(
  v.object({ id: v.string(), help: v.string(), nodes: v.array(v.object({ html: v.string() })) }),
);
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds wrong in a page, each with the elements concerned. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axe, "utf8"));
  const found = v.parse(
    Violations,
    await page.evaluate(
      `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) => violations)`,
    ),
  );
  return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
}
