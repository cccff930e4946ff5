import { readFile, writeFile } from "node:fs/promises";

// The program behind `npm run bench:prices`: writes into docs/cost.md what a month costs, by what the tests have counted (the table
// above it there), what the benchmarks have measured, and the list prices below. All of it is arithmetic that can be read here.

// List prices in US dollars, as published in autumn 2026 for the cheapest region; what a plan includes is not taken off. To be checked
// before anybody relies on them: upstash.com/pricing/redis, vercel.com/docs/fluid-compute/pricing, vercel.com/pricing.
const PRICE = {
  command: 0.2 / 100_000,
  wireGb: 0.03,
  cpuHour: 0.128,
  gbHour: 0.0106,
  invocation: 0.6 / 1_000_000,
  edgeRequest: 2 / 1_000_000,
};

// What somebody does in a day, on every day of a month.
const DAY = {
  openHours: 1,
  /** Who leaves the page open besides, and for how long. */
  idleShare: 0.3,
  idleHours: 8,
  messages: 20,
  receipts: 10,
  pages: 5,
  lists: 2,
  tokens: 3,
};
const DAYS = 30;
// People are awake in so many hours.
const WAKING = 16;

// Standard size of an instance, and how many polls it takes: half of its 1,024 file descriptors.
const INSTANCE_GB = 2;
const POLLS = 500;
// Measured at human speed (w1), where nothing is warm: 2.5 ms a message of three requests.
const CPU_MS = 0.9;
// A request that is not held: mostly two round trips to the store.
const SHORT_MS = 30;
// A message as the wire carries it.
const EVENT_BYTES = 700;

/** How long clients wait, and the pause that those are advised to whom nothing happens, if any; they wait one second then. */
type Way = { name: string; wait: number; pause?: number };
const WAYS: Way[] = [
  { name: "waits of 25 s, no idle advice", wait: 25 },
  { name: "waits of 25 s, idle advice", wait: 25, pause: 45 },
  { name: "waits of 55 s, no idle advice", wait: 55 },
  { name: "waits of 55 s, idle advice", wait: 55, pause: 45 },
];

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

const DOCUMENT = new URL("../../docs/cost.md", import.meta.url);
const BEGIN = "<!-- written by bench/prices.ts -->\n";
const END = "<!-- end of prices -->";

const text = await readFile(DOCUMENT, "utf8");
const counted = new Map([...text.matchAll(/^\| ([^|]+) \| (\d+) \|$/gm)].map(([, what = "", n]) => [what, Number(n)]));
const written = `${months()}\n${crowd()}`;
const [before = "", rest = ""] = text.split(BEGIN);
await writeFile(DOCUMENT, `${before}${BEGIN}${written}${END}${rest.slice(rest.indexOf(END) + END.length)}`);
console.log(written);

/** The commands of something that the tests have counted. */
function commands(what: string): number {
  const found = [...counted].find(([row]) => row.startsWith(what));
  if (found === undefined) throw new Error(`Cannot price "${what}": it is not counted in docs/cost.md`);
  return found[1];
}

/** A month of so many daily users: the meters, and their price. */
function month(users: number, { wait, pause }: Way) {
  const { messages, receipts, pages, lists, tokens } = DAY;
  const deeds =
    messages * commands("a message, to") +
    receipts * commands("a receipt") +
    pages * commands("a page of history") +
    lists * commands("the list of one's threads") +
    tokens * commands("a chat token made");
  const idleHours = DAY.idleShare * DAY.idleHours;
  // Ten minutes of every idle stretch are held in any case; after that, one second of each pause.
  const calm = pause === undefined ? 0 : idleHours - DAY.idleShare / 6;
  const cycle = (pause ?? 0) + 1;
  const held = idleHours - calm + calm / cycle;
  const idlePolls = ((idleHours - calm) * 3_600) / wait + (calm * 3_600) / cycle;
  // Each message and receipt ends the polls of both.
  const polls = (DAY.openHours * 3_600) / wait + (messages + receipts) * 2 + idlePolls;
  const short = messages + receipts + pages + lists + tokens;
  const [active, idle] = [(users * DAY.openHours) / WAKING, (users * held) / 24];
  const awake = wakefulness(active, idle);
  const proofs = tokens * proofsOf(instancesFor(active + idle), (polls + short) / tokens);
  const requests = users * (polls + short) * DAYS;
  // Four commands every 30 s, and at most one look a minute at a wire that has fallen silent.
  const looks =
    awake *
    60 *
    (2 * commands("leases renewed at a look at the clock, however many") + commands("a poll that does not wait"));
  const billed = (users * (deeds + proofs * commands("a chat token proved")) + looks) * DAYS;
  const gbHours = (awake + (users * short * SHORT_MS) / 3_600_000) * INSTANCE_GB * DAYS;
  const cpuHours = (requests * CPU_MS) / 3_600_000;
  const wireGb = (users * (messages + receipts) * EVENT_BYTES * DAYS * Math.max(1, awake / 24)) / 1e9;
  const dollars = {
    redis: billed * PRICE.command + wireGb * PRICE.wireGb,
    memory: gbHours * PRICE.gbHour,
    cpu: cpuHours * PRICE.cpuHour,
    requests: requests * (PRICE.invocation + PRICE.edgeRequest),
  };
  return { billed, gbHours, cpuHours, requests, dollars };
}

/** Hours a day that instances are awake, all together: in waking hours for those who are there, at night for those who left pages open. */
function wakefulness(active: number, idle: number): number {
  const instances = (polls: number) => (1 - Math.exp(-polls)) * instancesFor(polls);
  return WAKING * instances(active + idle) + (24 - WAKING) * instances(idle);
}

function instancesFor(polls: number): number {
  return Math.max(1, Math.ceil(polls / POLLS));
}

/** How often a token is looked up: by each instance once, of those that so many requests meet if each comes to any instance. */
function proofsOf(instances: number, requests: number): number {
  return instances * (1 - (1 - 1 / instances) ** requests);
}

function months(): string {
  const rows = [100, 1_000, 10_000].flatMap((users) =>
    WAYS.map((way) => {
      const { billed, gbHours, cpuHours, requests, dollars } = month(users, way);
      const sum = Object.values(dollars).reduce((all, it) => all + it, 0);
      const meters = [millions(billed), whole(gbHours), cpuHours.toFixed(1), millions(requests)].join(" | ");
      const prices = Object.values(dollars).map((it) => it.toFixed(2));
      return `| ${users.toLocaleString("en")} | ${way.name} | ${meters} | ${prices.join(" + ")} | **${sum.toFixed(2)}** |`;
    }),
  );
  return `| daily users | | commands, M | GB-hours | CPU hours | requests, M | Redis + memory + CPU + requests, $ | $ a month |
|---|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

/** How much of each resource a crowd uses that sends so many messages a second, and which is used up first. */
function crowd(): string {
  const { users, instances } = CROWD;
  const perUser = users / instances;
  // Requests of each user a second: a poll that finds nothing, and for each message the send and the poll that it ends.
  const requestsOfOne = (rate: number) => 1 / 55 + (2 * rate) / users;
  const proved = (rate: number) =>
    ((users * proofsOf(instances, 3_600 * requestsOfOne(rate))) / 3_600) * commands("a chat token proved");
  const spent = (rate: number) => rate * commands("a message, to") + proved(rate);
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
  const wire = (rate: number) => (rate * EVENT_BYTES * instances * 3_600 * 8 * DAYS) / 1e9;
  const price = (rate: number) => {
    const requests = users * (8 * 3_600) * DAYS * requestsOfOne(rate);
    const redis = spent(rate) * 8 * 3_600 * DAYS * PRICE.command + wire(rate) * PRICE.wireGb;
    const memory = instances * 8 * DAYS * INSTANCE_GB * PRICE.gbHour;
    const cpu = ((requests * CPU_MS) / 3_600_000) * PRICE.cpuHour;
    return redis + memory + cpu + requests * (PRICE.invocation + PRICE.edgeRequest);
  };
  return `| ${users.toLocaleString("en")} people on ${instances} instances | ${["a message each 10 min", "each 5 min", "each minute"].join(" | ")} |
|---|---|---|---|
| messages a second | ${rates.map(whole).join(" | ")} |
${rows.join("\n")}
| the wire, TB a month | ${rates.map((it) => (wire(it) / 1_000).toFixed(1)).join(" | ")} |
| $ a month, eight hours a day | ${rates.map((it) => whole(price(it))).join(" | ")} |
`;
}

function millions(value: number): string {
  return (value / 1e6).toFixed(2);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
