// The console in a real browser, against a running local stack. ConsoleIT starts the stack and gives its address and token.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { GATEWAY, TOKEN, REPO, CHROMIUM = "/usr/bin/chromium" } = process.env;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const HOSTILE = `<img src=x onerror=alert(1)>"'\`</script><script>alert(2)</script>{{7*7}}\${alert(3)}javascript:alert(4)`;

let folder;
let context;
let page;
let said = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "palimpsest-console-"));
  context = await chromium.launchPersistentContext(join(folder, "profile"), { executablePath: CHROMIUM, headless: true, args: FLAGS, viewport: { width: 1280, height: 900 } });
  page = await newPage();
  await page.goto(`${GATEWAY}/#token=${encodeURIComponent(TOKEN)}`);
  await page.getByRole("heading", { name: "Audits" }).waitFor();
});

after(async () => {
  await context?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A page whose errors and dialogs fail the test. */
async function newPage() {
  const opened = await context.newPage();
  opened.setDefaultTimeout(20_000);
  opened.on("console", (message) => {
    // Chromium itself notes the answer 404 to the question whether a file was uploaded before.
    const asked = message.location().url.includes("/api/v1/uploads/") && message.text().includes("404");
    if (!asked && (message.type() === "error" || message.type() === "warning")) {
      said.push(message.text());
    }
  });
  opened.on("pageerror", (error) => said.push(String(error)));
  opened.on("dialog", (dialog) => {
    said.push("dialog: " + dialog.message());
    void dialog.dismiss();
  });
  return opened;
}

function nothingSaid() {
  assert.deepEqual(said, []);
}

/** WCAG 2.2 A and AA by axe-core, light and dark. */
async function accessible(where) {
  for (const theme of ["light", "dark"]) {
    await page.evaluate((name) => (document.documentElement.dataset.theme = name), theme);
    await page.evaluate(AXE + ";0");
    const result = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
    assert.deepEqual(
      result.violations.map((violation) => `${where}, ${theme}: ${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`),
      [],
    );
  }
  await page.evaluate(() => (document.documentElement.dataset.theme = "light"));
}

const go = async (hash) => {
  await page.goto(`${GATEWAY}/#/${hash}`);
};

test("submits from the page, shows the audit to its end, and opens its report, with hostile names everywhere", { timeout: 360_000 }, async () => {
  const data = join(folder, "photos");
  const split = await readFile(join(REPO, "examples/photos/split.csv"), "utf8");
  const kinds = [...new Set((await readdir(join(REPO, "examples/photos"), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name))].slice(0, 2);
  assert.ok(split.length > 0 && kinds.length === 2);
  const hostile = ["<b onmouseover=alert(5)>", "'\"><svg onload=alert(6)>"];
  for (const [i, kind] of kinds.entries()) {
    await mkdir(join(data, hostile[i]), { recursive: true });
    const files = (await readdir(join(REPO, "examples/photos", kind))).filter((name) => /\.jpe?g$/.test(name)).slice(0, 8);
    for (const name of files) {
      await cp(join(REPO, "examples/photos", kind, name), join(data, hostile[i], `<img src=x onerror=alert(7)> ${name}`));
    }
  }
  await go("submit");
  const editor = page.getByLabel("The spec as YAML");
  await editor.fill("apiVersion: palimpsest/v1\nname: x\nbakbone: y\n");
  await page.getByText("bakbone").last().waitFor();
  assert.match(await page.locator(".problems").innerText(), /line 3/);
  await page.getByRole("button", { name: "line 3" }).first().click();
  assert.equal(await editor.evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd)), "bakbone: y");
  await accessible("submit");
  await editor.fill(`apiVersion: palimpsest/v1
name: ${JSON.stringify(HOSTILE)}
backbone: efficientnet-lite0
target: { train: { dataset: photos, size: 64, hidden: 200, epochs: 4000 } }
reconstruct: { seconds: 3 }
invert: { top: 1, steps: 10, size: 64 }
`);
  await page.locator("label", { hasText: "Choose the backbone's folder" }).locator("input").setInputFiles(join(REPO, "examples/backbones/efficientnet-lite0"));
  await page.locator("label", { hasText: "Choose the dataset's folder" }).locator("input").setInputFiles(data);
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await page.waitForURL(/#\/audits\/[a-z0-9]+/);
  const id = page.url().split("/").at(-1);
  await page.getByRole("heading", { level: 1 }).getByText(HOSTILE).waitFor();
  await page.locator(".title .state-done").waitFor({ timeout: 240_000 });
  assert.equal(await page.locator(".stage-done").count(), 4);
  await accessible("audit");

  await go(`audits/${id}/gallery`);
  const tile = page.locator(".tile").first();
  await tile.waitFor();
  // The original, what came back, and the upper bound.
  assert.equal(await tile.locator(".veiled").count(), 3);
  await tile.click();
  const box = page.getByRole("dialog");
  const recorded = page.waitForResponse((response) => response.url().endsWith("/reveals"));
  await box.getByRole("button", { name: "Reveal" }).click();
  assert.equal((await recorded).status(), 204);
  await box.locator(".veiled").first().waitFor({ state: "detached" });
  await accessible("gallery");
  await page.keyboard.press("Escape");

  const [report] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: "Report" }).click()]);
  await report.getByText("audit report").waitFor();
  assert.equal(await report.locator("h1").innerText(), HOSTILE);
  await report.close();
  nothingSaid();

  await go("backbones");
  await page.getByRole("heading", { name: "efficientnet-lite0", exact: true }).waitFor();
  await accessible("backbones");

  await go(`audits/${id}`);
  await page.getByRole("button", { name: "Erase" }).click();
  const ask = page.getByRole("dialog");
  assert.ok(await ask.getByRole("button", { name: "Erase" }).isDisabled());
  await accessible("erase");
  await ask.getByRole("textbox").fill(id);
  await ask.getByRole("button", { name: "Erase" }).click();
  await page.locator(".state-erased").waitFor();
  await accessible("erased");
  assert.ok(!(await page.locator("main").innerText()).includes("onerror"));
  nothingSaid();
});

test("ten thousand audits: the first page at once, and rows only for what is in sight", { timeout: 60_000 }, async () => {
  const all = Array.from({ length: 10_000 }, (_, i) => ({
    id: "a" + String(i).padStart(8, "0"),
    name: i === 0 ? HOSTILE : `release ${i}`,
    state: ["done", "inverting", "failed", "paused", "cancelled"][i % 5],
    requested: new Date(Date.now() - i * 60_000).toISOString(),
    updated: new Date().toISOString(),
    grade: ["A", "B", "C", "D", "E", null][i % 6],
    pictures: i % 8,
    expectedPictures: 8,
    failures: i % 5 === 2 ? 1 : 0,
    backbone: i === 0 ? HOSTILE : "dino-vitb16",
  }));
  await page.route(/\/api\/v1\/audits\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get("cursor") ?? 0);
    const to = from + Number(query.get("limit"));
    return route.fulfill({ json: { audits: all.slice(from, to), next: to < all.length ? String(to) : null, total: all.length } });
  });
  await go("audits");
  await page.getByText("10,000 audits").waitFor();
  await page.getByText(HOSTILE).first().waitFor();
  await accessible("audits");
  for (let round = 0; round < 5; round++) {
    const height = await page.evaluate(() => document.body.scrollHeight);
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    // Not waitForFunction: the page's policy forbids the eval that it uses.
    while ((await page.evaluate(() => document.body.scrollHeight)) <= height) {
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    }
  }
  assert.ok((await page.locator(".row").count()) < 60);
  await page.unrouteAll();
  nothingSaid();
});

test("a thousand candidates scroll without a long pause, and the arrow keys go from one to the next", { timeout: 60_000 }, async () => {
  const tiles = Array.from({ length: 1000 }, (_, i) => ({
    id: "r" + i, rank: i + 1, label: 0, labelName: i === 0 ? HOSTILE : "class " + (i % 7), support: 3, score: 1, state: "done", item: "r" + i, pictureCosine: 0.9, steps: 600,
    picture: `/api/v1/audits/a1/pictures/r${i}`, nearest: { file: i === 0 ? HOSTILE : `photo ${i}.jpg`, cosine: 0.8, image: `/api/v1/audits/a1/gallery/r${i}/member` }, nearestControl: null, aboveNull: i % 2 === 0,
    upperBound: i % 2 === 0 ? `/api/v1/audits/a1/pictures/bound-${i}` : null, early: i === 1,
  }));
  const view = { id: "a1", name: HOSTILE, state: "done", version: 1, requested: null, updated: null, stages: [], verdict: null, pictures: [], expectedPictures: 0, failures: [HOSTILE], waits: [HOSTILE], backbone: HOSTILE };
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");
  await page.route(/\/api\/v1\/audits\/a1$/, (route) => route.fulfill({ json: view }));
  await page.route(/\/api\/v1\/audits\/a1\/gallery\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get("cursor") ?? 0);
    return route.fulfill({ json: { tiles: tiles.slice(from, from + 200), next: from + 200 < 1000 ? String(from + 200) : null, total: 1000 } });
  });
  await page.route(/\/(pictures\/|member)/, (route) => route.fulfill({ body: png, contentType: "image/png" }));
  await page.route(/\/reveals$/, (route) => route.fulfill({ status: 204 }));
  await go("audits/a1/gallery");
  await page.locator(".tile").first().waitFor();
  assert.equal(await page.locator('li[aria-posinset="1"] img').count(), 3);
  assert.match(await page.locator('li[aria-posinset="2"]').innerText(), /no upper bound[^]*early #2/);
  await page.evaluate(() => {
    window.long = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.long = Math.max(window.long, entry.duration)))).observe({ type: "longtask" });
  });
  // Bounded by the test's own time.
  while ((await page.locator('li[aria-posinset="1000"]').count()) === 0) {
    await page.mouse.wheel(0, 3000);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  }
  assert.ok((await page.locator(".tile").count()) < 80);
  console.log(`longest task while scrolling: ${await page.evaluate(() => window.long)} ms`);

  await page.evaluate(() => window.scrollTo(0, 0));
  await page.locator('li[aria-posinset="1"] .tile').click();
  const box = page.getByRole("dialog");
  await box.getByText("1 of 1,000").waitFor();
  await box.getByText("from its true embedding").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await box.getByText("3 of 1,000").waitFor();
  await page.keyboard.press("ArrowLeft");
  await box.getByText("2 of 1,000").waitFor();
  await page.keyboard.press("r");
  await box.locator(".veiled").first().waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await page.unrouteAll();
  nothingSaid();
});

test("hostile names in dead letters, backbones and comparisons run nothing", { timeout: 60_000 }, async () => {
  const letter = { id: "invert-0-1", stage: "invert", audit: "a1", unit: HOSTILE, topic: HOSTILE, partition: 0, offset: 1, code: "BAD_MESSAGE", reason: HOSTILE, attempt: 2, time: new Date().toISOString(), bytes: 12, state: "open", decided: null };
  await page.route(/\/api\/v1\/dead-letters/, (route) => (new URL(route.request().url()).pathname.endsWith("invert-0-1") ? route.fulfill({ json: { letter, payload: HOSTILE } }) : route.fulfill({ json: { letters: [letter], next: null, total: 1 } })));
  await page.route(/\/api\/v1\/backbones/, (route) => route.fulfill({ json: { backbones: [{ name: HOSTILE, family: HOSTILE, bytes: 1, files: [{ name: HOSTILE, sha256: HOSTILE, bytes: 1 }], audits: 1, leaking: 1, lastUsed: null }] } }));
  const side = (id) => ({ id, name: HOSTILE, state: "done", grade: "E", backbone: HOSTILE, dataset: HOSTILE, cosines: [0.95, 0.8, 0.3] });
  await page.route(/\/api\/v1\/compare/, (route) =>
    route.fulfill({ json: { audits: [side("a1"), side("a2")], spec: [{ path: HOSTILE, values: [HOSTILE, null] }], measures: [{ name: HOSTILE, values: [0.5, 0.6], differences: [null, { value: 0.1, low: 0.05, high: 0.2 }] }], gallery: [{ name: HOSTILE, tiles: [null, null] }] } }),
  );
  await go("dead-letters");
  await page.getByText("What it holds").click();
  await page.locator("pre", { hasText: HOSTILE }).waitFor();
  await accessible("dead letters");
  await go("backbones");
  await page.getByRole("heading", { name: HOSTILE }).waitFor();
  await go("compare?audit=a1&audit=a2");
  await page.getByText("+0.100").waitFor();
  await page.getByRole("img", { name: /67 % above 0.75, 33 % above 0.9/ }).waitFor();
  await accessible("compare");
  await page.unrouteAll();
  nothingSaid();
});

test("a study's cells are live, with hostile names, and a file that is none is refused", { timeout: 60_000 }, async () => {
  const cell = (audit, accuracy, state = "done") => ({ cell: { variant: HOSTILE, settings: { "target.train.hidden": HOSTILE } }, audit, state, reason: audit ? "" : HOSTILE, accuracy });
  const view = (id) => ({ id, name: HOSTILE, state: "done", version: 1, requested: null, updated: null, stages: [], verdict: { grade: "D", members: 10, matched: { 0.9: 4 }, nullMaximum: -1, precision: { 20: 0.35 }, withMembers: { candidates: 90, matched: { 0.9: 7 }, matchedControls: {}, nullMaximum: 0.5 } }, pictures: [], expectedPictures: 0, failures: [], waits: [], backbone: "", erasure: null });
  await page.route(/\/api\/v1\/audits\/a1$/, (route) => route.fulfill({ json: view("a1") }));
  await go("study");
  const chosen = page.locator("label", { hasText: "Open study.json" }).locator("input");
  await chosen.setInputFiles({ name: "study.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await page.getByRole("alert").waitFor();
  await chosen.setInputFiles({ name: "study.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ schemaVersion: 1, name: HOSTILE, cells: [cell("a1", 0.9), cell("", null, "refused")] })) });
  await page.getByRole("heading", { name: HOSTILE }).waitFor();
  await page.getByRole("img", { name: /40.0 % recovered at 90.0 % accuracy/ }).waitFor();
  await page.getByText("refused").waitFor();
  assert.deepEqual(await page.locator("tbody tr").first().locator("td").allInnerTexts().then((texts) => texts.slice(2, 6)), ["40.0 %", "70.0 %", "35.0 %", "90.0 %"]);
  assert.deepEqual(await page.locator("tbody tr").nth(1).locator("td").allInnerTexts().then((texts) => texts.slice(2, 6)), ["–", "–", "–", "–"]);
  await page.getByText("* The attack found nothing to search for").waitFor();
  assert.equal(await page.getByRole("link", { name: "a1" }).getAttribute("href"), "#/audits/a1");
  await accessible("study");
  await page.unrouteAll();
  nothingSaid();
});

test("a stranger sees the sign-in only", { timeout: 30_000 }, async () => {
  await context.clearCookies();
  await page.goto("about:blank");
  await page.goto(`${GATEWAY}/#/audits`);
  await page.getByLabel("Access token").fill("guess");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await accessible("sign in");
  // The browser itself says that requests were refused.
  said = said.filter((text) => !text.includes("401"));
  nothingSaid();
  await page.getByLabel("Access token").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Audits" }).waitFor();
});
