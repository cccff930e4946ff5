import { testFocus } from "./tab-walk.js";
import { MESSAGE_DIALOGS, MESSAGES, SENDING, WRITING } from "./views.js";

testFocus("the focus in messages and the input", { ...MESSAGES, ...MESSAGE_DIALOGS, ...WRITING, ...SENDING });
