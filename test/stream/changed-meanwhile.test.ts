import { expect, it } from "vitest";
import { stream } from "../../lib/http/stream-response.js";
import { chat, meet, people, room, say, way } from "../support/people.js";
import type { Stanza } from "../support/person.js";

await meet();

const poll = async (caller: Parameters<typeof stream>[1], accept: string) => {
  const request = new Request("http://localhost/", { headers: { accept } });
  return (await stream(chat, caller, { limit: 100, wait: 0 }, request)).text();
};

const events = (text: string): Stanza[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, json = ""]) => JSON.parse(json));

it.each([
  { form: "JSON", accept: "application/json", waits: "for its cursor to be saved" },
  { form: "an event stream", accept: "text/event-stream", waits: "for the roster" },
])("$form leaves out the correction of a message that is retracted while it waits $waits", async ({ accept }) => {
  const [{ ann, ben }, isJson] = [people(), accept === "application/json"];
  const thread = await room(ann, [ben]);
  await ben.hear();
  if (isJson) await poll(ben.caller, accept);
  const id = crypto.randomUUID();
  const caller = isJson || ben.at === undefined ? ben.caller : { ...ben.caller, birth: ben.at };
  await ann.send("message", { thread, id, text: "one" });
  await ann.send("edit", { thread, id, text: "two" });
  await ann.hear();

  const last = isJson ? way.hold(`${chat.keys.position(caller.sha)}","`) : way.hold(chat.keys.online);
  const answer = poll(caller, accept);
  await last.arrived;
  await ann.send("retract", { thread, id });
  await ann.hear();
  last.release();
  const text = await answer;
  const stanzas: Stanza[] = isJson ? JSON.parse(text).stanzas : events(text);
  expect(stanzas.map(({ type }) => type)).toEqual(isJson ? ["message"] : ["message", "presence"]);
  expect(stanzas[0]).toMatchObject({ message: { id, retracted: expect.any(String) } });
  await say(ann, thread, "three");
});
