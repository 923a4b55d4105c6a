import { defineConfig } from "vite";

// The output is checked in (see README.md): names carry a digest of the content, so that browsers may keep them.
export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: process.env.CONSOLE_OUT ?? "../resources/META-INF/resources",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
