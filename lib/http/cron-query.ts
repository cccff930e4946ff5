import * as v from "valibot";

/** How a clock calls: `check` to learn whether its secret is accepted, while nothing is done. */
export const CronQuery = v.object({ check: v.exactOptional(v.literal("1", "must be 1")) });
