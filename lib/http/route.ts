import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { parse } from "../schema/parse.js";
import { type Asking, address } from "./authenticate.js";
import { readForm, readJson, readOptionalJson } from "./body.js";
import { corsHeaders, preflight } from "./cors.js";
import { bounded, faultOf, GENERAL_HEADERS, refuse } from "./problem.js";
import { type Ration, take } from "./rate-limit.js";

const BASE = "/nereid-chat";

/** A request, parsed and identified. */
export type Call<Who, Query, Body> = {
  caller: Who;
  params: Record<string, string>;
  query: Query;
  body: Body;
  now: number;
  request: Request;
};

export type Spec<Who extends Caller | undefined, Query, Body, Result> = {
  who(asking: Asking): Promise<Who>;
  query: v.GenericSchema<unknown, Query>;
  /** Names in the query that may be repeated: what stands there comes as a list. */
  lists?: readonly string[];
  /** `undefined` is its input when there is no body. */
  body: v.GenericSchema<unknown, Body>;
  /** Whether the body may come as a form, too. */
  form?: true;
  /** Which ration a call takes from, and how much of it. */
  ration?: Ration;
  weight?(body: Body): number;
  run(call: Call<Who, Query, Body>): Result | Promise<Result>;
  /** Writes the response; 200 with the result as JSON, or 204 when there is none, unless told. */
  reply?(result: Result, request: Request): Response;
  /** Writes a refusal; a problem document unless told. */
  refuse?(fault: Fault, request: Request): Response;
};

/** For endpoints that take no query, or no body: whatever comes is ignored. */
export const nothing = v.pipe(
  v.unknown(),
  v.transform(() => undefined),
);

/** One method of one path, ready to be called. */
export type Endpoint = {
  run(request: Request, params: Record<string, string>): Promise<Response>;
  refuse(fault: Fault, request: Request): Response;
};

/** Reads the query of a URL; of a repeated name the first value, unless it is one of the lists. */
function queryOf(url: string, lists: readonly string[] = []): Record<string, string | string[]> {
  const at = url.indexOf("?");
  if (at < 0) return {};
  const query = new URLSearchParams(url.slice(at));
  const values = new Map<string, string | string[]>();
  for (const [name, value] of query) if (!values.has(name)) values.set(name, value);
  for (const name of lists) if (query.has(name)) values.set(name, query.getAll(name));
  return Object.fromEntries(values);
}

/** Builds an endpoint from what is particular to it. */
export function on<Who extends Caller | undefined, Query, Body, Result>(
  spec: Spec<Who, Query, Body, Result>,
): Endpoint {
  const readBody = reader(spec);
  const toStream = spec.ration === "stream";
  return {
    async run(request, params) {
      const now = Date.now();
      const caller = await spec.who({ request, token: params.token, toStream, now });
      const query = parse(spec.query, queryOf(request.url, spec.lists));
      const body = parse(spec.body, readBody && (await readBody(request)));
      if (spec.ration) await take(spec.ration, caller?.actor.id ?? address(request), spec.weight?.(body));
      const result = spec.run({ caller, params, query, body, now, request });
      // Not awaited here: whoever waits for long is held without this frame.
      return Promise.resolve(result).then((it) => (spec.reply === undefined ? json(it) : spec.reply(it, request)));
    },
    refuse: (fault, request) => (spec.refuse === undefined ? refuse(fault) : spec.refuse(fault, request)),
  };
}

type Methods = Record<
  "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS",
  (request: Request) => Promise<Response>
>;

/**
 * Routes the requests of one function, by keys like `"GET /stream/:token"`; `:name` takes one segment of the path.
 * The platform is given every method, so that it is this code that refuses one, with a problem document.
 */
export function route(table: Record<string, Endpoint>): Methods {
  const patterns = Object.entries(table).map(([key, endpoint]) => {
    const [method = "", path = ""] = key.split(" ");
    return { method, path: path.split("/").slice(1), endpoint };
  });
  const handle = (request: Request) => answer(request, patterns);
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle, OPTIONS: handle };
}

/** Writes a result as JSON; 204 when there is none. */
export function json(result: unknown, status = 200, headers: Record<string, string> = {}): Response {
  if (result === undefined) return new Response(null, { status: 204, headers: { ...GENERAL_HEADERS, ...headers } });
  return bounded(JSON.stringify(result), status, "application/json", headers);
}

type Pattern = { method: string; path: string[]; endpoint: Endpoint };

function answer(request: Request, patterns: readonly Pattern[]): Promise<Response> {
  const path = segments(request);
  for (const { method, path: pattern, endpoint } of patterns) {
    const params = method === request.method ? match(pattern, path) : undefined;
    if (params !== undefined) return run(endpoint, request, params);
  }
  return Promise.resolve(
    decline(
      request,
      patterns.filter((it) => match(it.path, path) !== undefined),
    ),
  );
}

// No async function: it would keep its frame for as long as a poll is held.
function run(endpoint: Endpoint, request: Request, params: Record<string, string>): Promise<Response> {
  return endpoint.run(request, params).then(
    (response) => withHeaders(response, corsHeaders(request)),
    (error) => withHeaders(endpoint.refuse(faultOf(error), request), corsHeaders(request)),
  );
}

function decline(request: Request, fitting: readonly Pattern[]): Response {
  const methods = fitting.map((it) => it.method);
  if (fitting.length === 0) return withHeaders(refuse(new Fault("not_found")), corsHeaders(request));
  if (request.method === "OPTIONS") return withHeaders(preflight(request, methods), GENERAL_HEADERS);
  const fault = new Fault("method_not_allowed", { allow: [...methods, "OPTIONS"].join(", ") });
  return withHeaders(refuse(fault), corsHeaders(request));
}

// The URL of a request is normal already, and parsing one anew costs more than finding its path.
const PATH = /^[a-z]+:\/\/[^/?#]*([^?#]*)/;

function segments(request: Request): string[] {
  const pathname = PATH.exec(request.url)?.[1] ?? "/";
  const path = pathname.startsWith(`${BASE}/`) ? pathname.slice(BASE.length + 1) : "";
  return path.replace(/\/$/, "").split("/");
}

function match(pattern: string[], path: string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of pattern.entries()) {
    const given = decode(path[i] ?? "");
    if (part.startsWith(":") && given) params[part.slice(1)] = given;
    else if (part !== given) return undefined;
  }
  return params;
}

function decode(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function withHeaders(response: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

type Reader = (request: Request) => Promise<unknown>;

function reader({ body, form }: { body: v.GenericSchema; form?: true }): Reader | undefined {
  if (body === nothing) return undefined;
  const read = v.is(body, undefined) ? readOptionalJson : readJson;
  if (form === undefined) return read;
  return (request) => (/json/i.test(request.headers.get("content-type") ?? "") ? read(request) : readForm(request));
}
