import { Fault, invalid } from "../fault.js";
import { misshapen } from "../schema/json-shape.js";
import { findLossyNumber } from "./number-literal.js";

/** The size limit of a body, in bytes. */
export const BODY_MAX = 65_536;

/**
 * Reads a JSON body of at most 64 KiB; a byte order mark is skipped (RFC 8259 §8.1). Throws `unsupported_media_type`,
 * `too_large`, or `invalid` for anything but UTF-8 JSON in an acceptable shape (see `checkShape`), with numbers that can be kept to the
 * letter (see `findLossyNumber`).
 */
export async function readJson(request: Request): Promise<unknown> {
  checkEncoding(request);
  checkType(request, JSON_TYPE, [JSON_NAME]);
  return parse(await readBytes(request));
}

/** Reads a body as `readJson` does, but returns `undefined` for `null`, and for an absent or empty one, whatever its content type. */
export async function readOptionalJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  checkEncoding(request);
  checkType(request, JSON_TYPE, [JSON_NAME]);
  return parse(bytes) ?? undefined;
}

/**
 * Reads a form of at most 64 KiB, `application/x-www-form-urlencoded` or `multipart/form-data`; of a repeated field the first value.
 * Throws as `readJson` does, and `invalid` for a file or an incomplete form.
 */
export async function readForm(request: Request): Promise<Record<string, string>> {
  checkEncoding(request);
  const type = request.headers.get("content-type") ?? "";
  const isMultipart = /^multipart\/form-data\s*;/i.test(type);
  if (!isMultipart)
    checkType(request, FORM_TYPE, ["application/x-www-form-urlencoded", "multipart/form-data", JSON_NAME]);
  const bytes = await readBytes(request);
  const fields = isMultipart ? await parseMultipart(bytes, type) : [...new URLSearchParams(decode(bytes))];
  const form = Object.fromEntries(fields.reverse());
  checkShape(form);
  return form;
}

/** Throws `invalid` with the path of the first problem that `misshapen` finds in a JSON value. */
export function checkShape(value: unknown): void {
  const issue = misshapen(value);
  if (issue !== undefined) throw invalid(issue.path, issue.message);
}

const JSON_NAME = "application/json";
const JSON_TYPE = /^application\/(?:[^\s/]+\+)?json$/;
const FORM_TYPE = /^application\/x-www-form-urlencoded$/;

function checkEncoding(request: Request): void {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return;
  throw new Fault("unsupported_media_type", { detail: "Send the body without a content encoding" });
}

function checkType(request: Request, essence: RegExp, accepted: readonly string[]): void {
  const header = request.headers.get("content-type") ?? "";
  if (essence.test(header)) return;
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const utf8 = parameters.every((it) => !it.startsWith("charset") || /^charset="?utf-8"?$/.test(it));
  if (essence.test(type) && utf8) return;
  throw new Fault("unsupported_media_type", { detail: `Send ${accepted.join(", or ")}, in UTF-8` });
}

async function parseMultipart(bytes: Uint8Array, type: string): Promise<[string, string][]> {
  const form = await new Response(bytes, { headers: { "Content-Type": type } }).formData().catch(() => undefined);
  if (form === undefined) throw malformed("The body must be a complete multipart form");
  return [...form].map(([name, value]) => {
    if (typeof value !== "string") throw invalid(name, "must be a text, not a file");
    return [name, value];
  });
}

async function readBytes(request: Request): Promise<Uint8Array> {
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
  const path = findLossyNumber(text);
  if (path !== undefined) throw invalid(path, "must be a number that is kept to the letter, as JavaScript writes it");
  checkShape(value);
  return value;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
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
