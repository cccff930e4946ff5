import { expect, test, vi } from "vitest";
import { renew } from "../../lib/presence/lease.js";
import { encode } from "../../lib/store/keys.js";
import { follow } from "../../lib/stream/follow.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

const never = new AbortController().signal;

/** A user whose stream begins now, known to this instance. */
async function somebody(): Promise<Person> {
  const person = await new Person(chat).begin();
  const isKnown = async () => {
    await person.hear();
    return chat.tail.memory?.find(person.id, Date.now()) !== undefined;
  };
  await vi.waitUntil(isKnown, { timeout: 8_000, interval: 50 });
  return person;
}

/** Sends a message to users, sends the receipts that are due for it at once, and returns what the sender is told of delivery. */
async function deliveriesTold(sender: Person, recipients: Person[]): Promise<string[]> {
  await sender.send("message", { to: recipients.map(({ id }) => id), text: "Are you there?" });
  for (const recipient of recipients) {
    await recipient.hear();
    chat.receipts.note(chat.tail.memory, recipient.id, recipient.at ?? { epoch: "", n: 0 }, Date.now());
  }
  const now = Date.now() + 60_000;
  const due = chat.receipts.due(chat.tail.memory, now);
  await renew(chat, [], Date.now(), due);
  chat.receipts.sent(due, 0);
  await chat.tail.confirm();
  const options = { cursor: sender.at, wait: 0, limit: 100, remember: false, delivered: true };
  const { stanzas } = await follow(chat, sender.caller, options, never);
  const bodies = stanzas.map(({ body }) => body).filter((body) => body.startsWith('{"type":"delivered"'));
  return recipients.map(({ id }) => id).filter((id) => bodies.some((body) => body.includes(`"entity":"${id}"`)));
}

test("a delivery receipt tells who is there", async () => {
  const [ann, ben, cleo] = [await somebody(), await somebody(), await somebody()];
  expect(await deliveriesTold(ann, [ben, cleo])).toEqual([ben.id, cleo.id]);
});

test("nobody is told of the delivery to a user who appears offline", async () => {
  const [ann, ben, cleo] = [await somebody(), await somebody(), await somebody()];
  await ben.send("presence", [{ available: false, status: "not here" }]);
  expect(await deliveriesTold(ann, [ben, cleo])).toEqual([cleo.id]);
  await ben.send("presence", [{ available: true }]);
  expect(await deliveriesTold(ann, [ben, cleo])).toEqual([ben.id, cleo.id]);
});

test("whoever is blocked is not told, in a thread with others neither", async () => {
  const [ann, ben, cleo] = [await somebody(), await somebody(), await somebody()];
  await ben.send("block", { entity: ann.id });
  expect(await deliveriesTold(ann, [ben])).toEqual([]);
  expect(await deliveriesTold(cleo, [ann, ben])).toEqual([ann.id]);
  expect(await deliveriesTold(cleo, [ben])).toEqual([ben.id]);
});

test("a user who is no member of the thread may be blocked", async () => {
  const [ann, ben] = [await somebody(), await somebody()];
  await ben.send("block", { entity: `stranger ${encode(ann.id)}` });
  expect(await deliveriesTold(ann, [ben])).toEqual([ben.id]);
});
