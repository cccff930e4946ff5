import { Fault, invalid } from "./fault.js";

/** The largest body that is read, in bytes. */
export const BODY_MAX = 65_536;
/** How deep objects and arrays may be nested; a scalar alone has depth 0, `{"a": {"b": 1}}` has depth 2. */
const DEPTH_MAX = 8;

/**
 * Reads a JSON body of at most 64 KiB; a byte order mark is skipped (RFC 8259 §8.1). Throws `unsupported_media_type`,
 * `too_large`, or `invalid` for anything but UTF-8 JSON in an acceptable shape (see `checkShape`).
 */
export async function readJson(request: Request): Promise<unknown> {
  checkEncoding(request);
  checkType(request, JSON_TYPE);
  return parse(await read(request));
}

/** Reads as `readJson` does, but an absent or empty body gives `undefined`, whatever its content type. */
export async function readOptionalJson(request: Request): Promise<unknown> {
  const bytes = await read(request);
  if (bytes.length === 0) return undefined;
  checkEncoding(request);
  checkType(request, JSON_TYPE);
  return parse(bytes);
}

/** Reads an `application/x-www-form-urlencoded` body of at most 64 KiB; of a repeated field the last value. Throws as `readJson` does. */
export async function readForm(request: Request): Promise<Record<string, string>> {
  checkEncoding(request);
  checkType(request, FORM_TYPE);
  const form = Object.fromEntries(new URLSearchParams(decode(await read(request))));
  checkShape(form);
  return form;
}

/** Throws `invalid` with the path of the first thing in a JSON value that `misshapen` finds. */
export function checkShape(value: unknown): void {
  const issue = misshapen(value);
  if (issue !== undefined) throw invalid(issue.path, issue.message);
}

/**
 * Finds what must not be stored in a JSON value: nesting deeper than 8 levels, keys that reach a prototype, and lone
 * surrogates, which have no UTF-8. Walks without recursion, so that no input overflows the stack.
 */
export function misshapen(value: unknown): { path: string; message: string } | undefined {
  const rest: { value: unknown; depth: number; path: string }[] = [{ value, depth: 0, path: "" }];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    const { value, depth, path } = node;
    if (typeof value === "string" && LONE_SURROGATE.test(value))
      return { path, message: "must be well-formed Unicode" };
    if (typeof value !== "object" || value === null) continue;
    if (depth === DEPTH_MAX) return { path, message: `must not be more than ${DEPTH_MAX} levels deep` };
    for (const [key, child] of Object.entries(value)) {
      if (LONE_SURROGATE.test(key)) return { path, message: "must have well-formed Unicode keys" };
      const below = path === "" ? key : `${path}.${key}`;
      if (FORBIDDEN_KEYS.has(key)) return { path: below, message: "must not be used as a key" };
      rest.push({ value: child, depth: depth + 1, path: below });
    }
  }
  return undefined;
}

const JSON_TYPE = /^application\/(?:[^\s/]+\+)?json$/;
const FORM_TYPE = /^application\/x-www-form-urlencoded$/;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const LONE_SURROGATE = /\p{Surrogate}/u;

function checkEncoding(request: Request): void {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") throw new Fault("unsupported_media_type");
}

function checkType(request: Request, essence: RegExp): void {
  const header = request.headers.get("content-type") ?? "";
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const utf8 = parameters.every((it) => !it.startsWith("charset") || /^charset="?utf-8"?$/.test(it));
  if (!essence.test(type) || !utf8) throw new Fault("unsupported_media_type");
}

async function read(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length")) > BODY_MAX) throw new Fault("too_large");
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > BODY_MAX) throw new Fault("too_large");
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof Fault ? error : malformed("The body must be complete", error);
  }
  return Buffer.concat(chunks, size);
}

function parse(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  const value = json(text);
  checkShape(value);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformed("The body must be UTF-8");
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw malformed("The body must be JSON");
  }
}

function malformed(detail: string, cause?: unknown): Fault {
  return new Fault("invalid", { detail, issues: [{ path: "", message: detail }], cause });
}
