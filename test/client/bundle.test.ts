import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { type Options, parse } from "acorn";
import { describe, expect, it } from "vitest";

const folder = new URL("../../public/nereid-chat/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".js"));
const text = (name: string) => readFileSync(new URL(name, folder), "utf8");
const OF_WIDGET = files.filter((name) => name.startsWith("widget-"));
const LOADED_LATER = ["live.js", "page.js", "probe.js", "push.js", "sender.js", "upload.js", ...OF_WIDGET];

describe("the shipped files", () => {
  // What Chromium 120, Firefox 121 and Safari 17 read: ES2023 without the rest.
  it.each(files)("%s uses only syntax that current browsers share", (name) => {
    const sourceType: Options["sourceType"] = name === "chat.js" ? "script" : "module";
    expect(() => parse(text(name), { ecmaVersion: 2023, sourceType })).not.toThrow();
  });

  it.each(files)("%s imports only the client's own files, and only when needed", (name) => {
    const code = text(name);
    expect([...code.matchAll(/(?:^|[;}])import\s*["'{*\w]/g)]).toEqual([]);
    const later = [...code.matchAll(/import\(\s*(?:new URL\()?["']([^"']+)["']/g)].map(([, path]) => path);
    for (const path of later) expect(LOADED_LATER.map((it) => `./${it}`)).toContain(path);
  });

  it("keep client.js within 6 KiB", () => {
    expect(gzipSync(text("client.js"), { level: 9 }).length).toBeLessThanOrEqual(6 * 1024);
  });

  it("keep the widget within 60 kB", () => {
    expect(gzipSync(text("chat.js"), { level: 9 }).length).toBeLessThanOrEqual(60_000);
  });
});
