import { testLooks } from "./looks.js";
import { MESSAGE_DIALOGS } from "./views.js";

testLooks("the dialogs about a message in <nereid-chat>", MESSAGE_DIALOGS);
