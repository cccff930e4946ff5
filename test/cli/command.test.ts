import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { run } from "../../lib/cli/command.js";
import { readVersion } from "../../lib/cli/package-version.js";
import { terminal } from "./terminal.js";

const store = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "none" };

test.each([
  [["doctr"], "There is no command doctr"],
  [["doctor", "example.org"], "example.org is not an http or https URL"],
  [["doctor", "ftp://example.org"], "ftp://example.org is not an http or https URL"],
  [["doctor", "https://a.example", "https://b.example"], "One URL at a time"],
  [["doctor", "--origin", "example.org"], "example.org is not an origin such as https://example.org"],
  [["doctor", "--hold", "soon"], "--hold must be a whole number from 1 to 295"],
  [["doctor", "--hold", "296"], "--hold must be a whole number from 1 to 295"],
  [["doctor", "--env-file", "/nowhere/.env"], "Cannot read /nowhere/.env"],
  [["doctor", "--colour"], "Unknown option '--colour'"],
  [["init", "--colour"], "Unknown option '--colour'"],
  [["init", "one", "two"], "One folder at a time, not also two"],
])("%j is explained, with exit code 2", async (args, message) => {
  const at = terminal();
  expect(await run(args, at)).toBe(2);
  expect(at.noted()).toContain(message);
  expect(at.noted()).toContain("nereid-chat doctor [url]");
});

test("help and the version are written", async () => {
  for (const args of [[], ["help"], ["--help"], ["-h"], ["init", "--help"], ["doctor", "-h"]]) {
    const at = terminal();
    expect(await run(args, at)).toBe(0);
    expect(at.written()).toContain("nereid-chat doctor [url]");
  }
  const at = terminal();
  expect(await run(["--version"], at)).toBe(0);
  expect(at.written()).toBe("0.1.0\n");
  expect(readVersion()).toMatch(/^\d+\.\d+\.\d+/);
});

test("the doctor writes a line and an advice for each finding, and fails when one is bad", async () => {
  const at = terminal();
  expect(await run(["doctor", "--hold", "1"], at)).toBe(1);
  expect(at.written()).toMatch(/^ok {7}version {11}nereid-chat 0\.1\.0 on Node 24/m);
  expect(at.written()).toMatch(/^BAD {6}variables {9}Cannot reach Redis.*\n +→ On Vercel/m);
  expect(at.written()).toMatch(/3 looked at: 2 bad, 0 warnings, 0 skipped\n$/);
});

test("the doctor warns where a mounted chat has no store yet, and does not fail", async () => {
  const at = terminal();
  expect(await run(["doctor", "--mounted"], at)).toBe(0);
  expect(at.written()).toMatch(/2 looked at: 0 bad, 1 warning, 0 skipped\n$/);
});

test("the doctor reads a file of variables, and can write JSON", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "chat-cli-")), ".env.local");
  const secret = "k3Hw9vQm1xTz7LbN5rYc2JfD8sPgA4eU6iOoVnKq";
  await writeFile(
    file,
    `KV_REST_API_URL="${store.url}"\nKV_REST_API_TOKEN="${store.token}"\nCHAT_JWT_SECRET=${secret}\n`,
  );
  const at = terminal();
  expect(await run(["doctor", "--hold", "1", "--env-file", file, "--json"], at)).toBe(0);
  const { ok, findings } = JSON.parse(at.written());
  expect(ok).toBe(true);
  expect(findings).toContainEqual({ subject: "writes", verdict: "good", found: "The token may write" });
});
