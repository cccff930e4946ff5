import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import * as v from "valibot";
import type { Chance } from "./chance.js";
import type { Told } from "./hooks-checker.js";

// How the endpoint behaves, of 1; else it takes what it is told. It hangs seldom: each time costs its thread the 10 s that the chat waits.
const FAILS = 0.03;
const HANGS = 0.001;
const LATE = 0.01;
const DROPS = 0.01;
const LATE_MS = [500, 12_000] as const;

const Sent = v.object({
  type: v.literal("message.sent"),
  data: v.object({
    message: v.object({ id: v.string(), thread: v.string(), seq: v.number(), sender: v.object({ id: v.string() }) }),
  }),
});

/** The host's server as it should not be: it fails, hangs, answers late, and drops connections after it took something. */
export type HooksEndpoint = {
  url: string;
  /** What it did, and how often. */
  deeds: Map<string, number>;
  /** Takes everything at once from now on. */
  behave(): void;
  close(): void;
};

/** Starts the endpoint; it gives each message that it is told of to `tell`, whose `taken` it sets when it has accepted it. */
export async function hooksEndpoint(
  secret: string,
  chance: Chance,
  tell: (told: Told) => void,
): Promise<HooksEndpoint> {
  const verifier = new Webhook(secret);
  const deeds = new Map<string, number>();
  let isGood = false;
  const act = async (told: Told | undefined, response: ServerResponse) => {
    const deed = isGood ? "takes" : choose(chance);
    deeds.set(deed, (deeds.get(deed) ?? 0) + 1);
    if (deed === "hangs") return;
    if (deed === "late") await sleep(chance.between(...LATE_MS));
    if (deed !== "fails" && told !== undefined) told.taken = Date.now();
    if (deed === "drops") response.destroy();
    else response.writeHead(deed === "fails" ? 503 : 204).end();
  };
  const server = createServer(async (request, response) => {
    const at = Date.now();
    const told = read(verifier, request, await textOf(request), at);
    if (told !== undefined) tell(told);
    await act(told, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hook`,
    deeds,
    behave() {
      isGood = true;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function choose(chance: Chance): "fails" | "hangs" | "late" | "drops" | "takes" {
  if (chance.happens(FAILS)) return "fails";
  if (chance.happens(HANGS)) return "hangs";
  if (chance.happens(LATE)) return "late";
  return chance.happens(DROPS) ? "drops" : "takes";
}

/** Verifies a webhook by the official library, and reads it; undefined for one that tells of no message. */
function read(verifier: Webhook, { headers }: IncomingMessage, text: string, at: number): Told | undefined {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature } = headers;
  verifier.verify(text, { "webhook-id": `${id}`, "webhook-timestamp": `${time}`, "webhook-signature": `${signature}` });
  const parsed = v.safeParse(Sent, JSON.parse(text));
  if (!parsed.success) return undefined;
  const { id: message, thread, seq, sender } = parsed.output.data.message;
  return { id: `${id}`, thread, seq, message, by: sender.id, at, taken: undefined };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
