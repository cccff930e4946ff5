import { createHash } from "node:crypto";
import type { Command } from "./link.js";

/** A command that Redis understands, and the reply to give instead of its own where that would not fit what was sent. */
export type Translation = { command: Command; reply?: string };

/**
 * Remembers scripts that were sent with a `#!lua` line, which Upstash takes and a plain Redis refuses. They run without
 * the line, and are known by the SHA-1 of what was sent as well.
 */
export function scripts(): (command: Command) => Translation {
  const stripped = new Map<string, string>();
  const known = (sha: string) => stripped.get(sha.toLowerCase()) ?? sha;

  function strip(source: string): string {
    if (!source.startsWith("#!lua")) return source;
    // The empty first line stays, so that errors name the lines of what was sent.
    const end = source.indexOf("\n");
    const plain = end < 0 ? "" : source.slice(end);
    stripped.set(sha1(source), sha1(plain));
    return plain;
  }

  return (command) => {
    const [name = "", first = "", ...rest] = command;
    switch (name.toUpperCase()) {
      case "EVAL":
      case "EVAL_RO":
        return { command: [name, strip(first), ...rest] };
      case "EVALSHA":
      case "EVALSHA_RO":
        return { command: [name, known(first), ...rest] };
      case "SCRIPT":
        return script(command, strip, known);
      default:
        return { command };
    }
  };
}

function script(command: Command, strip: (source: string) => string, known: (sha: string) => string): Translation {
  const [name = "", action = "", ...rest] = command;
  const [source] = rest;
  if (action.toUpperCase() === "LOAD" && source?.startsWith("#!lua") && rest.length === 1) {
    return { command: [name, action, strip(source)], reply: sha1(source) };
  }
  if (action.toUpperCase() === "EXISTS") return { command: [name, action, ...rest.map(known)] };
  return { command };
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
