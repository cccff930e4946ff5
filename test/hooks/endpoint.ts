import { createServer, type IncomingMessage } from "node:http";
import { Webhook } from "standardwebhooks";
import * as v from "valibot";

const Body = v.object({ type: v.string(), timestamp: v.string(), data: v.record(v.string(), v.unknown()) });

/** A webhook as the host's server received it, its signature verified by the official library. */
export type Received = v.InferOutput<typeof Body> & { id: string };

/** What the endpoint answers: a status and a body, or nothing for as long as the request lives. */
export type Answer = { status: number; body?: unknown } | "hangs";

/** A server of the host that receives webhooks. `answer` decides what becomes of each; only those that it accepts count as received. */
export async function hostServer(
  secret: string,
  answer: (it: Received) => Answer | Promise<Answer> = () => ({ status: 204 }),
) {
  const received: Received[] = [];
  const attempts: Received[] = [];
  const verifier = new Webhook(secret);
  const server = createServer(async (request, response) => {
    const text = await textOf(request);
    const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature } = request.headers;
    const headers = { "webhook-id": `${id}`, "webhook-timestamp": `${time}`, "webhook-signature": `${signature}` };
    const it = { ...v.parse(Body, verifier.verify(text, headers)), id: `${id}` };
    attempts.push(it);
    const reply = await answer(it);
    if (reply === "hangs") return;
    if (reply.status < 300) received.push(it);
    response.writeHead(reply.status, { "content-type": "application/json" });
    response.end(reply.body === undefined ? "" : JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    attempts,
    types: () => received.map(({ type }) => type),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
