// One running answer: asked, streamed into its message, stopped.
import * as api from "./api.js";
import * as settings from "./settings.js";
import { lineage } from "./conversations.js";
import { fill } from "./messages.js";

let running = null; // { node, abort }

export const runningNode = () => running?.node ?? null;

export function stop() {
  running?.abort.abort();
}

/** Lets the model answer into a node; ends when the answer does. Returns how long it took, or null where it failed. */
export async function write(conversation, node, model) {
  const abort = new AbortController();
  running = { node, abort };
  const begun = performance.now();
  let first = 0, last = begun, usage = null, drafts = null, waiting = false;
  const show = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      fill(node);
    });
  };
  try {
    const request = { ...settings.body(), model, messages: messages(conversation, node) };
    for await (const chunk of api.chat(request, abort.signal)) {
      usage = chunk.usage ?? usage;
      if (chunk.timings?.draft_n) drafts = { drafted: chunk.timings.draft_n, accepted: chunk.timings.draft_n_accepted ?? 0 };
      const delta = chunk.choices?.[0]?.delta;
      if (!delta) continue;
      const reasoning = delta.reasoning_content ?? "", content = delta.content ?? "";
      if (reasoning || content) {
        last = performance.now();
        first ||= last;
      }
      if (reasoning) node.reasoning = (node.reasoning ?? "") + reasoning;
      node.content += content;
      show();
    }
  } catch (fault) {
    if (fault.name === "AbortError") node.stopped = true;
    else node.fault = fault.message;
    if (fault.status === 401) throw fault;
  } finally {
    running = null;
  }
  const written = usage?.completion_tokens ?? 0, seconds = (last - first) / 1000;
  const timing = {
    prompt: usage?.prompt_tokens ?? 0,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    first: first ? first - begun : 0,
    written,
    drafts,
    perSecond: written > 1 && seconds > 0 ? (written - 1) / seconds : 0,
  };
  if (first) node.timing = `${timing.perSecond ? `${timing.perSecond.toFixed(1)} tokens/s, ` : ""}first after ${Math.round(timing.first)} ms${node.stopped ? ", stopped" : ""}`;
  return node.fault ? null : timing;
}

/** The conversation that leads to an answer, as the interface takes it. */
function messages(conversation, node) {
  const told = lineage(conversation, node).slice(0, -1).map((message) => ({ role: message.role, content: content(message) }));
  const system = settings.systemPrompt();
  return system ? [{ role: "system", content: system }, ...told] : told;
}

function content(message) {
  if (!message.pictures?.length) return message.content;
  return [
    ...message.pictures.map((picture) => ({ type: "image_url", image_url: { url: picture.url } })),
    { type: "text", text: message.content },
  ];
}
