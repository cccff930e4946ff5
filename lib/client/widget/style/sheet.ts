import { avatar } from "./avatar.js";
import { colours } from "./colours.js";
import { composer } from "./composer.js";
import { controls } from "./controls.js";
import { conversation } from "./conversation.js";
import { corner } from "./corner.js";
import { device } from "./device.js";
import { layout } from "./layout.js";
import { log } from "./log.js";
import { markup } from "./markup.js";
import { message } from "./message.js";
import { owner } from "./owner.js";
import { roster } from "./roster.js";
import { theme } from "./theme.js";

/** All styles, in cascade order. */
export const sheet = [
  colours,
  theme,
  controls,
  layout,
  avatar,
  owner,
  roster,
  conversation,
  log,
  message,
  markup,
  composer,
  corner,
  device,
];
