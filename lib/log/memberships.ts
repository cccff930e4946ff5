import * as v from "valibot";
import { Texts } from "./write.js";

/** Thread → n of the joining, or -n of the leaving, as HGETALL gives it; without those that somebody was added to unawares. */
export const Memberships = v.pipe(
  Texts,
  v.transform((flat) => {
    const memberships = new Map<string, number>();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      if (flat[i + 1] !== "0") memberships.set(flat[i] ?? "", Number(flat[i + 1]));
    }
    return memberships;
  }),
);
export type Memberships = v.InferOutput<typeof Memberships>;

/** Whom somebody blocks, encoded → since when, as HGETALL gives it. */
export const Blocked = v.pipe(
  Texts,
  v.transform((flat) => {
    const blocked = new Map<string, string>();
    for (let i = 0; i + 1 < flat.length; i += 2) blocked.set(flat[i] ?? "", flat[i + 1] ?? "");
    return blocked;
  }),
);
export type Blocked = v.InferOutput<typeof Blocked>;
