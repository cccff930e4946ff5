import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { deriveSecret } from "../../lib/config-hooks.js";
import { SECRET, session } from "../support/site.js";
import { call } from "./call.js";
import { Chance } from "./chance.js";
import { type Cluster, cluster } from "./cluster.js";
import { type Breach, HooksChecker } from "./hooks-checker.js";
import { hooksEndpoint } from "./hooks-endpoint.js";

// `npm run faults -- --hooks`: what the host's server is told, while it fails and the chat is killed.

export type HooksPlan = { seed: number; messages: number; servers: number };

export type HooksResult = {
  accepted: number;
  kills: number;
  deeds: ReadonlyMap<string, number>;
  breaches: Breach[];
};

const ROOMS = 40;
/** So many users are erased, each half-way through what they say. */
const ERASED = 4;
const IMPORTED = 200;
const AT_ONCE = 5;
const CRON_SECRET = "the secret of the clock";
const ATTEMPT_MS = 15_000;
const PAUSE_MS = 100;
// The outbox is emptied faster than it is filled: for so long at most, faults go on after the last message.
const RAGE_MS = 120_000;
// After all is whole again: the backoff of a thread may have come to minutes.
const REST_MS = 240_000;

/** Lets users speak while servers and the store are killed, and the host's server misbehaves; then holds against each other what was said and told. */
export async function runHooks({ seed, messages, servers }: HooksPlan): Promise<HooksResult> {
  const folder = await mkdtemp(join(tmpdir(), "chat-hooks-"));
  const chance = new Chance(seed);
  const checker = new HooksChecker();
  const endpoint = await hooksEndpoint(deriveSecret(SECRET), chance.branch(), (told) => checker.tell(told));
  const arena = await cluster(folder, servers, ".", {
    ...{ CHAT_WEBHOOK_URL: endpoint.url, CHAT_WEBHOOK_PRIVATE: "1", CHAT_UNREAD_AFTER: "0", CRON_SECRET },
  });
  const host = new Host(arena, chance.branch(), checker);
  try {
    const kills = await host.play(Math.ceil(messages / ROOMS));
    endpoint.behave();
    await rest(host, checker);
    return { accepted: host.accepted, kills, deeds: endpoint.deeds, breaches: checker.finish() };
  } finally {
    endpoint.close();
    await arena.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits until everything was told, and a little longer for what must not be told. */
async function rest(host: Host, checker: HooksChecker): Promise<void> {
  for (const end = Date.now() + REST_MS; checker.missing > 0 && Date.now() < end; await sleep(500)) await host.wake();
  await host.wake();
  await sleep(2_000);
}

const Results = v.object({ results: v.array(v.object({ seq: v.number() })) });
const Next = v.object({ next: v.exactOptional(v.string()) });

/** The back end of the host: speaks as its users by the server API, and tries again until it has an answer. */
class Host {
  readonly #cluster: Cluster;
  readonly #chance: Chance;
  readonly #checker: HooksChecker;
  readonly #authorization = session("server", { scope: "chat:server" }).then((jwt) => `Bearer ${jwt}`);
  accepted = 0;

  constructor(arena: Cluster, chance: Chance, checker: HooksChecker) {
    this.#cluster = arena;
    this.#chance = chance;
    this.#checker = checker;
  }

  /** Says so much in each room under faults; returns how often something was killed. */
  async play(each: number): Promise<number> {
    const rooms = Array.from({ length: ROOMS }, (_, i) => ({ id: `room-${i}`, by: `user,${i}` }));
    for (const { id, by } of rooms)
      await this.#ask("POST", `server/threads?as=${encodeURIComponent(by)}`, {
        kind: "room",
        id,
        members: ["user,reader"],
      });
    const stop = new AbortController();
    const killing = kill(this.#cluster, this.#chance.branch(), stop.signal);
    await Promise.all(
      rooms.map(async ({ id, by }, i) => {
        if (i >= ERASED) return this.#speak(id, by, each);
        await this.#speak(id, by, Math.ceil(each / 2));
        await this.#erase(by);
      }),
    );
    await this.#import(`room-${ROOMS - 1}`);
    // What waits by now is sent while the kills go on.
    for (const end = Date.now() + RAGE_MS; this.#checker.missing > 0 && Date.now() < end; await sleep(500))
      await this.wake();
    stop.abort();
    return killing;
  }

  /** Lets the cron path of every server look for what was left. */
  async wake(): Promise<void> {
    const headers = { authorization: `Bearer ${CRON_SECRET}` };
    await Promise.all(
      this.#cluster.nodes.map(({ near }) =>
        call({ method: "GET", url: `${near.url}/nereid-chat/cron`, headers, timeoutMs: ATTEMPT_MS }).catch(() => {}),
      ),
    );
  }

  async #speak(thread: string, by: string, count: number): Promise<void> {
    for (let said = 0; said < count; ) {
      const ids = Array.from({ length: Math.min(AT_ONCE, count - said) }, () => randomUUID());
      const stanzas = ids.map((id, i) => ({ type: "message", message: { id, thread, text: `${said + i}` } }));
      const answer = await this.#ask("POST", `server/send?as=${encodeURIComponent(by)}`, { stanzas });
      const { results } = v.parse(Results, answer);
      for (const [i, { seq }] of results.entries()) this.#checker.accept({ id: ids[i] ?? "", thread, seq, by });
      said += ids.length;
      this.accepted += ids.length;
    }
  }

  async #erase(entity: string): Promise<void> {
    for (let after: string | undefined; ; ) {
      const answer = await this.#ask("POST", "server/erasures", { entity, ...(after === undefined ? {} : { after }) });
      after = v.parse(Next, answer).next;
      if (after === undefined) break;
    }
    this.#checker.erase(entity, Date.now());
  }

  async #import(thread: string): Promise<void> {
    const old = Array.from({ length: IMPORTED }, (_, i) => ({
      ...{ id: randomUUID(), sender: "user,old", text: `From before ${i}` },
      timestamp: new Date(Date.UTC(2020, 0, 1, 0, 0, i)).toISOString(),
    }));
    for (const { id } of old) this.#checker.import(id);
    await this.#ask("POST", `server/threads/${thread}/import`, { messages: old });
  }

  /** Asks some server until one has done it. Throws when it is refused for good. */
  async #ask(method: string, path: string, body: object): Promise<unknown> {
    const headers = { authorization: await this.#authorization };
    for (;;) {
      const { near } = this.#chance.pick(this.#cluster.nodes);
      const url = `${near.url}/nereid-chat/${path}`;
      const reply = await call({ method, url, headers, body, timeoutMs: ATTEMPT_MS }).catch(() => undefined);
      if (reply !== undefined && reply.status < 300) return JSON.parse(reply.text || "{}");
      const isPassing = reply === undefined || reply.status === 429 || reply.status >= 502;
      if (!isPassing) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
      await sleep(PAUSE_MS);
    }
  }
}

/** Kills and freezes servers, and kills the store, until it is told to stop; returns how often. All is whole then. */
async function kill({ nodes, store }: Cluster, chance: Chance, signal: AbortSignal): Promise<number> {
  const last = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  let count = 0;
  while (!signal.aborted) {
    await last(chance.between(500, 2_500));
    if (signal.aborted) break;
    count += 1;
    const node = chance.pick(nodes);
    if (chance.happens(0.15)) {
      await store.kill();
      await last(chance.between(0, 1_000));
      await store.start();
    } else if (chance.happens(0.2)) {
      node.freeze(true);
      await last(chance.between(500, 8_000));
      node.freeze(false);
    } else {
      await node.kill();
      await last(chance.between(0, 1_500));
      await node.start(".");
    }
  }
  return count;
}

/** Writes the outcome in a few lines. */
export function describeHooks({ accepted, kills, deeds, breaches }: HooksResult): string {
  const done = [...deeds].map(([deed, count]) => `${deed} ${count}`).join(", ");
  const worst = breaches.slice(0, 10).map(({ rule, what }) => `${rule}: ${what}`);
  return [
    `${accepted} messages accepted, ${kills} kills; the endpoint ${done}; ${breaches.length} violations`,
    ...worst,
  ].join("\n");
}
