/** Thrown when a chat is created, so that a wrong deployment names the setting to correct instead of failing with every request. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
