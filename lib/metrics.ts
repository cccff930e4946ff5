// Seconds: from a command of the store to a poll that was held for long.
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** What is counted, by the name that Prometheus has for it, with its explanation and the names of its labels. */
const COUNTERS = {
  requests: ["requests_total", "Requests, by route and status", ["method", "route", "status"]],
  errors: ["errors_total", "Problems that were answered, by code", ["code"]],
  store: ["store_requests_total", "Requests to the store, by kind", ["kind"]],
  failures: ["failures_total", "Lines of the log at level error, by event", ["event"]],
  wireResets: ["wire_resets_total", "Times that the memory of events was discarded, by cause", ["cause"]],
  stanzas: ["stanzas_delivered_total", "Stanzas in answers to streams", []],
  resyncs: ["resyncs_total", "Answers that asked a client to read its history again", []],
} as const;

const GAUGES = {
  held: ["polls_held", "Stream requests that are held now, open streams included"],
  live: ["streams_open", "Event streams that are open now"],
} as const;

const HISTOGRAMS = {
  send: ["send_duration_seconds", "From the arrival of a send to its answer"],
  delivery: [
    "delivery_duration_seconds",
    "From the arrival of an event at this instance to the answer of a poll that was held for it",
  ],
  store: ["store_request_duration_seconds", "Requests to the store, retries included"],
} as const;

type Histogram = { counts: number[]; sum: number; count: number };

/** A value that is read when somebody asks: its name, its explanation, what kind it is. */
export type Reading = { name: string; help: string; type: "gauge" | "counter"; value: number };

/** Counts what one instance does. A count costs a look into a map, and is kept until the instance ends. */
export class Metrics {
  readonly #counts = new Map<keyof typeof COUNTERS, Map<string, number>>();
  readonly #gauges = new Map<keyof typeof GAUGES, number>();
  readonly #histograms = new Map<keyof typeof HISTOGRAMS, Histogram>();

  /** Adds one, or more, to a counter. The labels are values of a small set, never what a client has sent. */
  count(name: keyof typeof COUNTERS, labels: readonly (string | number)[] = [], by = 1): void {
    const counts = this.#counts.get(name) ?? new Map<string, number>();
    this.#counts.set(name, counts);
    const key = labels.join("\n");
    counts.set(key, (counts.get(key) ?? 0) + by);
  }

  /** Moves a gauge by one up or down. */
  move(name: keyof typeof GAUGES, by: 1 | -1): void {
    this.#gauges.set(name, (this.#gauges.get(name) ?? 0) + by);
  }

  /** Records a duration in ms. */
  observe(name: keyof typeof HISTOGRAMS, ms: number): void {
    const histogram = this.#histograms.get(name) ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
    this.#histograms.set(name, histogram);
    const seconds = ms / 1_000;
    const bucket = BUCKETS.findIndex((most) => seconds <= most);
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += seconds;
    histogram.count += 1;
  }

  /** Formats everything as Prometheus reads it (text format 0.0.4), with readings that were taken for it. */
  format(readings: readonly Reading[]): string {
    const lines = readings.flatMap(({ name, help, type, value }) => [
      ...head(name, help, type),
      `${PREFIX}${name} ${value}`,
    ]);
    for (const [key, [name, help]] of Object.entries(GAUGES))
      lines.push(...head(name, help, "gauge"), `${PREFIX}${name} ${find(this.#gauges, key) ?? 0}`);
    for (const [key, [name, help, labels]] of Object.entries(COUNTERS)) {
      lines.push(...head(name, help, "counter"));
      const counts = find(this.#counts, key) ?? new Map<string, number>();
      if (labels.length === 0) lines.push(`${PREFIX}${name} ${counts.get("") ?? 0}`);
      else
        for (const [values, count] of counts)
          lines.push(`${PREFIX}${name}${formatLabels(labels, values.split("\n"))} ${count}`);
    }
    for (const [key, [name, help]] of Object.entries(HISTOGRAMS))
      lines.push(...head(name, help, "histogram"), ...formatHistogram(name, find(this.#histograms, key)));
    return `${lines.join("\n")}\n`;
  }
}

const PREFIX = "nereid_chat_";

function find<Value>(all: ReadonlyMap<string, Value>, key: string): Value | undefined {
  return all.get(key);
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} ${type}`];
}

function formatLabels(names: readonly string[], values: readonly string[]): string {
  const pairs = names.map((name, i) => `${name}="${(values[i] ?? "").replace(/[\\"]/g, "\\$&")}"`);
  return `{${pairs.join(",")}}`;
}

function formatHistogram(name: string, histogram: Histogram = { counts: [], sum: 0, count: 0 }): string[] {
  let below = 0;
  const buckets = BUCKETS.map((most, i) => {
    below += histogram.counts[i] ?? 0;
    return `${PREFIX}${name}_bucket{le="${most}"} ${below}`;
  });
  const { sum, count } = histogram;
  return [
    ...buckets,
    `${PREFIX}${name}_bucket{le="+Inf"} ${count}`,
    `${PREFIX}${name}_sum ${sum}`,
    `${PREFIX}${name}_count ${count}`,
  ];
}
