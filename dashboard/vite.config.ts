import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const api = process.env["LOUPE_API"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  // Relative URLs: the same folder serves from a machine's root, a bucket and a sub-path.
  base: "./",
  plugins: [svelte()],
  // No asset may become a data: URL, which the Content-Security-Policy refuses.
  build: { assetsInlineLimit: 0, target: "es2022", reportCompressedSize: true },
  server: { proxy: { "/v1": api, "/media": api } },
});
