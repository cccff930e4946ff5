import { FILES } from "./file-views.js";
import { testLooks } from "./looks.js";

testLooks("files in <nereid-chat>", FILES, { files: true });
