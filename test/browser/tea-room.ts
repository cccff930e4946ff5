import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";

/** Two people who have just come, and the room "Tea" that they share. */
export type TeaRoom = { ann: Outsider; ben: Outsider; room: string };

/** Lets Ann make a room with Ben. Both are new, so that no test meets the people of another one. */
export async function openTeaRoom(server: Site): Promise<TeaRoom> {
  const ann = await outsider(server, somebody("ann"), { name: "Ann" });
  const ben = await outsider(server, somebody("ben"), { name: "Ben" });
  const made = await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject: "Tea" });
  return { ann, ben, room: asThread(made).id };
}
