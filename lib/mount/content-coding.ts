import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { BoundedMap } from "../bounded-map.js";

/** How a body is compressed on its way (RFC 9110 §8.4.1). */
export type Coding = "br" | "gzip";

// Each file of the client in both codings, and those of some versions before.
const KEPT = 400;
// The best one takes ten times as long for a twentieth less.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

// Less fits into one packet as it is.
const SMALL = 1_000;

/** Returns the best coding that a request accepts (RFC 9110 §12.5.3) for a body of so many bytes; undefined where it is better sent as it is. */
export function codingOf({ headers }: Pick<Request, "headers">, size: number): Coding | undefined {
  if (size < SMALL) return undefined;
  const accepted = new Map<string, boolean>();
  for (const it of (headers.get("accept-encoding") ?? "").toLowerCase().split(",")) {
    const [name = "", ...parameters] = it.split(";").map((part) => part.trim());
    accepted.set(name, !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part)));
  }
  // What is named counts before what stands for all others.
  return (["br", "gzip"] as const).find((coding) => accepted.get(coding) ?? accepted.get("*"));
}

/** Returns the entity tag of a file in a coding: those of two codings are two (RFC 9110 §8.8.3.3). */
export function codedTag(etag: string, coding: Coding | undefined): string {
  return coding === undefined ? etag : etag.replace(/"$/, `-${coding}"`);
}

/** Compresses files, each once. */
export class CodedFiles {
  readonly #known = new BoundedMap<string, Promise<Uint8Array<ArrayBuffer>>>(KEPT);

  /** Returns a body in a coding; `etag` says which body it is. */
  code(body: Uint8Array, etag: string, coding: Coding): Promise<Uint8Array<ArrayBuffer>> {
    const tag = codedTag(etag, coding);
    const known = this.#known.get(tag) ?? compress(body, coding);
    this.#known.set(tag, known);
    return known;
  }
}

async function compress(body: Uint8Array, coding: Coding): Promise<Uint8Array<ArrayBuffer>> {
  const made = coding === "br" ? await promisify(brotliCompress)(body, BROTLI) : await promisify(gzip)(body);
  return new Uint8Array(made);
}
