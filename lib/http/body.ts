import { Fault, invalid } from "../fault.js";
import { misshapen } from "../schema/json-shape.js";

/** The largest body that is read, in bytes. */
export const BODY_MAX = 65_536;

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

const JSON_TYPE = /^application\/(?:[^\s/]+\+)?json$/;
const FORM_TYPE = /^application\/x-www-form-urlencoded$/;

function checkEncoding(request: Request): void {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") throw new Fault("unsupported_media_type");
}

function checkType(request: Request, essence: RegExp): void {
  const header = request.headers.get("content-type") ?? "";
  if (essence.test(header)) return;
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
