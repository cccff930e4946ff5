import type { KeptSecret } from "../auth/kept-secret.js";
import type { Sessions } from "../auth/session.js";
import type { YoungTokens } from "../auth/young-tokens.js";
import type { LinkPreviews } from "../chat/link-preview.js";
import type { Chat } from "../chat/thread.js";
import type { Draining } from "../hooks/draining.js";
import type { Introduced } from "../people/profiles.js";
import type { PushKeys } from "../push/push-keys.js";
import type { StreamContext } from "../stream/follow.js";
import type { LastFrame } from "./event-stream.js";
import type { OpenStreams } from "./open-streams.js";
import type { RateLimits } from "./rate-limit.js";
import type { RequestTimings } from "./request-log.js";

/** The parts of one chat, as its endpoints receive them. The composition root (lib/chat.ts) builds them. */
export type ChatContext = Chat &
  StreamContext & {
    readonly sessions: Sessions;
    readonly keptSecret: KeptSecret;
    readonly pushKeys: PushKeys;
    readonly young: YoungTokens;
    readonly introduced: Introduced;
    readonly limits: RateLimits;
    readonly open: OpenStreams;
    readonly lastFrame: LastFrame;
    readonly previews: LinkPreviews;
    /** Signs the URLs of files in a folder. */
    readonly filesSecret: string;
    /** The requests that the application itself makes in this process, which need no credential. */
    readonly inside: WeakSet<Request>;
    /** Tells the host's server what happens; undefined where it is told nothing. */
    readonly webhooks: Draining | undefined;
    /** Sends pushes to users without an open page; undefined where pushes are off. */
    readonly pushing: Draining | undefined;
    readonly timings: RequestTimings | undefined;
  };
