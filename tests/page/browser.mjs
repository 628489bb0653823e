// What the checks of the page share: a Chromium, and a line for each check.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const patience = 60_000; // ms: machines that run tests are slow at times

export function require(truth, message) {
  if (!truth) throw new Error(message);
}

/** A page of a server in a browser of its own; with a folder, pictures are taken of it. */
export async function open(address, pictures) {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });
  let failed = 0;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true, bypassCSP: false });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const foreign = [], faults = [];
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address)) foreign.push(request.url());
  });
  page.on("pageerror", (fault) => faults.push(String(fault)));
  // Chromium reports a handler in text that is only parsed to be cleaned; that none runs is checked by what it would have set.
  page.on("console", (message) => message.type() === "error" && !message.text().includes("inline event handler") && faults.push(message.text()));
  page.on("dialog", (dialog) => dialog.accept());

  async function check(name, work) {
    try {
      await work();
      console.log(`ok   ${name}`);
    } catch (fault) {
      failed++;
      console.log(`FAIL ${name}: ${String(fault.message ?? fault).split("\n")[0]}`);
    }
  }

  async function accessible(what) {
    await page.evaluate(axe); // by the debugger, which the page's policy does not bind
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
    const bad = found.violations.map((violation) => `${violation.id}: ${violation.nodes[0].target}`);
    require(bad.length === 0, `${what}: ${bad.join("; ")}`);
  }

  return {
    page, foreign, faults, check, accessible,
    /** Waits until no answer is being written. */
    idle: () => page.waitForSelector("#send:not([hidden])"),
    say: async (text) => {
      await page.fill("#prompt", text);
      await page.press("#prompt", "Enter");
    },
    answers: () => page.locator(".message.assistant"),
    shoot: (name) => (pictures ? page.screenshot({ path: join(pictures, `${name}.png`) }) : null),
    /** Ends it all: with 1 where a check failed. */
    end: async () => {
      await browser.close();
      console.log(failed === 0 ? "all passed" : `${failed} failed`);
      process.exit(failed === 0 ? 0 : 1);
    },
  };
}
