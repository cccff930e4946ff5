import { testLooks } from "./looks.js";
import { SENDING } from "./views.js";

testLooks("what becomes of a text in <nereid-chat>", SENDING);
