import * as v from "valibot";
import { Admission as AnyAdmission } from "../../lib/auth/guest.js";
import * as written from "../../lib/people/written-profile.js";
import * as field from "../../lib/schema/field.js";
import * as file from "../../lib/schema/file.js";
import * as invite from "../../lib/schema/invite.js";
import * as presence from "../../lib/schema/presence.js";
import { Report } from "../../lib/schema/report.js";
import * as stanza from "../../lib/schema/stanza.js";

// Bodies for the description. What runs refuses a list before it looks at an object of which all is optional; JSON Schema has a word for that.
const AnyAdmissionObject = AnyAdmission.wrapped.pipe[1];
// What runs normalises the name before it counts, and what is changed cannot be described by what it becomes.
export const Admission = v.looseObject({
  ...AnyAdmissionObject.entries,
  displayName: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
});
const Message = stanza.Message.pipe[1];
const [PresenceList, presenceSize] = presence.Presence.pipe;
const Presence = v.pipe(v.strictTuple([PresenceList.items[0].pipe[1]]), presenceSize);
const [AnyProfile] = written.Profile.pipe;
export const Profile = v.object({
  ...AnyProfile.entries,
  actor: v.exactOptional(AnyProfile.entries.actor.wrapped.pipe[1]),
});
export const NewInvite = invite.NewInvite.wrapped.pipe[1];

export const NewFile = v.object({
  name: v.pipe(v.string(), v.description("Without a path and control characters, at most 255 bytes")),
  type: v.pipe(v.string(), v.description("A media type without parameters")),
  size: v.pipe(v.number(), v.integer(), v.minValue(1), v.description("In bytes")),
  thread: v.exactOptional(file.NewFile.entries.thread.wrapped),
});

export const PreviewRequest = v.object({
  url: v.pipe(v.string(), v.url(), v.maxLength(2_048), v.description("http or https")),
});

// What runs parses *send* in two steps, so that a stanza fails when its turn comes.

export const Sendable = v.variant("type", [
  v.object({ type: v.literal("message"), message: Message }),
  v.object({ type: v.literal("presence"), presence: Presence }),
  v.object({ type: v.literal("state"), state: stanza.ChatState }),
  v.object({ type: v.literal("receipt"), receipt: stanza.Receipt }),
  v.object({ type: v.literal("edit"), edit: stanza.Edit }),
  v.object({ type: v.literal("retract"), retract: stanza.Retract }),
  v.object({ type: v.literal("reaction"), reaction: stanza.Reaction }),
  v.object({ type: v.literal("block"), block: stanza.Block }),
  v.object({ type: v.literal("report"), report: Report }),
  v.object({ type: v.literal("setting"), setting: stanza.Setting }),
  v.object({
    type: v.literal("thread"),
    thread: v.object({ id: field.ThreadId, ...stanza.ThreadChange.entries }),
  }),
]);

export const Sending = v.union([
  Sendable,
  v.object({ stanzas: v.pipe(v.array(Sendable), v.minLength(1), v.maxLength(20)) }),
]);
