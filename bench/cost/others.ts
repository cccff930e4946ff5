import type { Price } from "./bill.js";
import { DAYS, type Day } from "./month.js";
import { CLOUDFLARE, HOSTED, TWILIO } from "./price-list.js";

// An event handler of a Durable Object that takes a message, writes it and passes it on, as Cloudflare's own example has it.
const HANDLER_SECONDS = 0.01;
// A message, its entry in an index, and how far its sender has read.
const ROWS = 3;
const STORED_BYTES = 500;

/** What others charge for a month of so many daily users, who are `monthly` different people: each name with its price. */
export function others(users: number, monthly: number, day: Day, months: number): { name: string; price: Price }[] {
  return [
    { name: "Cloudflare Durable Objects, a chat of one's own", price: durableObjects(users, day, months) },
    ...HOSTED.map(({ name, tiers }) => ({ name, price: hosted(monthly, tiers) })),
    { name: "Twilio Conversations", price: twilio(monthly) },
  ];
}

/** One object a thread, to which its members hold WebSockets that hibernate. Nothing is billed while nobody says anything. */
function durableObjects(users: number, day: Day, months: number): Price {
  const { plan, request, gbSecond, rowWritten, storedGb } = CLOUDFLARE;
  const said = users * (day.messages + day.receipts) * DAYS;
  const opened = users * (day.opens + day.pages + day.lists) * DAYS;
  const beyond = (amount: number, { price, free }: { price: number; free: number }) =>
    Math.max(0, amount - free) * price;
  const dollars =
    plan +
    beyond(opened + said / request.messages, request) +
    beyond((said + opened) * HANDLER_SECONDS * gbSecond.memoryGb, gbSecond) +
    beyond(users * (day.messages * ROWS + day.receipts) * DAYS, rowWritten) +
    beyond((users * day.messages * DAYS * months * STORED_BYTES) / 1e9, storedGb);
  return { dollars };
}

function hosted(monthly: number, tiers: (typeof HOSTED)[number]["tiers"]): Price {
  const prices = tiers.flatMap(({ users, price, more }) => {
    if (monthly <= users) return price;
    return more === undefined ? [] : price + (monthly - users) * more;
  });
  return prices.length === 0 ? { why: "by negotiation" } : { dollars: Math.min(...prices) };
}

function twilio(monthly: number): Price {
  if (monthly > (TWILIO.at(-1)?.upTo ?? 0)) return { why: "by negotiation" };
  let [below, dollars] = [0, 0];
  for (const { upTo, price } of TWILIO) {
    dollars += Math.max(0, Math.min(monthly, upTo) - below) * price;
    below = upTo;
  }
  return { dollars };
}
