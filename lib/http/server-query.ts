import * as v from "valibot";
import { MembersQuery } from "../chat/member-list.js";
import { ListQuery } from "../chat/thread-list.js";
import { Entity } from "../schema/actor.js";

const as = v.exactOptional(Entity);

/** As whom the host's server acts: a user, or without one the system. */
export const As = v.object({ as });

/** A page of a user's threads. */
export const UserThreadsQuery = v.object({ ...ListQuery.entries, as });

/** A page of any thread's members. */
export const AnyMembersQuery = v.object({ ...MembersQuery.entries, as });

/** The user whom a call is about. */
export const OfUser = v.object({ entity: Entity });
