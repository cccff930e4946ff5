import * as v from "valibot";

/** What a server process holds at one moment; sizes in MiB. */
export const Sample = v.object({
  rss: v.number(),
  heap: v.number(),
  buffers: v.number(),
  descriptors: v.number(),
  timers: v.number(),
  /** Events that the tail has not heard of; undefined while it is not to be believed. */
  drift: v.exactOptional(v.number()),
  /** Seconds of processor time so far. */
  cpu: v.number(),
});
export type Sample = v.InferOutput<typeof Sample>;
