import { performance } from "node:perf_hooks";
import { Fault } from "../fault.js";
import type { ChatContext } from "./chat-context.js";
import { allowed, corsHeaders, preflight } from "./cors.js";
import type { Endpoint } from "./endpoint.js";
import { GENERAL_HEADERS, refuse, toFault } from "./problem.js";
import { formatTiming, logFailure, logRequest } from "./request-log.js";
import { beginSpan, endSpan, type Span } from "./span.js";

/** Endpoints by keys like `"GET /stream/:token"`; `:name` matches one segment of the path. */
export type Endpoints = Readonly<Record<string, Endpoint>>;

/** Creates a function that responds to every request below the base path, with a problem document if no endpoint matches. */
export function createRouter(chat: ChatContext, endpoints: Endpoints): (request: Request) => Promise<Response> {
  const patterns = groupByName(endpoints);
  return (request) => {
    const path = segments(request, chat.config.basePath);
    const candidates = patterns.get(path[0] ?? "") ?? [];
    for (const candidate of candidates) {
      const params = candidate.method === request.method ? match(candidate.path, path) : undefined;
      if (params !== undefined) return run(chat, candidate, request, params);
    }
    const { method } = request;
    const matching = candidates.filter((it) => match(it.path, path) !== undefined);
    const endpoint = declining(matching.map((it) => it.method));
    return run(chat, { method, route: matching[0]?.route ?? "unknown", path: [], endpoint }, request, {});
  };
}

type Pattern = { route: string; method: string; path: string[]; endpoint: Endpoint };

/** Groups patterns by the first segment of their path, so that a request is compared with few of them. */
function groupByName(endpoints: Endpoints): ReadonlyMap<string, Pattern[]> {
  const groups = new Map<string, Pattern[]>();
  for (const [key, endpoint] of Object.entries(endpoints)) {
    const [method = "", route = ""] = key.split(" ");
    const path = route.split("/").slice(1);
    const [name = ""] = path;
    groups.set(name, [...(groups.get(name) ?? []), { route, method, path, endpoint }]);
  }
  return groups;
}

// Not an async function unless requests are logged: its frame would be retained for as long as a poll is held.
function run(chat: ChatContext, pattern: Pattern, request: Request, params: Record<string, string>): Promise<Response> {
  if (chat.timings !== undefined) return runLogged(chat, pattern, request, params);
  const { endpoint } = pattern;
  const running = begin(pattern);
  return endpoint.run(chat, request, params).then(
    (response) => finish(chat, pattern, request, response, running),
    (error) => finish(chat, pattern, request, fail(chat, pattern, request, error, running.began), running),
  );
}

async function runLogged(chat: ChatContext, pattern: Pattern, request: Request, params: Record<string, string>) {
  const timing = { auth: 0, store: 0, wait: 0 };
  const running = begin(pattern);
  const { began } = running;
  const { endpoint, method, route } = pattern;
  const response = await (
    chat.timings?.run(timing, () => endpoint.run(chat, request, params)) ?? endpoint.run(chat, request, params)
  ).catch((error) => fail(chat, pattern, request, error, began));
  logRequest(chat.logger, { method, route, status: response.status, ms: performance.now() - began }, timing);
  const timed = withHeaders(response, { "Server-Timing": formatTiming(timing) });
  return finish(chat, pattern, request, timed, running);
}

/** When a request began, and its span where somebody traces. */
type Running = { began: number; span: Span | undefined };

function begin(pattern: Pattern): Running {
  return { began: performance.now(), span: beginSpan(methodOf(pattern), pattern.route) };
}

/** Returns the method of a request; of one that the path does not have, the name comes from the client. */
function methodOf({ method, path }: Pattern): string {
  return path.length === 0 ? "other" : method;
}

/** Counts a response, and adds the headers that every one has. */
function finish(
  { config, metrics }: ChatContext,
  pattern: Pattern,
  request: Request,
  response: Response,
  { began, span }: Running,
): Response {
  const { route } = pattern;
  metrics.count("requests", [methodOf(pattern), route, response.status]);
  endSpan(span, response.status);
  if (SENDING.test(route)) metrics.observe("send", performance.now() - began);
  // Of a HEAD, all but the body (RFC 9110, section 9.3.2); servers take it away, but not all that call a handler.
  const said = request.method === "HEAD" ? new Response(null, response) : response;
  return withHeaders(said, corsHeaders(config, request));
}

const SENDING = /^\/(server\/)?send(\/:token)?$/;

function fail(
  chat: ChatContext,
  { endpoint, method, route }: Pattern,
  request: Request,
  error: unknown,
  began: number,
): Response {
  const fault = toFault(error);
  chat.metrics.count("errors", [fault.code]);
  if (fault.status >= 500) logFailure(chat.logger, { method, route, ms: performance.now() - began }, fault);
  return endpoint.refuse(fault, request);
}

/** Creates the endpoint of a path for methods that it does not have, given those that it has; of an unknown path if there are none. */
function declining(methods: readonly string[]): Endpoint {
  return {
    async run({ config }, request) {
      if (methods.length === 0) throw new Fault("not_found");
      if (request.method === "OPTIONS") return withHeaders(preflight(config, request, methods), GENERAL_HEADERS);
      throw new Fault("method_not_allowed", { allow: allowed(methods) });
    },
    refuse: (fault) => refuse(fault),
  };
}

// The URL of a request is normalised already, and parsing it again costs more than finding its path.
const PATH = /^[a-z]+:\/\/[^/?#]*([^?#]*)/;

function segments(request: Request, base: string): string[] {
  const pathname = PATH.exec(request.url)?.[1] ?? "/";
  const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length + 1) : "";
  return path.replace(/\/$/, "").split("/");
}

function match(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of pattern.entries()) {
    const given = decode(path[i] ?? "");
    if (part.startsWith(":") && given) params[part.slice(1)] = given;
    else if (part !== given) return undefined;
  }
  return params;
}

/** Decodes a segment of a path; one that is not percent-encoded UTF-8 stays as it is, and is no id that exists. */
function decode(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
