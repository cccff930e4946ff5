import type { Role } from "./stanza.js";

/** A thread to create, with the entities of its other members. A direct thread is found by its members, a room by its `id`, if it has one. */
export type NewThread = {
  kind: "direct" | "room";
  members: string[];
  subject?: string;
  id?: string;
  /** What members of a room read of the time before they joined. Default: all. */
  history?: "all" | "joined";
};

/** What to change of a thread: all of it or nothing. Each list names up to 1,000 entities. */
export type ThreadChange = {
  subject?: string;
  add?: string[];
  remove?: string[];
  ban?: string[];
  unban?: string[];
  role?: { entity: string; role: Role };
  /** What members read of the time before they joined. */
  history?: "all" | "joined";
  /** Seconds between two messages of a member who is no owner, 0–3600; 0 ends slow mode. */
  slow?: number;
};
