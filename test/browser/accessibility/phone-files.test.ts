import { FILES } from "./file-views.js";
import { testPhone } from "./looks.js";

testPhone("files in <nereid-chat>", FILES, { files: true });
