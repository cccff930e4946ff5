import { avatar } from "./avatar.js";
import { colours } from "./colours.js";
import { composer } from "./composer.js";
import { controls } from "./controls.js";
import { conversation } from "./conversation.js";
import { device } from "./device.js";
import { dialog } from "./dialog.js";
import { launcher } from "./launcher.js";
import { layout } from "./layout.js";
import { log } from "./log.js";
import { markup } from "./markup.js";
import { message } from "./message.js";
import { owner } from "./owner.js";
import { roster } from "./roster.js";
import { theme } from "./theme.js";
import { tools } from "./tools.js";

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
  tools,
  composer,
  dialog,
  launcher,
  device,
];
