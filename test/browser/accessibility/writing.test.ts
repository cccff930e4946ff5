import { testLooks } from "./looks.js";
import { WRITING } from "./views.js";

testLooks("the input of <nereid-chat>", WRITING);
