import { createHash } from "node:crypto";
import type { Command } from "./link.js";

/** A command that Redis accepts, and a reply that replaces that of Redis where it would not match the original command. */
export type Translation = { command: Command; reply?: string };

/**
 * Translates scripts that start with a `#!lua` line, which Upstash accepts and a plain Redis refuses. They run without the
 * line, and are also found by the SHA-1 of the original text.
 */
export function scripts(): (command: Command) => Translation {
  const stripped = new Map<string, string>();
  const known = (sha: string) => stripped.get(sha.toLowerCase()) ?? sha;

  function strip(source: string): string {
    if (!source.startsWith("#!lua")) return source;
    // The empty first line stays, so that line numbers in errors match the original text.
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
