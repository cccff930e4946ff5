import { COMMANDS, CPU_MS, DAYS, EVENT_BYTES, INSTANCE_GB, proofsOf } from "./month.js";
import { UPSTASH, VERCEL } from "./price-list.js";

// What the benchmarks measured, for a crowd that is there at once.
const CROWD = {
  users: 100_000,
  instances: 50,
  pollKb: 22,
  foreignUs: 45,
  messageUs: 900,
  deliveryUs: 150,
  redisUs: 60,
  descriptors: 1_024,
  commandsPerSecond: 10_000,
};
// Of the waking hours, so many.
const HOURS = 8;

/** Writes how much of each resource a crowd uses that sends so many messages a second, and which is used up first. */
export function crowdTable(): string {
  const { users, instances } = CROWD;
  const perUser = users / instances;
  // Requests of each user a second: a poll that finds nothing, and for each message the send and the poll that it ends.
  const requestsOfOne = (rate: number) => 1 / 55 + (2 * rate) / users;
  const proved = (rate: number) =>
    ((users * proofsOf(instances, 3_600 * requestsOfOne(rate))) / 3_600) *
    COMMANDS["a chat token proved, once by each instance that it meets"];
  const spent = (rate: number) => rate * COMMANDS["a message, to however many"] + proved(rate);
  const uses = (rate: number) => ({
    "file descriptors of an instance": (perUser + 64) / CROWD.descriptors,
    "commands a second of the store": spent(rate) / CROWD.commandsPerSecond,
    "CPU of the store's one core": (rate * CROWD.redisUs) / 1e6,
    "CPU of an instance": (rate * (CROWD.foreignUs + (CROWD.messageUs + 2 * CROWD.deliveryUs) / instances)) / 1e6,
    "memory of an instance": (perUser * CROWD.pollKb) / (INSTANCE_GB * 1_048_576),
  });
  const rates = [users / 600, users / 300, users / 60];
  const names = Object.keys(uses(0));
  const rows = names.map((name) => {
    const shares = rates.map((rate) => Object.entries(uses(rate)).find(([it]) => it === name)?.[1] ?? 0);
    return `| ${name} | ${shares.map((it) => `${(it * 100).toFixed(it < 0.1 ? 1 : 0)} %`).join(" | ")} |`;
  });
  const wire = (rate: number) => (rate * EVENT_BYTES * instances * 3_600 * HOURS * DAYS) / 1e9;
  const price = (rate: number) => {
    const requests = users * (HOURS * 3_600) * DAYS * requestsOfOne(rate);
    const redis = spent(rate) * HOURS * 3_600 * DAYS * UPSTASH.command + wire(rate) * UPSTASH.trafficGb.price;
    const memory = instances * HOURS * DAYS * INSTANCE_GB * VERCEL.gbHour;
    const cpu = ((requests * CPU_MS) / 3_600_000) * VERCEL.cpuHour;
    return redis + memory + cpu + requests * (VERCEL.invocation + VERCEL.edgeRequest);
  };
  return `| ${users.toLocaleString("en")} people on ${instances} instances | ${["a message each 10 min", "each 5 min", "each minute"].join(" | ")} |
|---|---|---|---|
| messages a second | ${rates.map(whole).join(" | ")} |
${rows.join("\n")}
| the wire, TB a month | ${rates.map((it) => (wire(it) / 1_000).toFixed(1)).join(" | ")} |
| $ a month, eight hours a day | ${rates.map((it) => whole(price(it))).join(" | ")} |
`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
