import type * as v from "valibot";
import type { ImportResult } from "./answer-schemas.js";

/** An old message. What else a message can have goes along: `subject`, `attachments`, extensions … */
export type ServerImport = {
  id: string;
  sender: string;
  timestamp: string;
  text?: string;
  [property: string]: unknown;
};

// What one call takes: 200 messages, and 64 KiB of which something is left for what stands around them.
const BATCH = 200;
const BATCH_BYTES = 60_000;

/** Imports messages batch by batch, one after the other: their order is that of the thread. */
export async function inBatches(
  messages: readonly ServerImport[],
  run: (some: ServerImport[]) => Promise<v.InferOutput<typeof ImportResult>>,
): Promise<v.InferOutput<typeof ImportResult>> {
  const total = { imported: 0, known: 0, seq: 0 };
  for (let at = 0; at < messages.length; ) {
    const some: ServerImport[] = [];
    for (let bytes = 0; at < messages.length && some.length < BATCH; at++) {
      const next = messages[at];
      bytes += new TextEncoder().encode(JSON.stringify(next)).length + 1;
      if (next === undefined || (bytes > BATCH_BYTES && some.length > 0)) break;
      some.push(next);
    }
    const { imported, known, seq } = await run(some);
    total.imported += imported;
    total.known += known;
    total.seq = seq;
  }
  return total;
}
