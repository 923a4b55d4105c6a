// Pictures of every page of the console and of a report, in both themes, and the report on paper, for whoever looks at them; docs/console.md
// shows some. ConsoleIT runs it (-Dpalimpsest.pictures). AUDIT and OTHER are done, FAILED has failed and is erased at the end; STUDY is
// a study.json of this gateway, if there is one.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { GATEWAY, TOKEN, AUDIT, OTHER, FAILED, STUDY, OUT, CHROMIUM = "/usr/bin/chromium" } = process.env;
const SPEC = `apiVersion: palimpsest/v1
name: spam-filter-release-7
bakbone: dino-vitb16
target: { train: { dataset: photos, perClass: 10, hidden: 500 } }
reconstruct: { preset: fast }
`;

/** The pages, each with what has to be there before it is looked at. */
const PAGES = {
  audits: ["audits", (page) => page.locator(".row .name").first().waitFor()],
  audit: [`audits/${AUDIT}`, (page) => page.locator(".plots canvas").first().waitFor()],
  gallery: [
    `audits/${AUDIT}/gallery`,
    async (page) => {
      await page.locator(".tile img").first().waitFor();
      await page.getByRole("button", { name: "Reveal all" }).click();
    },
  ],
  candidate: [
    `audits/${AUDIT}/gallery`,
    async (page) => {
      await page.locator(".tile").first().click();
      await page.getByRole("dialog").locator("img").first().waitFor();
      await page.keyboard.press("r");
      await page.getByRole("dialog").locator(".veiled").first().waitFor({ state: "detached" });
    },
  ],
  compare: [
    `compare?audit=${AUDIT}&audit=${OTHER}`,
    async (page) => {
      await page.locator(".forest").first().waitFor();
      await page.getByRole("button", { name: "Reveal" }).click();
    },
  ],
  study: [
    "study",
    async (page) => {
      if (STUDY) {
        await page.locator("label", { hasText: "Open study.json" }).locator("input").setInputFiles(STUDY);
        await page.locator(".plots canvas").waitFor();
      }
    },
  ],
  failed: [`audits/${FAILED}`, (page) => page.locator(".failures").waitFor()],
  backbones: ["backbones", (page) => page.locator(".backbone").first().waitFor()],
  "dead-letters": ["dead-letters", (page) => page.getByRole("heading", { level: 1 }).waitFor()],
  submit: [
    "submit",
    async (page) => {
      await page.getByLabel("The spec as YAML").fill(SPEC);
      await page.getByText("bakbone").last().waitFor();
    },
  ],
  erase: [
    `audits/${AUDIT}`,
    async (page) => {
      await page.getByRole("button", { name: "Erase" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
};

const WIDTH = 1280;
const HEIGHT = 800;

await mkdir(OUT, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), "palimpsest-pictures-"));
const browser = await chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, headless: true, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"], viewport: { width: WIDTH, height: HEIGHT } });
const page = await browser.newPage();
page.setDefaultTimeout(20_000);

/** The whole page, in a window as high as it is. */
async function shoot(name, height) {
  await page.waitForLoadState("networkidle");
  await page.setViewportSize({ width: WIDTH, height: height ?? Math.max(HEIGHT, await page.evaluate(() => document.documentElement.scrollHeight)) });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(OUT, name + ".png"), animations: "disabled" });
  await page.setViewportSize({ width: WIDTH, height: HEIGHT });
}

async function go(hash) {
  // From another document, so that nothing is left of the page before.
  await page.goto("about:blank");
  await page.goto(`${GATEWAY}/#/${hash}`);
}

await page.goto(`${GATEWAY}/#token=${encodeURIComponent(TOKEN)}`);
await page.getByRole("heading", { name: "Audits" }).waitFor();
for (const theme of ["light", "dark"]) {
  await page.evaluate((name) => localStorage.setItem("palimpsest-theme", name), theme);
  for (const [name, [hash, ready]] of Object.entries(PAGES)) {
    await go(hash);
    await ready(page);
    await shoot(`console-${name}-${theme}`, ["candidate", "erase"].includes(name) ? HEIGHT : undefined);
  }
  await page.emulateMedia({ colorScheme: theme, media: "screen" });
  await page.goto(`${GATEWAY}/api/v1/audits/${AUDIT}/report`);
  await page.getByText("Reveal all pictures").click();
  await shoot(`report-${theme}`);
  await page.emulateMedia({ media: null });
  await page.pdf({ path: join(OUT, `report-${theme}.pdf`), preferCSSPageSize: true, printBackground: true });
  await go("audits");
}

await go(`audits/${FAILED}`);
await page.getByRole("button", { name: "Erase" }).click();
await page.getByRole("dialog").getByRole("textbox").fill(FAILED);
await page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();
await page.locator(".state-erased").waitFor();
await shoot("console-erased-dark");
await browser.clearCookies();
await go("audits");
await page.getByLabel("Access token").waitFor();
await shoot("console-sign-in-dark");
await browser.close();
await rm(folder, { recursive: true, force: true });
