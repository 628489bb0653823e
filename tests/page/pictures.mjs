// Drives the picture button against a model that sees: node pictures.mjs ADDRESS PICTURE.
// Prints a line for each check and exits with 1 where one failed.
import { readFileSync } from "node:fs";
import { open, require } from "./browser.mjs";

const [address, path] = process.argv.slice(2);
const { page, foreign, faults, check, accessible, idle, say, answers, end } = await open(address);
const base64 = readFileSync(path).toString("base64");
const asked = [];
page.on("request", (request) => request.method() === "POST" && request.url().endsWith("/v1/chat/completions") && asked.push(JSON.parse(request.postData())));

const attach = async (files) => {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click("#attach")]);
  await chooser.setFiles(files);
};

await check("a model that sees has a button for pictures", async () => {
  await page.goto(address);
  await page.waitForSelector("#attach:not([hidden])");
  await page.click("#open-settings");
  await page.fill("[name=max_tokens]", "6");
  await page.click("#close-panel");
});

await check("a picture is shown before it is sent, and can be left out", async () => {
  await attach([path]);
  await page.waitForSelector("#pictures img");
  await accessible("an attached picture");
  await page.click("#pictures button");
  require((await page.locator("#pictures img").count()) === 0, "the picture stays");
});

await check("a picture goes with its message, and is seen", async () => {
  await attach([path]);
  await page.waitForSelector("#pictures img");
  await say("what");
  await page.waitForSelector(".message.user img");
  await page.waitForFunction(() => /first after/.test(document.querySelector(".message.assistant")?.textContent ?? ""));
  await idle();
  const [image, text] = asked.at(-1).messages.at(-1).content;
  require(image.image_url.url === `data:image/png;base64,${base64}`, "another picture was sent");
  require(text.text === "what", "the words were not sent");
  require((await page.locator("#pictures img").count()) === 0, "the picture would be sent again");
});

await check("it stays with its message for the next one", async () => {
  await say("and now");
  await page.waitForFunction(() => document.querySelectorAll(".message.assistant").length === 2);
  await idle();
  require(JSON.stringify(asked.at(-1).messages[0].content).includes(base64), "the picture was forgotten");
});

await check("what is no picture is told in the conversation", async () => {
  await attach([{ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no picture") }]);
  await page.waitForSelector("#pictures img");
  await say("what");
  await page.waitForFunction(() => document.querySelectorAll(".message.assistant").length === 3);
  await idle();
  require(/image/i.test(await answers().last().textContent()), "the refusal is not shown");
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("400"))); // Chromium's own line about that refusal
});

await check("no request leaves the machine", async () => require(foreign.length === 0, foreign.join(" ")));
await check("nothing fails in the page's scripts", async () => require(faults.length === 0, faults.join(" | ")));
await end();
