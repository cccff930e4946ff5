import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import * as v from "valibot";
import { describeMachine, type Member, quantile, type Site, site } from "./support/site.js";

// What a send takes while nobody answers its webhook and its push, compared to a server that has neither. Both take turns in one run. Exits with 1
// when the median is more than 5 % longer.

const TURNS = 20;
const MESSAGES = 100;
const WORSE = 1.05;

const deaf = await listen();
const { port } = v.parse(v.object({ port: v.number() }), deaf.address());
const hook = `http://127.0.0.1:${port}`;
const settings = {
  CHAT_WEBHOOK_URL: `${hook}/hook`,
  CHAT_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
  CHAT_WEBHOOK_PRIVATE: "1",
  // The local store lets pushes go to this machine.
  CHAT_STORE: "local",
};
const alone = await site({ CHAT_PUSH: "0" });
const waited = await site(settings);
try {
  console.log(describeMachine());
  process.exitCode = (await measure()) <= WORSE ? 0 : 1;
} finally {
  await alone.stop();
  await waited.stop();
  deaf.close();
}

/** Accepts connections, and never answers. */
async function listen(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => socket.destroy()).unref());
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  return server;
}

/** Returns how many times as long a send takes with the dead endpoints. */
async function measure(): Promise<number> {
  const pairs = [await pair(alone), await pair(waited)] as const;
  await subscribe(waited, pairs[1].ben);
  const times = pairs.map((): number[] => []);
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const [i, it] of pairs.entries()) {
      const some = await send(it);
      // The first turn runs code that nothing has compiled yet.
      if (turn > 0) times[i]?.push(...some);
    }
  }
  const [without = 0, dead = 0] = times.map((some) => quantile(some, 0.5));
  const [tail = 0, deadTail = 0] = times.map((some) => quantile(some, 0.99));
  console.log(`send without: median ${without.toFixed(2)} ms, p99 ${tail.toFixed(1)} ms`);
  console.log(`send, webhook and push dead: median ${dead.toFixed(2)} ms, p99 ${deadTail.toFixed(1)} ms`);
  console.log(`ratio of the medians ${(dead / without).toFixed(3)}`);
  return dead / without;
}

type Pair = { server: Site; ann: Member; ben: Member };

async function pair(server: Site): Promise<Pair> {
  return { server, ann: await server.user("Ann"), ben: await server.user("Ben") };
}

/** Registers a device of somebody who has no page open. */
async function subscribe(server: Site, { token }: Member): Promise<void> {
  const { x = "", y = "" } = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey.export({
    format: "jwk",
  });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  const keys = { p256dh: point.toString("base64url"), auth: randomBytes(16).toString("base64url") };
  await server.call(v.unknown(), "push", { token, body: { endpoint: `${hook}/push`, keys } });
}

async function send({ server, ann, ben }: Pair): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    const body = { type: "message", message: { to: [ben.actor.id], text: "Hello, Ben" } };
    const begun = performance.now();
    await server.call(v.unknown(), `send/${ann.token}`, { body });
    times.push(performance.now() - begun);
  }
  return times;
}
