// The server's interfaces, as the page uses them. Nothing here touches the document.

/** An answer that is not the one wanted: the server's own words, and its status. */
export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const secretName = "thimble-key";

export function secret() {
  return sessionStorage.getItem(secretName) ?? "";
}

export function keepSecret(value) {
  sessionStorage.setItem(secretName, value);
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (options.body) headers["Content-Type"] = "application/json";
  if (secret()) headers.Authorization = `Bearer ${secret()}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Refusal("The server does not answer. Is it still running?", 0);
  }
  if (!response.ok) throw new Refusal(await words(response), response.status);
  return response;
}

/** What a failed answer says, in whichever of the servers' shapes it says it. */
async function words(response) {
  const text = await response.text();
  try {
    const body = JSON.parse(text);
    const said = body.error?.message ?? body.error ?? body.detail ?? body.title;
    if (typeof said === "string") return said;
  } catch {
    // no JSON: the text itself is all there is
  }
  return text.slice(0, 400) || `The server answered ${response.status}.`;
}

export async function models() {
  const body = await (await ask("v1/models")).json();
  return body.data ?? [];
}

export async function remove(name) {
  await ask("api/delete", { method: "DELETE", body: JSON.stringify({ model: name }) });
}

export async function metrics() {
  return (await ask("metrics")).text();
}

/** The events of a stream of server-sent events, as texts. */
async function* events(response) {
  let data = [];
  for await (const line of lines(response)) {
    if (line === "") {
      if (data.length) yield data.join("\n");
      data = [];
    } else if (line.startsWith("data:")) {
      data.push(line.slice(line[5] === " " ? 6 : 5));
    }
  }
  if (data.length) yield data.join("\n");
}

async function* lines(response) {
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const parts = rest.split(/\r?\n/);
      rest = parts.pop();
      yield* parts;
      if (done) break;
    }
    if (rest) yield rest;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Streams an answer: yields the chunks of a chat completion. */
export async function* chat(body, signal) {
  const request = { ...body, stream: true, stream_options: { include_usage: true } };
  const response = await ask("v1/chat/completions", { method: "POST", body: JSON.stringify(request), signal });
  for await (const event of events(response)) {
    if (event === "[DONE]") return;
    const chunk = JSON.parse(event);
    if (chunk.error) throw new Refusal(chunk.error.message ?? String(chunk.error), chunk.error.code ?? 500);
    yield chunk;
  }
}

/** Pulls a model: yields its progress. */
export async function* pull(name, signal) {
  const response = await ask("api/pull", { method: "POST", body: JSON.stringify({ model: name }), signal });
  for await (const line of lines(response)) {
    if (!line.trim()) continue;
    const progress = JSON.parse(line);
    if (progress.error) throw new Refusal(progress.error, 500);
    yield progress;
  }
}
