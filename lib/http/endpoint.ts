import { performance } from "node:perf_hooks";
import * as v from "valibot";
import { Fault, type FaultCode } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { isGuest } from "../people/reach.js";
import { parse } from "../schema/parse.js";
import { digest } from "../store/keys.js";
import { address } from "./address.js";
import { type AuthenticationInput, anyCaller, streamCaller } from "./authenticate.js";
import { readForm, readJson, readOptionalJson } from "./body.js";
import type { ChatContext } from "./chat-context.js";
import { findCredential } from "./credential.js";
import { bounded, GENERAL_HEADERS, refuse } from "./problem.js";
import type { LimitedAction, Payer } from "./rate-limit.js";

/** A request, parsed and authenticated. */
export type Call<Who, Path, Query, Body> = {
  chat: ChatContext;
  caller: Who;
  path: Path;
  query: Query;
  body: Body;
  now: number;
  request: Request;
};

export type EndpointOptions<Who extends Caller | undefined, Path, Query, Body, Result> = {
  who(chat: ChatContext, input: AuthenticationInput): Promise<Who>;
  /** Throws `not_found` where the deployment does not offer this, whatever the request brings besides. */
  offered?(chat: ChatContext): Promise<unknown>;
  /** The ids in the path. One that cannot exist is refused with `absent`, which names the code of each where they differ. */
  path: { ids: v.GenericSchema<unknown, Path>; absent: FaultCode | Record<string, FaultCode> };
  query: v.GenericSchema<unknown, Query>;
  /** Names in the query that may be repeated; their values are parsed as a list. */
  lists?: readonly string[];
  /** Its input is `undefined` if there is no body. */
  body: v.GenericSchema<unknown, Body>;
  /** Whether the body may also be a form. */
  form?: true;
  /** The rate limit that a call counts towards, and its weight: what it costs the store at most, where that is much. */
  rateLimit?: LimitedAction;
  weight?(body: Body, query: Query, request: Request, chat: ChatContext, who: string): number;
  run(call: Call<Who, Path, Query, Body>): Result | Promise<Result>;
  /** Creates the response; by default 200 with the result as JSON, or 204 without one. */
  reply?(result: Result, request: Request, chat: ChatContext): Response;
  /** Creates the response to a failure; by default a problem document. */
  refuse?(fault: Fault, request: Request): Response;
};

/** One method of one path. */
export type Endpoint = {
  run(chat: ChatContext, request: Request, params: Record<string, string>): Promise<Response>;
  refuse(fault: Fault, request: Request): Response;
};

/** Schema for endpoints without a query or a body: the input is ignored. */
export const nothing = v.pipe(
  v.unknown(),
  v.transform(() => undefined),
);

/** Paths that have no ids, or none but a credential. */
export const noIds = { ids: nothing, absent: "not_found" } as const;

/** Creates an endpoint: authenticates, parses, limits the rate, runs, and creates the response. */
export function endpoint<Who extends Caller | undefined, Path, Query, Body, Result>(
  options: EndpointOptions<Who, Path, Query, Body, Result>,
): Endpoint {
  const readBody = reader(options);
  const who: unknown = options.who;
  // The others refuse a chat token without looking it up, whatever the request brings besides.
  const takesTokens = who === anyCaller || who === streamCaller;
  const toStream = options.rateLimit === "stream";
  return {
    async run(chat, request, params) {
      const now = Date.now();
      const began = performance.now();
      const sha = takesTokens ? shaOfToken(chat, request, params.token) : undefined;
      const owner = sha && chat.limits.ownerOf(sha);
      // To look up a chat token may cost a read of the store, so what is malformed, or beyond the owner's limit, is refused before.
      const early = sha && (await parseInput(chat, options, readBody, request, params));
      if (early && owner) await limit(chat, options, owner, early, request);
      const caller = await options.who(chat, { request, token: params.token, sha, toStream, now }).catch((error) => {
        if (sha) chat.limits.forgetOwner(sha);
        throw error;
      });
      const timing = chat.timings?.getStore();
      if (timing !== undefined) timing.auth = performance.now() - began;
      const input = early || (await parseInput(chat, options, readBody, request, params));
      const payer = owner || payerOf(caller, request);
      if (!owner) await limit(chat, options, payer, input, request);
      if (sha && caller) chat.limits.noteOwner(sha, payer);
      const result = options.run({ chat, caller, ...input, now, request });
      // Not awaited, since a held poll would retain this frame.
      return Promise.resolve(result).then((it) =>
        options.reply === undefined ? json(it) : options.reply(it, request, chat),
      );
    },
    refuse: (fault, request) => (options.refuse === undefined ? refuse(fault) : options.refuse(fault, request)),
  };
}

/** Returns the SHA-256 of the chat token of a request; undefined if it has another credential or none. */
function shaOfToken(chat: ChatContext, request: Request, inPath: string | undefined): string | undefined {
  try {
    const credential = findCredential(chat.config, request, inPath);
    return credential?.kind === "token" ? digest(credential.token) : undefined;
  } catch {
    // The credential is malformed, which the authentication refuses.
    return undefined;
  }
}

async function limit<Query, Body>(
  chat: ChatContext,
  { rateLimit, weight }: Pick<EndpointOptions<undefined, unknown, Query, Body, unknown>, "rateLimit" | "weight">,
  { id, isGuest }: Payer,
  { query, body }: { query: Query; body: Body },
  request: Request,
): Promise<void> {
  if (rateLimit === undefined) return;
  const count = weight?.(body, query, request, chat, id) ?? 1;
  await chat.limits.consume(rateLimit, id, count);
  if (isGuest) await chat.limits.consumeAsGuest(rateLimit, id, address(request), count);
}

/** Returns whose limits a request counts towards: the caller's, or those of its address. */
function payerOf(caller: Caller | undefined, request: Request): Payer {
  return caller === undefined
    ? { id: address(request), isGuest: false }
    : { id: caller.actor.id, isGuest: isGuest(caller) };
}

/** Parses what a request brings besides its credential. Throws `invalid`, `too_large`, or what the endpoint says of an id that cannot exist. */
async function parseInput<Path, Query, Body>(
  chat: ChatContext,
  options: Input<Path, Query, Body>,
  readBody: Reader | undefined,
  request: Request,
  params: Record<string, string>,
): Promise<{ path: Path; query: Query; body: Body }> {
  if (options.offered !== undefined) await options.offered(chat);
  return {
    path: parseIds(options.path, params),
    query: parse(options.query, queryOf(request.url, options.lists)),
    body: parse(options.body, readBody && (await readBody(request))),
  };
}

function parseIds<Path>({ ids, absent }: Input<Path, unknown, unknown>["path"], params: unknown): Path {
  const parsed = v.safeParse(ids, params);
  if (parsed.success) return parsed.output;
  const name = `${parsed.issues[0].path?.[0]?.key}`;
  throw new Fault(typeof absent === "string" ? absent : (absent[name] ?? "not_found"));
}

type Input<Path, Query, Body> = Pick<
  EndpointOptions<undefined, Path, Query, Body, unknown>,
  "offered" | "path" | "query" | "body" | "lists"
>;

/** Creates a response with a result as JSON; 204 without one. */
export function json(result: unknown, status = 200, headers: Record<string, string> = {}): Response {
  if (result === undefined) return new Response(null, { status: 204, headers: { ...GENERAL_HEADERS, ...headers } });
  return bounded(JSON.stringify(result), status, "application/json", headers);
}

/** Parses the query of a URL; of a repeated name the first value counts, unless it is one of the lists. */
function queryOf(url: string, lists: readonly string[] = []): Record<string, string | string[]> {
  const at = url.indexOf("?");
  if (at < 0) return {};
  const query = new URLSearchParams(url.slice(at));
  const values = new Map<string, string | string[]>();
  for (const [name, value] of query) if (!values.has(name)) values.set(name, value);
  for (const name of lists) if (query.has(name)) values.set(name, query.getAll(name));
  return Object.fromEntries(values);
}

type Reader = (request: Request) => Promise<unknown>;

function reader({ body, form }: { body: v.GenericSchema; form?: true }): Reader | undefined {
  if (body === nothing) return undefined;
  const read = v.is(body, undefined) ? readOptionalJson : readJson;
  if (form === undefined) return read;
  return (request) => (/json/i.test(request.headers.get("content-type") ?? "") ? read(request) : readForm(request));
}
