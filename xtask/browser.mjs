// Opens a self-contained page in headless Chromium, light and dark, at three widths, and fails when something is wrong.
//
//   node browser.mjs MODULES PAGE.html SHOTS     MODULES: the folder with node_modules/playwright-core
//   node browser.mjs MODULES --self-test SHOTS   each kind of fault must be found on a page made for it
//
// What must hold: no request but the page itself, no script, no dialog, no console error, no sideways scrolling, no text
// under 11 px, one h1, a language, and a name for screen readers on every chart.
import { createRequire } from "node:module";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, page, shots] = process.argv.slice(2);
if (!shots) {
  console.error("usage: node browser.mjs MODULES PAGE.html|--self-test SHOTS");
  process.exit(64);
}
const require = createRequire(join(resolve(modules), "package.json"));
const { chromium } = require("playwright-core");

const SIZES = [[1440, 900], [768, 1024], [390, 844]];

// Runs inside the page; returns a list of faults.
function inspect() {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.querySelectorAll("body *")].find((e) => e.getBoundingClientRect().right > root.clientWidth + 1);
    faults.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}` + (wide ? ` (${wide.tagName} ${wide.className})` : ""));
  }
  if (document.querySelector("script, iframe, object, embed, base, meta[http-equiv=refresh i]")) faults.push("has a script, frame, object or base");
  for (const e of document.querySelectorAll("*"))
    for (const a of e.attributes) {
      if (/^on/i.test(a.name)) faults.push(`event handler ${a.name} on ${e.tagName}`);
      if (/^(href|src|action|formaction|xlink:href)$/i.test(a.name) && !/^(#|data:image\/|https:\/\/)/i.test(a.value)) faults.push(`${a.name}="${a.value.slice(0, 60)}"`);
    }
  if (document.querySelectorAll("h1").length !== 1) faults.push("needs one h1");
  if (!root.lang) faults.push("has no language");
  for (const s of document.querySelectorAll("svg[role=img]"))
    if (!s.querySelector("title") && !s.getAttribute("aria-label") && !s.getAttribute("aria-labelledby")) faults.push("a chart has no title");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = new Set();
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !e.getClientRects().length || e.closest("title, desc, style")) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    const svg = e.closest("svg");
    const scale = svg && svg.viewBox.baseVal && svg.viewBox.baseVal.width ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    if (size * scale < 10.9) small.add(`${(size * scale).toFixed(1)} px text: ${texts.currentNode.data.trim().slice(0, 30)}`);
  }
  faults.push(...[...small].slice(0, 5));
  return faults;
}

async function check(browser, url, dir, schemes = ["light", "dark"], sizes = SIZES) {
  const faults = [];
  mkdirSync(dir, { recursive: true });
  for (const colorScheme of schemes)
    for (const [width, height] of sizes) {
      const where = `${colorScheme}-${width}`;
      const context = await browser.newContext({ viewport: { width, height }, colorScheme, serviceWorkers: "block" });
      const tab = await context.newPage();
      const fault = (text) => faults.push(`${where}: ${text}`);
      await context.route("**/*", (route) => {
        const asked = route.request().url();
        if (asked === url || asked.startsWith("data:")) return route.continue();
        fault(`asks for ${asked.slice(0, 80)}`);
        return route.abort();
      });
      tab.on("console", (m) => m.type() === "error" && fault(`console: ${m.text().slice(0, 120)}`));
      tab.on("pageerror", (e) => fault(`error: ${String(e).slice(0, 120)}`));
      tab.on("dialog", (d) => { fault(`dialog: ${d.message()}`); d.dismiss(); });
      await tab.goto(url, { waitUntil: "load" });
      for (const text of await tab.evaluate(inspect)) fault(text);
      // Everything that can be opened is opened: what is hidden must fit too.
      await tab.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
      for (const text of await tab.evaluate(inspect)) if (!faults.includes(`${where}: ${text}`)) fault(`opened: ${text}`);
      await tab.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = false)));
      await tab.screenshot({ path: join(dir, `${where}.png`), fullPage: true });
      await context.close();
    }
  return faults;
}

const good = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title><h1>t</h1>${body}`;
const SELF_TEST = [
  ["nothing", good("<p>fine</p>"), null],
  ["a wide table", good("<div style='width:3000px'>x</div>"), "scrolls sideways"],
  ["an image from outside", good("<img src='https://probe.example/a.png' alt=''>"), "asks for"],
  ["a style from outside", good("<style>p{background:url(https://probe.example/b.png)}</style><p>x</p>"), "asks for"],
  ["a script", good("<script>1</script>"), "has a script"],
  ["a dialog", good("<script>alert(1)</script>"), "dialog"],
  ["a script's error", good("<script>throw 1</script>"), "error"],
  ["a handler", good("<p onclick='x()'>x</p>"), "event handler"],
  ["a script link", good("<a href='javascript:x'>x</a>"), "href="],
  ["tiny text", good("<p style='font-size:7px'>x</p>"), "px text"],
  ["a wide hidden part", good("<details><summary>s</summary><div style='width:3000px'>x</div></details>"), "opened: scrolls"],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let failed = 0;
if (page === "--self-test") {
  for (const [name, html, expected] of SELF_TEST) {
    const file = resolve(shots, "self-test.html");
    mkdirSync(resolve(shots), { recursive: true });
    writeFileSync(file, html);
    const faults = await check(browser, pathToFileURL(file).href, join(shots, "self-test"), ["light"], [[768, 1024]]);
    const right = expected ? faults.some((f) => f.includes(expected)) : faults.length === 0;
    if (!right) {
      failed += 1;
      console.log(`self-test: ${name}: expected ${expected}, found ${JSON.stringify(faults.slice(0, 3))}`);
    }
  }
  console.log(failed ? "browser self-test FAILED" : `browser self-test ok: ${SELF_TEST.length} pages`);
} else {
  const faults = await check(browser, pathToFileURL(resolve(page)).href, shots);
  for (const fault of faults) console.log(`FAIL ${fault}`);
  failed = faults.length;
  if (!failed) console.log(`ok ${page}: 2 themes, ${SIZES.length} widths`);
}
await browser.close();
process.exit(failed ? 1 : 0);
