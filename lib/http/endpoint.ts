import { performance } from "node:perf_hooks";
import * as v from "valibot";
import type { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { parse } from "../schema/parse.js";
import { type AuthenticationInput, address } from "./authenticate.js";
import { readForm, readJson, readOptionalJson } from "./body.js";
import type { ChatContext } from "./chat-context.js";
import { bounded, GENERAL_HEADERS, refuse } from "./problem.js";
import type { LimitedAction } from "./rate-limit.js";

/** A request, parsed and authenticated. */
export type Call<Who, Query, Body> = {
  chat: ChatContext;
  caller: Who;
  params: Record<string, string>;
  query: Query;
  body: Body;
  now: number;
  request: Request;
};

export type EndpointOptions<Who extends Caller | undefined, Query, Body, Result> = {
  who(chat: ChatContext, input: AuthenticationInput): Promise<Who>;
  query: v.GenericSchema<unknown, Query>;
  /** Names in the query that may be repeated; their values are parsed as a list. */
  lists?: readonly string[];
  /** Its input is `undefined` if there is no body. */
  body: v.GenericSchema<unknown, Body>;
  /** Whether the body may also be a form. */
  form?: true;
  /** The rate limit that a call counts towards, and its weight. */
  rateLimit?: LimitedAction;
  weight?(body: Body): number;
  run(call: Call<Who, Query, Body>): Result | Promise<Result>;
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

/** Creates an endpoint: authenticates, parses, limits the rate, runs, and creates the response. */
export function endpoint<Who extends Caller | undefined, Query, Body, Result>(
  options: EndpointOptions<Who, Query, Body, Result>,
): Endpoint {
  const readBody = reader(options);
  const toStream = options.rateLimit === "stream";
  return {
    async run(chat, request, params) {
      const now = Date.now();
      const began = performance.now();
      const caller = await options.who(chat, { request, token: params.token, toStream, now });
      const timing = chat.timings?.getStore();
      if (timing !== undefined) timing.auth = performance.now() - began;
      const query = parse(options.query, queryOf(request.url, options.lists));
      const body = parse(options.body, readBody && (await readBody(request)));
      if (options.rateLimit)
        await chat.limits.consume(options.rateLimit, caller?.actor.id ?? address(request), options.weight?.(body));
      const result = options.run({ chat, caller, params, query, body, now, request });
      // Not awaited, since a held poll would retain this frame.
      return Promise.resolve(result).then((it) =>
        options.reply === undefined ? json(it) : options.reply(it, request, chat),
      );
    },
    refuse: (fault, request) => (options.refuse === undefined ? refuse(fault) : options.refuse(fault, request)),
  };
}

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
