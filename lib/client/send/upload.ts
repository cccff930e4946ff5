export { upload } from "./file-upload.js";
