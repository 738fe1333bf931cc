// Opens a self-contained page in headless Chromium, light and dark, at three widths, and fails when something is wrong.
//
//   node browser.mjs MODULES PAGE.html SHOTS     MODULES: the folder with node_modules/playwright-core
//   node browser.mjs MODULES --self-test SHOTS   each kind of fault must be found on a page made for it
//
// What must hold: no request but the page itself, no script, a policy that forbids both, no dialog, no console error, no
// sideways scrolling, no text under 11 px, contrast of text as WCAG 2.2 AA wants it (also as printed), labels of charts that
// neither overlap nor leave their chart, a title and a description on every chart and its figures in a table, one h1, no
// heading level left out, a language, landmarks, and a focus that can be seen.
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
  const policy = document.querySelector("meta[http-equiv=Content-Security-Policy i]")?.content ?? "";
  if (!/default-src 'none'/.test(policy) || /unsafe|\*|https?:|script-src/.test(policy)) faults.push(`the policy is not strict: ${policy}`);
  if (document.querySelectorAll("h1").length !== 1) faults.push("needs one h1");
  let level = 0;
  for (const h of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (+h.tagName[1] > level + 1) faults.push(`a heading level is left out before: ${h.textContent.slice(0, 40)}`);
    level = +h.tagName[1];
  }
  if (!root.lang) faults.push("has no language");
  if (document.querySelectorAll("main").length !== 1) faults.push("needs one main landmark");
  const shown = (e) => e.getClientRects().length > 0;
  for (const s of document.querySelectorAll("svg:not([aria-hidden=true])")) {
    if (s.getAttribute("role") !== "img") faults.push("a chart has no role");
    if (!s.querySelector(":scope > title")?.textContent.trim()) faults.push("a chart has no title");
    if (!s.querySelector(":scope > desc")?.textContent.trim()) faults.push("a chart has no description");
    if (!s.closest("section")?.querySelector("table")) faults.push("a chart has no table beside it");
    if (!shown(s)) continue;
    const box = s.getBoundingClientRect();
    const labels = [...s.querySelectorAll("text")].map((t) => [t.textContent, t.getBoundingClientRect()]);
    for (const [i, [text, a]] of labels.entries()) {
      if (a.left < box.left - 2 || a.right > box.right + 2) faults.push(`a label leaves its chart: ${text.slice(0, 30)}`);
      for (const [other, b] of labels.slice(0, i)) {
        const [x, y] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
        // Boxes are taller than letters: 4 px of two lines may touch.
        if (x > 1 && y > 4) faults.push(`labels overlap: ${other.slice(0, 30)} and ${text.slice(0, 30)}`);
      }
    }
  }
  for (const e of document.querySelectorAll("body, body div, body pre, body nav"))
    if (e.scrollWidth > e.clientWidth + 1 && shown(e) && /auto|scroll/.test(getComputedStyle(e).overflowX) && !e.closest(".chart") && e.tabIndex < 0)
      faults.push(`scrolls but cannot be reached by keyboard: ${e.tagName} ${e.className}`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = new Set();
  const pale = new Set();
  const channels = (color) => {
    const n = (color.match(/[\d.]+(e-?\d+)?/g) ?? []).map(Number);
    const [r, g, b, a = 1] = color.startsWith("color(") ? [n[0] * 255, n[1] * 255, n[2] * 255, n[3]] : n;
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
  const light = (c) => {
    const [r, g, b] = c.map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // Every color that may be behind an element: one, or those of a gradient.
  const known = new Map();
  const grounds = (e) => {
    if (!known.has(e)) known.set(e, e ? behind(e) : [[255, 255, 255]]);
    return known.get(e);
  };
  const behind = (e) => {
    const style = getComputedStyle(e);
    const gradient = style.backgroundImage.match(/(rgba?|color)\([^()]*\)/g);
    if (gradient) return gradient.map((c) => channels(c).slice(0, 3));
    const color = channels(style.backgroundColor);
    return color[3] >= 1 ? [color.slice(0, 3)] : grounds(e.parentElement).map((under) => over(color, under));
  };
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !e.getClientRects().length || e.closest("title, desc, style")) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    const svg = e.closest("svg");
    const scale = svg && svg.viewBox.baseVal && svg.viewBox.baseVal.width ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    const style = getComputedStyle(e);
    if (style.visibility === "hidden" || e.closest(".unseen, .skip:not(:focus)")) continue;
    const color = channels(svg ? style.fill : style.color);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 600);
    for (const ground of grounds(svg ? svg.parentElement : e)) {
      const [a, b] = [light(over(color, ground)), light(ground)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < (large ? 3 : 4.5)) pale.add(`contrast ${ratio.toFixed(2)}: ${texts.currentNode.data.trim().slice(0, 30)}`);
    }
    if (!matchMedia("print").matches && size * scale < 10.9) small.add(`${(size * scale).toFixed(1)} px text: ${texts.currentNode.data.trim().slice(0, 30)}`);
  }
  faults.push(...[...small].slice(0, 5), ...[...pale].slice(0, 5));
  return faults;
}

// The first stops of the tab key: each can be seen, and shows that it has the focus.
async function focus(tab) {
  const faults = [];
  for (let i = 0; i < 14; i++) {
    await tab.keyboard.press("Tab");
    const fault = await tab.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      const seen = e.closest("label") ?? e;
      const box = seen.getBoundingClientRect();
      if (box.bottom < 0 || box.width < 2) return `the focus cannot be seen on ${e.tagName} ${e.textContent.slice(0, 20)}`;
      return getComputedStyle(seen).outlineStyle === "none" ? `no outline on the focused ${e.tagName} ${e.textContent.slice(0, 20)}` : null;
    });
    if (fault) faults.push(fault);
  }
  await tab.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
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
      for (const text of await focus(tab)) fault(text);
      await tab.screenshot({ path: join(dir, `${where}.png`), fullPage: true });
      if (width === 768) {
        await tab.emulateMedia({ media: "print", colorScheme });
        for (const text of await tab.evaluate(inspect)) fault(`printed: ${text}`);
        await tab.pdf({ path: join(dir, `${where}.pdf`), preferCSSPageSize: true, printBackground: false });
      }
      await context.close();
    }
  return faults;
}

const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='">`;
const page_of = (head, body) => `<!doctype html><html lang="en"><meta charset="utf-8">${head}<title>t</title><main><h1>t</h1>${body}</main>`;
const bad = (body) => page_of("", body);
const chart = (body, more = "<table><tr><td>1</table>") =>
  bad(`<section><svg role="img" width="200" height="50" viewBox="0 0 200 50"><title>t</title><desc>d</desc>${body}</svg>${more}</section>`);
const SELF_TEST = [
  ["nothing", page_of(POLICY, "<p>fine</p>"), null],
  ["no policy", bad("<p>x</p>"), "policy is not strict"],
  ["a loose policy", page_of(POLICY.replace(/'sha256[^']*'/, "'unsafe-inline'"), ""), "policy is not strict"],
  ["a wide table", bad("<div style='width:3000px'>x</div>"), "scrolls sideways"],
  ["an image from outside", bad("<img src='https://probe.example/a.png' alt=''>"), "asks for"],
  ["a style from outside", bad("<style>p{background:url(https://probe.example/b.png)}</style><p>x</p>"), "asks for"],
  ["a script", bad("<script>1</script>"), "has a script"],
  ["a dialog", bad("<script>alert(1)</script>"), "dialog"],
  ["a script's error", bad("<script>throw 1</script>"), "error"],
  ["a style the policy forbids", page_of(POLICY, "<p style='color:red'>x</p>"), "console"],
  ["a handler", bad("<p onclick='x()'>x</p>"), "event handler"],
  ["a script link", bad("<a href='javascript:x'>x</a>"), "href="],
  ["tiny text", bad("<p style='font-size:7px'>x</p>"), "px text"],
  ["a wide hidden part", bad("<details><summary>s</summary><div style='width:3000px'>x</div></details>"), "opened: scrolls"],
  ["pale text", bad("<p style='color:#888'>x</p>"), "contrast 3.5"],
  ["pale text on a gradient", bad("<p style='color:#fff;background:linear-gradient(#000,#999)'>x</p>"), "contrast 2.8"],
  ["a pale label", chart("<text x='9' y='20' fill='#999'>x</text>"), "contrast 2.8"],
  ["pale print", bad("<style>@media print{p{color:#999}}</style><p>x</p>"), "printed: contrast 2.8"],
  ["labels on each other", chart("<text x='9' y='20'>word</text><text x='12' y='22'>other</text>"), "labels overlap"],
  ["a label outside", chart("<text x='190' y='20'>a long label</text>"), "leaves its chart"],
  ["a chart without a title", bad("<svg role='img'></svg>"), "has no title"],
  ["a chart without a table", chart("", ""), "no table beside it"],
  ["a level left out", bad("<h3>x</h3>"), "level is left out"],
  ["no visible focus", bad("<style>a{outline:none}</style><a href='#x'>x</a>"), "no outline"],
  ["a box without a key", bad("<div style='overflow:auto;width:9em'><div style='width:99em'>x</div></div>"), "by keyboard"],
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
