import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [sveltekit()],
  server: { port: Number(process.env.PORT ?? 3000), strictPort: true },
  // Found by a dynamic import, after which a development server would load the page again.
  optimizeDeps: { include: ["nereid-chat/widget"] },
});
