import * as v from "valibot";
import { readForm, readJson, readOptionalJson } from "./body.js";
import type { Caller } from "./caller.js";
import { Fault } from "./fault.js";
import { type Asking, address } from "./identify.js";
import { corsHeaders, preflight } from "./origin.js";
import { parse } from "./parse.js";
import { bounded, faultOf, GENERAL_HEADERS, refuse } from "./problem.js";
import { type Ration, take } from "./rate.js";

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
  const listed = lists.filter((name) => query.has(name)).map((name) => [name, query.getAll(name)]);
  return { ...Object.fromEntries([...query].reverse()), ...Object.fromEntries(listed) };
}

/** Builds an endpoint from what is particular to it. */
export function on<Who extends Caller | undefined, Query, Body, Result>(
  spec: Spec<Who, Query, Body, Result>,
): Endpoint {
  return {
    async run(request, params) {
      const now = Date.now();
      const toStream = spec.ration === "stream";
      const caller = await spec.who({ request, token: params.token, toStream, now });
      const query = parse(spec.query, queryOf(request.url, spec.lists));
      const body = parse(spec.body, await bodyOf(spec, request));
      if (spec.ration) await take(spec.ration, caller?.actor.id ?? address(request), spec.weight?.(body));
      const result = await spec.run({ caller, params, query, body, now, request });
      return spec.reply === undefined ? json(result) : spec.reply(result, request);
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

async function answer(request: Request, patterns: Pattern[]): Promise<Response> {
  const cors = corsHeaders(request);
  const path = segments(request);
  const found = patterns.flatMap((pattern) => {
    const params = match(pattern.path, path);
    return params === undefined ? [] : [{ ...pattern, params }];
  });
  const methods = found.map((it) => it.method);
  if (request.method === "OPTIONS" && found.length > 0)
    return withHeaders(preflight(request, methods), GENERAL_HEADERS);
  const hit = found.find((it) => it.method === request.method);
  try {
    if (found.length === 0) throw new Fault("not_found");
    if (hit === undefined) throw new Fault("method_not_allowed", { allow: [...methods, "OPTIONS"].join(", ") });
    return withHeaders(await hit.endpoint.run(request, hit.params), cors);
  } catch (error) {
    const fault = faultOf(error);
    return withHeaders(hit === undefined ? refuse(fault) : hit.endpoint.refuse(fault, request), cors);
  }
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

async function bodyOf({ body, form }: { body: v.GenericSchema; form?: true }, request: Request): Promise<unknown> {
  if (body === nothing) return undefined;
  if (form && !/json/i.test(request.headers.get("content-type") ?? "")) return readForm(request);
  return v.safeParse(body, undefined).success ? readOptionalJson(request) : readJson(request);
}
