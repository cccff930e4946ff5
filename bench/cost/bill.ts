import type { Meters } from "./month.js";
import { UPSTASH, VERCEL } from "./price-list.js";

/** What one meter or plan costs a month; `undefined` where it does not fit, for the reason `why`. */
export type Price = { dollars: number; why?: never } | { dollars?: never; why: string };

/** The meters at list prices, without what plans include. */
export function listPrices({ gbHours, cpuHours, requests }: Meters) {
  return {
    memory: gbHours * VERCEL.gbHour,
    cpu: cpuHours * VERCEL.cpuHour,
    requests: requests * (VERCEL.invocation + VERCEL.edgeRequest),
  };
}

/** Hobby costs nothing, and fits as long as no meter goes beyond what it includes. */
export function hobby({ gbHours, cpuHours, requests }: Meters): Price {
  const { hobby: included } = VERCEL;
  const why = [
    gbHours > included.gbHours && `${whole(gbHours)} of ${included.gbHours} GB-hours`,
    cpuHours > included.cpuHours && `${cpuHours.toFixed(1)} of ${included.cpuHours} CPU hours`,
    requests > included.edgeRequests && `${millions(requests)} of 1 M requests`,
  ].filter((it) => it !== false);
  return why.length > 0 ? { why: why.join(", ") } : { dollars: 0 };
}

/** Pro costs the seat, whose credit pays for memory, CPU, invocations and what goes beyond the edge requests that are included. */
export function pro(meters: Meters): { dollars: number } {
  const { memory, cpu } = listPrices(meters);
  const edge = Math.max(0, meters.requests - VERCEL.pro.edgeRequests) * VERCEL.edgeRequest;
  const used = memory + cpu + meters.requests * VERCEL.invocation + edge;
  return { dollars: VERCEL.pro.seat + Math.max(0, used - VERCEL.pro.credit) };
}

/** The free database, as long as the messages of so many months fit. */
export function freeStore(meters: Meters, months: number): Price {
  const { free } = UPSTASH;
  const stored = meters.storedGb * months;
  if (meters.commands > free.commands) return { why: `${millions(meters.commands)} of 0.5 M commands` };
  if (stored > free.storedGb) return { why: `${stored.toFixed(1)} of 0.25 GB` };
  return meters.wireGb > free.trafficGb ? { why: `${whole(meters.wireGb)} of 10 GB of traffic` } : { dollars: 0 };
}

/** Each command, and what is stored and read beyond what is free. */
export function payAsYouGo({ commands, storedGb, wireGb }: Meters, months: number): { dollars: number } {
  const beyond = (amount: number, { price, free }: { price: number; free: number }) =>
    Math.max(0, amount - free) * price;
  const storage = beyond(storedGb * months, UPSTASH.storedGb) + beyond(wireGb, UPSTASH.trafficGb);
  return { dollars: commands * UPSTASH.command + storage };
}

/** The smallest fixed plan into which the messages of so many months and the traffic fit. */
export function fixedStore({ storedGb, wireGb }: Meters, months: number): Price & { name?: string } {
  const plan = UPSTASH.fixed.find((it) => it.storedGb >= storedGb * months && it.trafficGb >= wireGb);
  return plan === undefined ? { why: "no plan is as large" } : { dollars: plan.price, name: plan.name };
}

/** What both cost together: on the cheaper database that fits. */
export function cheapest(meters: Meters, months: number): { dollars: number } {
  const stores = [freeStore(meters, months), payAsYouGo(meters, months), fixedStore(meters, months)];
  const functions = [hobby(meters), pro(meters)];
  const least = (prices: readonly Price[]) => Math.min(...prices.flatMap(({ dollars }) => dollars ?? []));
  return { dollars: least(functions) + least(stores) };
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function millions(value: number): string {
  return `${(value / 1e6).toFixed(1)} M`;
}
