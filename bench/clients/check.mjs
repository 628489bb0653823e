// Asks a running server through OpenAI's and Anthropic's own clients; exits with 1 at the first surprise.
import assert from "node:assert/strict";
import OpenAI from "openai";
import Anthropic from "@anthropic-ai/sdk";

const address = process.argv[2] ?? "http://127.0.0.1:11434";
const key = process.argv[3] ?? "none";
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: address, apiKey: key, maxRetries: 0 });
const messages = [{ role: "user", content: "Once upon a time" }];
const check = async (name, run) => { await run(); console.log(`ok  ${name}`); };

const model = (await openai.models.list()).data[0].id;

await check("openai chat", async () => {
  const answer = await openai.chat.completions.create({ model, messages, max_tokens: 8, logprobs: true, top_logprobs: 2 });
  assert.equal(answer.usage.completion_tokens, answer.choices[0].logprobs.content.length);
  assert.ok(["stop", "length"].includes(answer.choices[0].finish_reason));
});

await check("openai chat, streamed", async () => {
  const stream = openai.chat.completions.stream({ model, messages, max_tokens: 8, stream_options: { include_usage: true } });
  let text = "";
  stream.on("content", piece => { text += piece; });
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].message.content, text);
  assert.ok(final.usage.completion_tokens > 0);
});

await check("openai error with a field", async () => {
  await assert.rejects(openai.chat.completions.create({ model, messages, temperature: -1 }), error =>
    error instanceof OpenAI.BadRequestError && error.param === "temperature");
});

await check("openai completions, embeddings", async () => {
  const text = await openai.completions.create({ model, prompt: "Once upon", max_tokens: 4, echo: true });
  assert.ok(text.choices[0].text.startsWith("Once upon"));
  const vectors = await openai.embeddings.create({ model, input: ["a dog", "a cat"] });   // the client asks for base64 by itself
  assert.equal(vectors.data.length, 2);
  assert.ok(Math.abs(vectors.data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-3);
});

await check("openai responses, streamed and gone on from", async () => {
  const first = await openai.responses.create({ model, input: "Once upon a time", max_output_tokens: 8 });
  assert.equal(typeof first.output_text, "string");
  const stream = openai.responses.stream({ model, input: "And then?", previous_response_id: first.id, max_output_tokens: 8 });
  let text = "";
  for await (const event of stream)
    if (event.type === "response.output_text.delta") text += event.delta;
  assert.equal((await stream.finalResponse()).output_text, text);
});

await check("openai stream broken off", async () => {
  const stream = await openai.chat.completions.create({ model, messages, stream: true });
  for await (const _ of stream) break;
});

await check("anthropic messages", async () => {
  const answer = await anthropic.messages.create({ model, messages, max_tokens: 8 });
  assert.equal(answer.type, "message");
  assert.ok(["end_turn", "max_tokens"].includes(answer.stop_reason));
  assert.ok(answer.usage.input_tokens + answer.usage.cache_read_input_tokens > 0);
});

await check("anthropic messages, streamed", async () => {
  const stream = anthropic.messages.stream({ model, messages, max_tokens: 8 });
  let text = "";
  stream.on("text", piece => { text += piece; });
  const final = await stream.finalMessage();
  assert.equal(final.content.filter(block => block.type === "text").map(block => block.text).join(""), text);
});

await check("anthropic count_tokens", async () => {
  assert.ok((await anthropic.messages.countTokens({ model, messages })).input_tokens > 0);
});

await check("anthropic error", async () => {
  await assert.rejects(anthropic.messages.create({ model, messages, max_tokens: 0 }), error =>
    error instanceof Anthropic.BadRequestError && error.error.type === "error");
});
