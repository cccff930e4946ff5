import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { Chance } from "./chance.js";
import type { Happening } from "./history.js";
import type { Form } from "./tab.js";
import { Page } from "./tab.js";
import { User, type Way } from "./user.js";

// A program: everybody who chats, in a process of their own. It hears orders from the harness, and tells all that happens.

/** What the harness orders. `who` counts users; `ms` says how long. */
export const Order = v.variant("do", [
  v.object({
    do: v.literal("begin"),
    seed: v.number(),
    ways: v.array(v.object({ name: v.string(), url: v.string() })),
    users: v.number(),
    pauseMs: v.number(),
  }),
  v.object({
    do: v.picklist(["sleep", "multiply", "rewind", "lie", "hangUp", "leave"]),
    who: v.number(),
    ms: v.number(),
  }),
  v.object({ do: v.literal("hush") }),
  v.object({ do: v.literal("finish") }),
]);
export type Order = v.InferOutput<typeof Order>;

// Half of all tabs are live.
const FORMS: Form[][] = [["live", "json"], ["live", "frames"], ["json", "live"], ["live"], ["json", "live", "bare"]];

/** A room, and whether people come and go there. */
type Room = { id: string; owner: User; moves: boolean };

class Client {
  #users: User[] = [];
  #chance = new Chance(0);
  #pending: Happening[] = [];
  #numbers = 0;
  #rooms: Room[] = [];
  #running: Promise<unknown>[] = [];
  #writing: Promise<unknown>[] = [];
  #quiet = false;
  readonly #left = new Set<User>();

  obey(order: Order): void {
    switch (order.do) {
      case "begin":
        this.#running.push(this.#begin(order.seed, order.ways, order.users, order.pauseMs));
        break;
      case "hush":
        void this.#hush();
        break;
      case "finish":
        void this.#finish();
        break;
      default: {
        const user = this.#users[order.who % Math.max(1, this.#users.length)];
        if (user !== undefined && !this.#left.has(user)) this.#running.push(this.#disturb(order.do, user, order.ms));
      }
    }
  }

  async #disturb(what: string, user: User, ms: number): Promise<void> {
    if (what === "sleep") for (const tab of user.tabs) tab.sleep(ms);
    if (what === "multiply") await user.multiply(10, ms);
    if (what === "rewind") await user.rewind(ms);
    if (what === "lie") await user.lie();
    if (what === "hangUp") user.hangUp(ms);
    if (what === "leave") this.#leave(user);
  }

  #leave(user: User): void {
    this.#left.add(user);
    user.hush();
    for (const tab of user.tabs) tab.end();
    this.#report({ e: "gone", at: Date.now(), who: user.entity });
  }

  async #begin(seed: number, ways: Way[], count: number, pauseMs: number): Promise<void> {
    this.#chance = new Chance(seed);
    setInterval(() => this.#flush(), 50);
    const crowd = { ways, report: (it: Happening) => this.#report(it), number: () => ++this.#numbers };
    this.#users = Array.from({ length: count }, (_, i) => new User(`user,${i}`, crowd, this.#chance.branch()));
    for (const [i, user] of this.#users.entries()) await user.begin(FORMS[i % FORMS.length] ?? ["json"]);
    for (let i = 0; i < 6; i++) await this.#make(i);
    for (const user of this.#users) {
      for (const tab of user.tabs) this.#running.push(tab.run());
      this.#writing.push(user.write(pauseMs), user.write(pauseMs));
    }
    for (const room of this.#rooms) if (room.moves) this.#writing.push(this.#move(room));
    this.#report({ e: "ready", at: Date.now() });
  }

  /** Makes a room: one of all, some in which people come and go, some small ones. */
  async #make(i: number): Promise<void> {
    const owner = this.#users[i % this.#users.length];
    if (owner === undefined) throw new Error("Nobody is there");
    const size = i === 0 ? this.#users.length : i < 4 ? 5 : 3;
    const members = i === 0 ? this.#users : [owner, ...this.#others(owner, size - 1)];
    const id = `room-${i}`;
    const body = { kind: "room", id, members: members.map((it) => it.entity) };
    this.#report({ e: "owner", at: Date.now(), who: owner.entity, thread: id });
    await owner.insist("room", "POST", "threads", body, id);
    for (const user of members) {
      user.enter(id);
      const message = { type: "message", message: { thread: id, ...hello() } };
      await user.insist("send", "POST", `send/${user.token}`, message, id);
    }
    this.#rooms.push({ id, owner, moves: i > 0 && i < 4 });
  }

  #others(owner: User, count: number): User[] {
    const others = this.#users.filter((it) => it !== owner);
    while (others.length > count) others.splice(this.#chance.whole(0, others.length - 1), 1);
    return others;
  }

  /** Lets people be brought in and thrown out, and leave. */
  async #move(room: Room): Promise<void> {
    const chance = this.#chance.branch();
    while (!this.#quiet) {
      await sleep(chance.between(200, 2_500));
      const whom = chance.pick(this.#users.filter((it) => it !== room.owner && !this.#left.has(it)));
      const draw = chance.between(0, 1);
      const list = [whom.entity];
      if (draw < 0.5) await room.owner.insist("add", "PATCH", `threads/${room.id}`, { add: list }, room.id);
      else if (draw < 0.8) await room.owner.insist("remove", "PATCH", `threads/${room.id}`, { remove: list }, room.id);
      else await whom.insist("leave", "PATCH", `threads/${room.id}`, { remove: list }, room.id);
    }
  }

  /** Lets everybody come to an end with what they are saying, and say a last status. */
  async #hush(): Promise<void> {
    this.#quiet = true;
    for (const user of this.#users) user.hush();
    await Promise.all(this.#writing);
    await Promise.all(this.#users.filter((it) => !this.#left.has(it)).map((user) => user.settle()));
    this.#report({ e: "rest", at: Date.now() });
  }

  /** Lets everybody read to the end, and tells how it ended. */
  async #finish(): Promise<void> {
    for (const user of this.#users) for (const tab of user.tabs) tab.drain();
    await Promise.all(this.#running);
    for (const { id, owner } of this.#rooms) await this.#tellKept(id, owner);
    this.#report({ e: "finished", at: Date.now() });
    this.#flush();
  }

  async #tellKept(thread: string, owner: User): Promise<void> {
    const about = await owner.insist("thread", "GET", `threads/${thread}`, undefined, thread);
    const { seq, members } = v.parse(Thread, JSON.parse(about?.text ?? ""));
    const messages: { seq: number; id: string }[] = [];
    for (let [after, first, last] = [0, 1, 1]; ; ) {
      const reply = await owner.insist(
        "history",
        "GET",
        `threads/${thread}/messages?limit=100&after=${after}`,
        undefined,
        thread,
      );
      const page = v.parse(Page, JSON.parse(reply?.text ?? ""));
      messages.push(...page.messages);
      [first, last, after] = [page.first, page.last, page.messages.at(-1)?.seq ?? page.last];
      if (after >= last)
        return this.#report({
          e: "kept",
          at: Date.now(),
          thread,
          seq,
          first,
          messages,
          members: members.map((it) => it.entity),
        });
    }
  }

  #report(happening: Happening): void {
    this.#pending.push(happening);
  }

  #flush(): void {
    const happenings = this.#pending;
    this.#pending = [];
    if (happenings.length > 0) process.send?.(happenings);
  }
}

function hello(): { id: string; text: string } {
  const id = crypto.randomUUID();
  return { id, text: `${id} hello` };
}

const Thread = v.object({ seq: v.number(), members: v.array(v.object({ entity: v.string() })) });

const client = new Client();
process.on("message", (order) => client.obey(v.parse(Order, order)));
process.once("disconnect", () => process.exit(0));
