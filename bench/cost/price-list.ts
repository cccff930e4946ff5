// List prices in US dollars without tax, each with the page that it is from and the day on which that page was read. Prices change: whoever
// relies on a number should look it up.

/** Where prices are from; `read` names a transcript where the page itself was not at hand. */
export const SOURCES = {
  vercel: {
    page: "https://vercel.com/pricing",
    read: "2026-05-04, as transcribed by API Evangelist; regional prices of Fluid compute, cheapest region",
  },
  upstash: {
    page: "https://upstash.com/pricing/redis",
    read: "2026-09-20, as transcribed by API Evangelist; confirmed by upstash.com/docs/redis/overall/billing",
  },
  cloudflare: {
    page: "https://developers.cloudflare.com/durable-objects/platform/pricing/",
    read: "autumn 2026, the sources of Cloudflare's documentation",
  },
  sendbird: { page: "https://sendbird.com/pricing/chat", read: "2026-05-05, as transcribed by API Evangelist" },
  talkjs: { page: "https://talkjs.com/pricing/", read: "2026-06-20, as transcribed by API Evangelist" },
  pubnub: { page: "https://www.pubnub.com/pricing/", read: "2026-05-08, as transcribed by API Evangelist" },
  twilio: {
    page: "https://www.twilio.com/en-us/messaging/pricing/conversations-api",
    read: "2026-09-20, as transcribed by API Evangelist",
  },
} as const;

/** Vercel Fluid compute. Each request of a client is an edge request and an invocation. */
export const VERCEL = {
  cpuHour: 0.128,
  gbHour: 0.0106,
  invocation: 0.6 / 1e6,
  edgeRequest: 2 / 1e6,
  /** For personal use, not for commerce; beyond what is included the project is paused. */
  hobby: { cpuHours: 4, gbHours: 360, invocations: 1e6, edgeRequests: 1e6 },
  /** The seat of one developer; the credit pays for what is used. */
  pro: { seat: 20, credit: 20, edgeRequests: 10e6 },
} as const;

/** Upstash Redis. A fixed plan counts no commands. */
export const UPSTASH = {
  free: { commands: 500_000, storedGb: 0.25, trafficGb: 10 },
  command: 0.2 / 100_000,
  storedGb: { price: 0.25, free: 1 },
  trafficGb: { price: 0.03, free: 200 },
  fixed: [
    { name: "250 MB", price: 10, storedGb: 0.25, trafficGb: 50 },
    { name: "1 GB", price: 20, storedGb: 1, trafficGb: 100 },
    { name: "5 GB", price: 100, storedGb: 5, trafficGb: 500 },
    { name: "10 GB", price: 200, storedGb: 10, trafficGb: 1_000 },
    { name: "50 GB", price: 400, storedGb: 50, trafficGb: 5_000 },
    { name: "100 GB", price: 800, storedGb: 100, trafficGb: 10_000 },
    { name: "500 GB", price: 1_500, storedGb: 500, trafficGb: 20_000 },
  ],
} as const;

/** Cloudflare Durable Objects on Workers Paid, with WebSockets that hibernate and SQLite. Twenty messages that come in are one request. */
export const CLOUDFLARE = {
  plan: 5,
  request: { price: 0.15 / 1e6, free: 1e6, messages: 20 },
  gbSecond: { price: 12.5 / 1e6, free: 400_000, memoryGb: 0.128 },
  rowWritten: { price: 1 / 1e6, free: 50e6 },
  storedGb: { price: 0.2, free: 5 },
} as const;

type Tier = { users: number; price: number; more?: number };

/**
 * Hosted chats, by monthly active users: what each tier includes and costs, billed by the month, and what each user beyond it costs. Where no
 * tier fits and none has such a price, the price is a matter of negotiation.
 */
export const HOSTED: readonly { name: string; source: keyof typeof SOURCES; tiers: readonly Tier[] }[] = [
  {
    name: "TalkJS",
    source: "talkjs",
    tiers: [
      { users: 10_000, price: 279, more: 0.04 },
      { users: 25_000, price: 569, more: 0.03 },
    ],
  },
  {
    name: "PubNub",
    source: "pubnub",
    tiers: [
      { users: 1_000, price: 98 },
      { users: 5_000, price: 370 },
      { users: 10_000, price: 550 },
      { users: 25_000, price: 1_130 },
    ],
  },
  { name: "Sendbird Starter, 250 connections at once", source: "sendbird", tiers: [{ users: 5_000, price: 399 }] },
  { name: "Sendbird Pro, 250 connections at once", source: "sendbird", tiers: [{ users: 5_000, price: 599 }] },
];

/** Twilio Conversations: the price of each monthly user, by how many there are, up to the last bound. */
export const TWILIO = [
  { upTo: 200, price: 0 },
  { upTo: 5_000, price: 0.05 },
  { upTo: 10_000, price: 0.0475 },
  { upTo: 20_000, price: 0.045 },
] as const;
