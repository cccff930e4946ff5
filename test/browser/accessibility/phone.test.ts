import { testPhone } from "./looks.js";
import { EMOJI, MESSAGE_DIALOGS, MESSAGES, SENDING, WRITING } from "./views.js";

const VIEWS = { ...MESSAGES, ...MESSAGE_DIALOGS, ...WRITING, ...SENDING, ...EMOJI };

testPhone("messages and the input of <nereid-chat>", VIEWS);
