import type { Logger } from "./logger.js";
import type { Metrics } from "./metrics.js";

/** Counts the failures that a logger is told, whether or not it writes them. */
export function countingLogger(logger: Logger, metrics: Metrics): Logger {
  return {
    ...logger,
    error(event, fields) {
      metrics.count("failures", [event]);
      if (event === "tail_reset") metrics.count("wireResets", [`${fields?.cause ?? "unknown"}`]);
      logger.error(event, fields);
    },
  };
}
