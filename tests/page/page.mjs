// Drives the page in a real Chromium: node page.mjs ADDRESS [FOLDER FOR SCREENSHOTS].
// Prints a line for each check and exits with 1 where one failed.
import { readFileSync } from "node:fs";
import { open, require } from "./browser.mjs";

const [address, pictures] = process.argv.slice(2);
const { page, foreign, faults, check, accessible, idle, say, answers, shoot, end } = await open(address, pictures);

await check("the page opens and lists models", async () => {
  await page.goto(address);
  await page.waitForFunction(() => document.querySelectorAll("#model option").length > 0);
  require(await page.locator("#attach").isHidden(), "a model without a projector is offered pictures");
});

await check("settings are kept and sent", async () => {
  await page.click("#open-settings");
  await page.fill("[name=max_tokens]", "24");
  await page.fill("[name=seed]", "7");
  await page.fill("#schema", "{ no");
  require((await page.textContent("#schema-fault")).includes("no JSON"), "a broken schema is not told");
  await page.fill("#schema", "");
  await accessible("settings");
});

await check("an answer streams in", async () => {
  await page.click("#close-panel");
  await say("Once upon a time there was a little thimble");
  await page.waitForFunction(() => document.querySelector(".message.assistant .content")?.textContent.trim().length > 0);
  await idle();
  require(/tokens\/s|first after/.test(await answers().last().textContent()), "no timing is shown");
});

await check("another answer is a branch", async () => {
  await answers().last().getByTitle("Another answer").click();
  await page.waitForSelector("text=2 of 2");
  await idle();
  await answers().last().getByLabel("Earlier branch").click();
  await page.waitForSelector("text=1 of 2");
});

await check("an edited message is a branch", async () => {
  await page.keyboard.press("Alt+ArrowUp");
  await page.fill(".edit", "Tom had a red ball");
  await page.press(".edit", "Enter");
  await page.waitForSelector(".message.user >> text=2 of 2");
  await idle();
});

await check("an answer can be stopped", async () => {
  await page.click("#open-settings");
  await page.fill("[name=max_tokens]", "");
  await page.click("#close-panel");
  await say("Tell a very long story");
  await page.waitForSelector("#stop:not([hidden])");
  await page.keyboard.press("Escape");
  await idle();
});

await check("conversations outlive a reload, and are found", async () => {
  await page.reload();
  await page.waitForSelector("#conversations li");
  await page.fill("#search", "red ball");
  require((await page.locator("#conversations li").count()) === 1, "the conversation is not found");
  await page.fill("#search", "no such words");
  require((await page.locator("#conversations li").count()) === 0, "a search finds what is not there");
  await page.fill("#search", "");
});

await check("conversations are exported and imported", async () => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
  const text = readFileSync(await download.path(), "utf8");
  require(JSON.parse(text).conversations.length === 1, "the export lacks the conversation");
  await page.locator("#conversations .drop").click();
  await page.waitForFunction(() => document.querySelectorAll("#conversations li").length === 0);
  await page.setInputFiles("#import-file", { name: "c.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await page.waitForSelector("#conversations li");
  await page.setInputFiles("#import-file", { name: "d.json", mimeType: "application/json", buffer: Buffer.from('{"format":"other"}') });
  await page.waitForSelector("text=holds no conversations");
});

await check("markdown is drawn and cannot run or fetch", async () => {
  const hostile = "# Title\n\n<img src=\"http://example.invalid/x.png\" onerror=\"window.bad=1\"><script>window.bad=2</script>\n\n" +
    "[click](javascript:window.bad=3) ![p](http://example.invalid/y.png)\n\n```python\ndef f(x):\n    return x\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |";
  const node = (id, parent, role, content, children) => ({ id, parent, role, content, children, chosen: 0 });
  const conversation = { id: "h", title: "hostile", changed: Date.now() + 1e6, first: ["u"], chosen: 0, nodes: { u: node("u", null, "user", "hostile", ["a"]), a: node("a", "u", "assistant", hostile, []) } };
  await page.setInputFiles("#import-file", { name: "h.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ format: "thimble-conversations", version: 1, conversations: [conversation] })) });
  await page.click("#conversations .title >> text=hostile");
  await page.waitForSelector(".message.assistant h1");
  require((await page.evaluate(() => window.bad)) === undefined, "a script ran");
  require((await page.locator(".message.assistant img, .message.assistant a[href^=javascript]").count()) === 0, "a picture or script address stayed");
  require((await page.locator(".hljs-keyword").count()) > 0, "code is not coloured");
  require((await page.locator(".message.assistant td").count()) === 2, "the table is not drawn");
  await shoot("page-markdown");
  await accessible("markdown");
});

await check("live charts are drawn", async () => {
  await page.click("#open-live");
  await page.waitForFunction(() => document.querySelectorAll("#live canvas").length === 3);
  await page.click("#new-chat");
  await page.click("#open-settings");
  await page.fill("[name=max_tokens]", "120");
  await page.click("#open-live");
  await say("Lily and Tom went to the park");
  await idle();
  await page.waitForFunction(() => document.querySelector("#timings tbody").rows.length > 0);
  const told = await page.evaluate(() => [...document.querySelectorAll("#timings th, #timings tbody tr:first-child td")].length);
  require(told === 12, "a row of timings has not a cell for each heading");
  for (let i = 0; pictures && i < 8; i++) {
    await answers().last().getByTitle("Another answer").click(); // so that there is something to see
    await idle();
    await page.waitForTimeout(700);
  }
  await shoot("page");
  await accessible("live");
  await page.keyboard.press("Escape");
});

await check("the keyboard reaches everything", async () => {
  await page.locator("#messages").focus();
  await page.keyboard.press("?");
  await page.waitForSelector("#key-dialog[open]");
  await accessible("keys");
  await page.keyboard.press("Escape");
  await page.locator("#messages").focus();
  await page.keyboard.press("/");
  require(await page.evaluate(() => document.activeElement.id === "prompt"), "'/' does not go to the message field");
});

await check("dark colours are readable too", async () => {
  await page.click("#theme");
  await page.click("#theme");
  require((await page.getAttribute("html", "data-theme")) === "dark", "the colours do not change");
  await page.click("#conversations .title >> text=hostile");
  await accessible("dark");
  await shoot("page-dark");
});

await check("it works on a phone's width", async () => {
  await page.setViewportSize({ width: 375, height: 700 });
  require(await page.locator("#sidebar").isHidden(), "the list covers the conversation");
  require(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "the page is wider than the screen");
  await page.click("#open-sidebar");
  await page.waitForSelector("#sidebar.open");
  await shoot("page-phone");
  await page.keyboard.press("Escape");
  await accessible("phone");
});

await check("no request leaves the machine", async () => require(foreign.length === 0, foreign.join(" ")));
await check("nothing fails in the page's scripts", async () => require(faults.length === 0, faults.join(" | ")));
await end();
