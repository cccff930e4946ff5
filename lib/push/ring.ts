import * as v from "valibot";
import type { Due } from "./push-queue.js";

/** What a notification needs of a stored message. */
export const Ringing = v.looseObject({
  seq: v.number(),
  sender: v.exactOptional(
    v.looseObject({
      id: v.string(),
      objectType: v.exactOptional(v.string()),
      displayName: v.exactOptional(v.string()),
      image: v.exactOptional(v.looseObject({ url: v.string() })),
    }),
  ),
  type: v.exactOptional(v.string()),
  subject: v.exactOptional(v.string()),
  text: v.exactOptional(v.string()),
  mentions: v.exactOptional(v.array(v.string())),
  attachments: v.exactOptional(v.array(v.looseObject({ name: v.exactOptional(v.string()) }))),
  retracted: v.exactOptional(v.string()),
});
export type Ringing = v.InferOutput<typeof Ringing>;

/** A message that rings for a user, on all devices or on the one that is due. */
export type Ring = {
  thread: string;
  kind: string;
  subject: string | null;
  entity: string;
  message: Ringing;
  due: Due | undefined;
};
