import * as v from "valibot";

/** A span of OpenTelemetry, as far as it is used here. */
export type Span = {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
};

type Options = { kind: number; attributes: Record<string, string> };
type Tracer = { startSpan(name: string, options: Options): Span };
type Provider = { getTracer(name: string): Tracer };

// What the platform or the application has registered stands under this name, whichever copy of the API they use (version 1).
const API = Symbol.for("opentelemetry.js.api.1");
const Registered = v.object({ trace: v.custom<Provider>((it) => typeof Object(it).getTracer === "function") });

const SERVER = 1;
const ERROR = 2;

/** Begins a span for a request, below the one that is active; undefined where nobody traces. The pattern of the path names it, since the path may hold a token. */
export function beginSpan(method: string, route: string): Span | undefined {
  const registered: unknown = Reflect.get(globalThis, API);
  if (registered === undefined) return undefined;
  const api = v.safeParse(Registered, registered);
  if (!api.success) return undefined;
  const attributes = { "http.request.method": method, "http.route": route };
  return api.output.trace.getTracer("nereid-chat").startSpan(`${method} ${route}`, { kind: SERVER, attributes });
}

/** Ends the span of a request with the status of its response. */
export function endSpan(span: Span | undefined, status: number): void {
  if (span === undefined) return;
  span.setAttribute("http.response.status_code", status);
  if (status >= 500) span.setStatus({ code: ERROR });
  span.end();
}
