import { testLooks } from "./looks.js";
import { PAGES } from "./views.js";

testLooks("the other pages of a deployment", PAGES);
