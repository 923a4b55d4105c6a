// Scrolls the list and one gallery of a running gateway in a real browser, and says how smoothly. `bench/run list` starts the gateway.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { GATEWAY, TOKEN, AUDIT, CHROMIUM = "/usr/bin/chromium" } = process.env;
const folder = await mkdtemp(join(tmpdir(), "palimpsest-scroll-"));
const context = await chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, headless: true, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"], viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
page.setDefaultTimeout(60_000);
// What the pictures weigh on their way to the browser.
const weights = [];
page.on("response", async (response) => {
  if (/\/(pictures\/|member)/.test(response.url()) && response.ok()) {
    weights.push((await response.body().catch(() => "")).length);
  }
});
const frame = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
const watch = () =>
  page.evaluate(() => {
    window.tasks = [];
    window.frames = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.tasks.push(entry.duration))).observe({ type: "longtask" });
    let before = performance.now();
    const next = (now) => {
      window.frames.push(now - before);
      before = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
const told = async (what, shown) => {
  const { tasks, frames } = await page.evaluate(() => ({ tasks: window.tasks, frames: window.frames.sort((a, b) => a - b) }));
  const at = (share) => frames[Math.floor(share * (frames.length - 1))].toFixed(0);
  console.log(`${what}: ${shown} elements at the end; frames: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms; longest task ${Math.max(0, ...tasks).toFixed(0)} ms`);
};

await page.goto(`${GATEWAY}/#token=${encodeURIComponent(TOKEN)}`);
let started = Date.now();
await page.goto(`${GATEWAY}/#/audits`);
await page.locator(".row .name").first().waitFor();
console.log(`list in the browser: first rows after ${Date.now() - started} ms`);
await watch();
for (let round = 0; round < 20; round++) {
  const height = await page.evaluate(() => document.body.scrollHeight);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  // A list shorter than 21 pages fails here by the time given to page.
  await page.waitForFunction((before) => document.body.scrollHeight > before, height);
}
await told("list, 20 more pages scrolled", await page.locator(".row").count());

started = Date.now();
await page.goto(`${GATEWAY}/#/audits/${AUDIT}/gallery`);
await page.locator(".tile img").first().waitFor();
console.log(`gallery in the browser: first tiles after ${Date.now() - started} ms`);
await page.getByRole("button", { name: "Reveal all" }).click();
await watch();
started = Date.now();
while ((await page.locator('li[aria-posinset="1000"]').count()) === 0) {
  await page.mouse.wheel(0, 600);
  await frame();
}
await told(`gallery of 1000 candidates, scrolled to its end in ${((Date.now() - started) / 1000).toFixed(1)} s`, await page.locator(".tile").count());
// Those in sight have their pictures.
await page.waitForLoadState("networkidle");
const { images, empty } = await page.evaluate(() => {
  const all = [...document.querySelectorAll(".tile img")];
  return { images: all.length, empty: all.filter((image) => !image.complete || image.naturalWidth === 0).length };
});
const sum = weights.reduce((a, b) => a + b, 0);
console.log(`pictures fetched: ${weights.length}, ${(sum / weights.length / 1024).toFixed(1)} KiB each, ${(sum / 1048576).toFixed(1)} MiB in all`);
console.log(`pictures in the page: ${images}, without content: ${empty}`);
await context.close();
await rm(folder, { recursive: true, force: true });
