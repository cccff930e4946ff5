// What a month of some daily users takes of each meter. All of it is arithmetic: the documentation, `npm run bench:prices` and the page at
// /cost compute it here.

/** What a daily user does, on every day of a month. */
export type Day = {
  /** Hours for which the page is looked at, and how often it is opened for that. */
  openHours: number;
  opens: number;
  /** Messages and receipts in direct threads, pages of history, lists of threads, and chat tokens. */
  messages: number;
  receipts: number;
  pages: number;
  lists: number;
  tokens: number;
  /** The share of users who leave the page open besides, the hours for which they do, and how much of that is in the background. */
  idleShare: number;
  idleHours: number;
  hiddenShare: number;
};

export const DAY: Day = {
  openHours: 1,
  opens: 3,
  messages: 20,
  receipts: 10,
  pages: 5,
  lists: 2,
  tokens: 3,
  idleShare: 0.3,
  idleHours: 8,
  hiddenShare: 0,
};

/** A product has several times as many users in a month as in a day. */
export const MONTHLY_PER_DAILY = 5;
/** The months whose messages are kept in the store. */
export const KEPT_MONTHS = 1;

/** How clients read: by polls that are held for so many seconds, or by event streams that last at most so long. */
export type Way = { polls: number } | { streams: number };

/** Commands of the store for each operation, as the tests count them (the table at the head of docs/cost.md). */
export const COMMANDS = {
  "a chat token made": 8,
  "a chat token proved, once by each instance that it meets": 2,
  "a message, to however many": 9,
  "a receipt": 8,
  "a page of history": 4,
  "the list of one's threads, of one": 9,
  "leases renewed at a look at the clock, however many": 4,
  "a poll that does not wait, and finds nothing: a look at the clock": 2,
} as const;

export const DAYS = 30;
// People are awake in so many hours.
const WAKING = 16;

/** Standard size of an instance, and how many readers it takes: half of its 1,024 file descriptors. */
export const INSTANCE_GB = 2;
const READERS = 500;
// Measured at human speed (w1), where nothing is warm: 2.5 ms a message of three requests.
export const CPU_MS = 0.9;
// An event that is written to a stream that is open.
const EVENT_MS = 0.15;
// A request that is not held: mostly two round trips to the store.
const SHORT_MS = 30;
/** A message as the wire carries it. */
export const EVENT_BYTES = 700;
// A message of 60 characters in the store: 330 bytes in the archive, 160 in the index of ids.
const STORED_BYTES = 500;
// The server ends a stream up to a tenth early.
const STREAM_PART = 0.95;
// A page in the background lets go of its stream five minutes after the last event, and then polls every 45 s without waiting.
const HIDDEN_AFTER_HOURS = 5 / 60;
const HIDDEN_SECONDS = 45;

export type Meters = {
  commands: number;
  gbHours: number;
  cpuHours: number;
  requests: number;
  /** What instances read from the store, and what each month adds to it. */
  wireGb: number;
  storedGb: number;
  /** Instances awake when most people are. */
  instances: number;
};

/** Computes the meters of a month of so many daily users. */
export function month(users: number, way: Way, day: Day = DAY): Meters {
  const reading = read(way, day);
  // A page that is opened asks once which files are taken, which costs the store nothing.
  const asked = day.pages + day.lists + day.opens;
  const short = day.messages + day.receipts + day.tokens + asked + reading.short;
  const [active, idle] = [(users * day.openHours) / WAKING, (users * reading.idleHours) / 24];
  const awake = wakefulness(active, idle);
  const requests = users * (reading.held + short) * DAYS;
  const instances = instancesFor(active + idle);
  // A token is looked up by each instance that its requests reach.
  const proofs = day.tokens * proofsOf(instances, (reading.held + short) / Math.max(1, day.tokens));
  const deeds = deedsOf(day) + proofs * COMMANDS["a chat token proved, once by each instance that it meets"];
  const events = users * (day.messages + day.receipts) * DAYS;
  return {
    commands: (users * deeds + looksIn(awake)) * DAYS,
    gbHours: (awake + (users * short * SHORT_MS) / 3_600_000) * INSTANCE_GB * DAYS,
    cpuHours: (requests * CPU_MS + ("streams" in way ? 2 * events * EVENT_MS : 0)) / 3_600_000,
    requests,
    wireGb: (events * EVENT_BYTES * Math.max(1, awake / 24)) / 1e9,
    storedGb: (users * day.messages * DAYS * STORED_BYTES) / 1e9,
    instances,
  };
}

/** Requests of a user's day for reading, and for how many hours pages that are left open hold one. */
function read(way: Way, day: Day): { held: number; short: number; idleHours: number } {
  const left = day.idleShare * day.idleHours;
  if ("polls" in way) {
    // Each message and receipt ends the polls of both.
    const held = ((day.openHours + left) * 3_600) / way.polls + (day.messages + day.receipts) * 2;
    return { held, short: 0, idleHours: left };
  }
  const hidden = day.idleShare * day.hiddenShare * Math.max(0, day.idleHours - HIDDEN_AFTER_HOURS);
  const hours = day.openHours + left - hidden;
  const held = (hours * 3_600) / (way.streams * STREAM_PART);
  // A stream follows a first poll, and each message in a direct thread is acknowledged by one.
  return { held, short: day.opens + day.messages + (hidden * 3_600) / HIDDEN_SECONDS, idleHours: left - hidden };
}

function deedsOf(day: Day): number {
  return (
    day.messages * COMMANDS["a message, to however many"] +
    day.receipts * COMMANDS["a receipt"] +
    day.pages * COMMANDS["a page of history"] +
    day.lists * COMMANDS["the list of one's threads, of one"] +
    day.tokens * COMMANDS["a chat token made"]
  );
}

/** Leases are renewed every 30 s, and the clock is read at most once a minute when the wire has fallen silent. */
function looksIn(hours: number): number {
  const renewal = COMMANDS["leases renewed at a look at the clock, however many"];
  return hours * 60 * (2 * renewal + COMMANDS["a poll that does not wait, and finds nothing: a look at the clock"]);
}

/** Hours a day that instances are awake, all together: in waking hours for those who are there, at night for those who left pages open. */
function wakefulness(active: number, idle: number): number {
  const instances = (readers: number) => (1 - Math.exp(-readers)) * instancesFor(readers);
  return WAKING * instances(active + idle) + (24 - WAKING) * instances(idle);
}

function instancesFor(readers: number): number {
  return Math.max(1, Math.ceil(readers / READERS));
}

/** How often a token is looked up: by each instance once, of those that so many requests meet if each comes to any instance. */
export function proofsOf(instances: number, requests: number): number {
  return instances * (1 - (1 - 1 / instances) ** requests);
}
