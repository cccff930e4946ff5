import type { Sessions } from "../auth/session.js";
import type { Chat } from "../chat/thread.js";
import type { Introduced } from "../people/profiles.js";
import type { StreamContext } from "../stream/follow.js";
import type { RateLimits } from "./rate-limit.js";
import type { RequestTimings } from "./request-log.js";

/** Everything that one chat is made of, as its endpoints get it. The composition root (lib/chat.ts) builds it. */
export type ChatContext = Chat &
  StreamContext & {
    readonly sessions: Sessions;
    readonly introduced: Introduced;
    readonly limits: RateLimits;
    readonly timings: RequestTimings | undefined;
  };
