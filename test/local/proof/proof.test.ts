import { readFile } from "node:fs/promises";
import { request } from "node:http";
import * as v from "valibot";
import { afterEach, describe, expect, inject, it } from "vitest";
import { onPath } from "../../../local/redis.js";
import { type Site, site } from "../../support/site.js";

const OWN_STORE = { UPSTASH_REDIS_REST_URL: undefined, UPSTASH_REDIS_REST_TOKEN: undefined };
const started: Site[] = [];

/** A server as `npm start` runs it, on a store of its own unless `env` says otherwise. */
async function serve(env: Record<string, string | undefined> = OWN_STORE): Promise<Site> {
  const server = await site(inject("bridge") ?? { url: "", token: "" }, env);
  started.push(server);
  return server;
}

async function ask(server: Site, deed: string, headers: Record<string, string> = { origin: server.url }) {
  const response = await fetch(`${server.url}/proof/${deed}`, { method: "POST", headers });
  return response.ok ? await response.json() : response.status;
}

const Seen = v.object({ accepted: v.number(), delivered: v.number(), oldestMs: v.number() });

async function see(server: Site) {
  return v.parse(Seen, await ask(server, "state"));
}

/** The processes that a process has started. */
async function childrenOf(pid: number | undefined): Promise<string[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ").filter((it) => it !== "");
}

async function isAlive(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // A dead child of nobody may wait for ever to be buried.
  return status !== "" && !/\) [ZX] /.test(status);
}

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});

const SURVIVED = { at: expect.any(Number), pid: expect.any(Number), backMs: expect.any(Number), lost: 0 };

describe("the proof", () => {
  it("shows nothing lost and nothing doubled when its server is killed twice, and leaves nobody behind", async () => {
    const server = await serve();
    const before = await childrenOf(server.child.pid);
    await ask(server, "start?bots=40");
    const reaches = (state: object) =>
      expect.poll(() => ask(server, "state"), { timeout: 20_000, interval: 200 }).toMatchObject(state);
    await reaches({ talking: true, serving: true, bots: 40 });
    for (const kills of [1, 2]) {
      const { accepted } = await see(server);
      await expect.poll(async () => (await see(server)).accepted, { timeout: 10_000 }).toBeGreaterThan(accepted);
      await ask(server, "kill");
      await reaches({ kills: Array(kills).fill(SURVIVED) });
    }
    await reaches({ online: 40 });
    const [{ accepted }, asked] = [await see(server), Date.now()];
    // All that was said before has been seen by everybody when the oldest that was not is younger; reports may be half a second old.
    const unseen = async () => (await see(server)).oldestMs - (Date.now() - asked - 1_000);
    await expect.poll(unseen, { timeout: 15_000 }).toBeLessThan(0);
    expect(await ask(server, "state")).toMatchObject({ lost: 0, doubled: 0, breaks: 0, refused: 0 });
    expect((await see(server)).delivered).toBeGreaterThanOrEqual(10 * accepted);
    if (onPath("redis-server")) expect(await ask(server, "state")).toMatchObject({ commands: expect.any(Number) });
    const during = await childrenOf(server.child.pid);
    expect(during.length).toBe(before.length + 2);
    expect(await ask(server, "stop")).toMatchObject({ ended: "Stopped", serving: false });
    expect(await childrenOf(server.child.pid)).toEqual(before);
  });

  it("ends with the server, even when that is killed", async () => {
    const server = await serve();
    await ask(server, "start?bots=10");
    await expect.poll(() => ask(server, "state"), { timeout: 25_000 }).toMatchObject({ online: 10 });
    const children = await childrenOf(server.child.pid);
    server.kill("SIGKILL");
    await expect
      .poll(async () => (await Promise.all(children.map(isAlive))).includes(true), { timeout: 20_000 })
      .toBe(false);
  }, 60_000);

  it("is answered to its own page alone", async () => {
    const server = await serve();
    const { port } = new URL(server.url);
    const rebound = `http://chat.example:${port}`;
    const foreign = [{}, { origin: "http://chat.example" }, { origin: "null" }, { origin: `http://127.0.0.1:${port}` }];
    for (const headers of [...foreign, { origin: server.url, "sec-fetch-site": "cross-site" }])
      expect(await ask(server, "start", headers)).toBe(403);
    const options = { method: "POST", headers: { host: `chat.example:${port}`, origin: rebound } };
    const status = await new Promise((resolve, reject) =>
      request(`${server.url}/proof/start`, options, (response) => resolve(response.resume().statusCode))
        .once("error", reject)
        .end(),
    );
    expect(status).toBe(403);
    expect((await fetch(`${server.url}/proof/start`)).status).toBe(404);
    expect(await ask(server, "state")).toEqual({ available: true });
    const page = await fetch(`${server.url}/proof`);
    expect(page.headers.get("content-security-policy")).toBe("frame-ancestors 'none'");
    expect(await page.text()).toContain("Kill the server");
  });

  it("fills no database that was configured, and is not there for other machines", async () => {
    const [configured, open] = await Promise.all([serve({}), serve({ ...OWN_STORE, HOST: "0.0.0.0" })]);
    expect(await ask(configured, "start")).toEqual({ available: false });
    for (const path of ["/proof", "/proof/", "/proof/proof.js"])
      expect((await fetch(`${open.url}${path}`)).status).toBe(404);
    expect(await ask(open, "state")).toBe(404);
  });
});
