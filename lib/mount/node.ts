import type { ServerResponse } from "node:http";
import { Fault } from "../fault.js";
import { refuse } from "../http/problem.js";
import { createChat, type MountOptions, type ServerApi } from "./mounted-chat.js";
import { type Incoming, pathOf, toWebRequest } from "./node-request.js";
import { writeResponse } from "./node-response.js";

export {
  type BeforeSend,
  ConfigError,
  type Draft,
  type MountOptions,
  ServerError,
  type User,
  type Verdict,
} from "./mounted-chat.js";

/** A handler for Node's `http`, `https` and `http2`, Express and Fastify. */
export type NodeHandler<Asked> = {
  (request: Asked, response: NodeReply, next?: (error?: unknown) => void): Promise<void>;
  /** Acts as the server of the host, in this process (docs/server.md). */
  readonly server: ServerApi;
  /** Ends held polls with empty answers, and closes the connections of the chat. */
  close(): void;
};

/** A response of Node's server, or Fastify's reply. */
export type NodeReply = ServerResponse | { raw: ServerResponse; hijack(): unknown };

/** A request of Node's server, with Express's additions or not, or Fastify's. */
export type NodeRequest = Incoming | { raw: Incoming; body?: unknown; ip?: string };

/**
 * Creates a chat as a handler of Node's server. `user` also receives the request of the framework, where a session may hang. In Express, requests
 * to other paths go on to the next handler; elsewhere they are refused with `not_found`. A body that a parser has read already is taken from
 * `request.body`. Throws `ConfigError` for a wrong setting and, in production, without a store.
 *
 * @example
 * app.use(chat<express.Request>({ user: (_, request) => request?.session.user })); // Express
 * scope.all("/nereid-chat/*", chat({ user })); // Fastify, with the scope of docs/integrate-node.md
 * createServer(chat({ user })).listen(3000); // node:http
 */
export function chat<Asked extends NodeRequest = NodeRequest>(
  options: MountOptions<Asked> = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): NodeHandler<Asked> {
  const mounted = createChat(options, environment);
  const base = options.basePath ?? environment.CHAT_BASE_PATH ?? "/nereid-chat";
  const handler = async (asked: Asked, reply: NodeReply, next?: (error?: unknown) => void) => {
    const incoming = incomingOf(asked);
    const path = pathOf(incoming);
    if (next !== undefined && path !== base && path?.startsWith(`${base}/`) !== true) return next();
    const outgoing = outgoingOf(reply);
    const request = toWebRequest(incoming, departureOf(outgoing));
    const response =
      request === undefined
        ? refuse(new Fault("invalid", { detail: "The request line or the Host header is malformed" }))
        : await mounted.fetch(request, asked);
    await writeResponse(response, outgoing, incoming.method === "HEAD");
  };
  return Object.assign(handler, { server: mounted.server, close: () => mounted.close() });
}

function incomingOf(asked: NodeRequest): Incoming {
  if (!("raw" in asked)) return asked;
  const { raw, body, ip } = asked;
  return Object.assign(raw, { body }, ip === undefined ? {} : { ip });
}

function outgoingOf(reply: NodeReply): ServerResponse {
  if (!("hijack" in reply)) return reply;
  reply.hijack();
  return reply.raw;
}

/** Returns a signal that aborts when the client disconnects before the response is complete. */
function departureOf(outgoing: ServerResponse): AbortSignal {
  const departure = new AbortController();
  outgoing.once("close", () => outgoing.writableFinished || departure.abort());
  return departure.signal;
}
