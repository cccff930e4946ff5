import { cheapest, fixedStore, freeStore, hobby, listPrices, type Price, payAsYouGo, pro } from "./bill.js";
import { crowdTable } from "./crowd.js";
import { DAY, KEPT_MONTHS, type Meters, MONTHLY_PER_DAILY, month, type Way } from "./month.js";
import { others } from "./others.js";

/** What stands before and after the tables in docs/cost.md. */
export const BEGIN = "<!-- written by bench/prices.ts -->\n";
export const END = "<!-- end of prices -->";

const USERS = [100, 1_000, 10_000];
/** What clients do, and where the pages are that are left open. */
type Case = { name: string; way: Way; hiddenShare: number };
const CASES: readonly Case[] = [
  { name: "polls of 25 s", way: { polls: 25 }, hiddenShare: 0 },
  { name: "streams of 240 s, pages in sight", way: { streams: 240 }, hiddenShare: 0 },
  { name: "streams of 240 s, pages in the background", way: { streams: 240 }, hiddenShare: 1 },
  { name: "streams of 780 s, pages in sight", way: { streams: 780 }, hiddenShare: 0 },
  { name: "streams of 780 s, pages in the background", way: { streams: 780 }, hiddenShare: 1 },
];

/** Computes the meters of a row of the tables. */
export function metersOf(users: number, { way, hiddenShare }: Omit<Case, "name">): Meters {
  return month(users, way, { ...DAY, hiddenShare });
}

/** Writes the tables of docs/cost.md. */
export function tables(): string {
  return [metersTable(), plansTable(), othersTable(), crowdTable()].join("\n");
}

function metersTable(): string {
  const rows = each((users, it) => {
    const meters = metersOf(users, it);
    const prices = { redis: payAsYouGo(meters, KEPT_MONTHS).dollars, ...listPrices(meters) };
    const sum = Object.values(prices).reduce((all, one) => all + one, 0);
    const { commands, gbHours, cpuHours, requests } = meters;
    return [
      ...[count(users), it.name, millions(commands), count(gbHours), cpuHours.toFixed(1), millions(requests)],
      ...[
        Object.values(prices)
          .map((one) => one.toFixed(2))
          .join(" + "),
        `**${sum.toFixed(2)}**`,
      ],
    ];
  });
  const head = ["daily users", "", "commands, M", "GB-hours", "CPU hours", "requests, M"];
  return table([...head, "Redis + memory + CPU + requests, $", "$ a month at list prices"], rows);
}

function plansTable(): string {
  const rows = each((users, it) => {
    const meters = metersOf(users, it);
    const fixed = fixedStore(meters, KEPT_MONTHS);
    return [
      ...[count(users), it.name, shown(hobby(meters)), shown(pro(meters)), shown(freeStore(meters, KEPT_MONTHS))],
      ...[shown(payAsYouGo(meters, KEPT_MONTHS)), `${shown(fixed)}${fixed.name ? ` (${fixed.name})` : ""}`],
      `**${cheapest(meters, KEPT_MONTHS).dollars.toFixed(2)}**`,
    ];
  });
  const head = ["daily users", "", "on Hobby, $", "on Pro, with what it includes, $"];
  return table([...head, "Upstash free, $", "pay as you go, $", "fixed, $", "the cheapest that fits, $"], rows);
}

function othersTable(): string {
  const lists = USERS.map((users) => others(users, users * MONTHLY_PER_DAILY, DAY, KEPT_MONTHS));
  const ours = USERS.map((users) => metersOf(users, { way: { streams: 780 }, hiddenShare: 0 }));
  const rows = (lists[0] ?? []).map(({ name }, i) => [
    name,
    ...lists.map((list) => shown(list[i]?.price ?? { why: "" })),
  ]);
  const own = [
    "nereid-chat, the cheapest that fits",
    ...ours.map((it) => shown({ dollars: cheapest(it, KEPT_MONTHS).dollars })),
  ];
  const heads = USERS.map((it) => `${count(it)} daily, ${count(it * MONTHLY_PER_DAILY)} monthly, $`);
  return table(["", ...heads], [own, ...rows]);
}

function each(row: (users: number, it: Case) => string[]): string[][] {
  return USERS.flatMap((users) => CASES.map((it) => row(users, it)));
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
  return `${[line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n")}\n`;
}

function shown({ dollars, why }: Price): string {
  return dollars === undefined ? why : dollars.toFixed(2);
}

function millions(value: number): string {
  return (value / 1e6).toFixed(2);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
