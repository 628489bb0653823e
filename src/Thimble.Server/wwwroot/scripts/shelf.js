// The models: which there are, which is talked to, fetching and removing.
import * as api from "./api.js";

const picker = document.getElementById("model");
const list = document.getElementById("model-list");
const state = document.getElementById("pull-state");
const progress = document.getElementById("pull-progress");
const stop = document.getElementById("pull-stop");
const kept = "thimble-model";
let known = [];
let pulling = null;

export const chosen = () => picker.value;

/** Whether the chosen model sees pictures. */
export const sees = () => Boolean(known.find((model) => model.id === picker.value)?.meta?.vision);

export function start(changed) {
  picker.addEventListener("change", () => {
    localStorage.setItem(kept, picker.value);
    changed();
  });
  document.getElementById("pull").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = document.getElementById("pull-name").value.trim();
    if (name && !pulling) pull(name, changed);
  });
  stop.addEventListener("click", () => pulling?.abort());
}

/** Reads the list anew. */
export async function refresh() {
  known = await api.models();
  const wanted = picker.value || localStorage.getItem(kept);
  picker.replaceChildren(...known.map((model) => new Option(model.id, model.id)));
  if (known.some((model) => model.id === wanted)) picker.value = wanted;
  list.replaceChildren(...known.map(row));
}

function row(model) {
  const item = document.createElement("li"), name = document.createElement("span");
  name.textContent = model.id;
  item.append(name);
  if (model.meta?.removable !== false) {
    const drop = document.createElement("button");
    drop.className = "plain";
    drop.textContent = "Remove";
    drop.setAttribute("aria-label", `Remove ${model.id}`);
    drop.addEventListener("click", async () => {
      if (!confirm(`Remove ${model.id} from this machine?`)) return;
      try {
        await api.remove(model.id);
        await refresh();
      } catch (fault) {
        state.textContent = fault.message;
      }
    });
    item.append(drop);
  }
  return item;
}

async function pull(name, changed) {
  pulling = new AbortController();
  stop.hidden = progress.hidden = false;
  progress.removeAttribute("value");
  state.textContent = `Asking for ${name} …`;
  try {
    for await (const step of api.pull(name, pulling.signal)) {
      if (step.total) {
        progress.value = (step.completed ?? 0) / step.total;
        state.textContent = `${step.status}: ${size(step.completed ?? 0)} of ${size(step.total)}`;
      } else {
        state.textContent = step.status;
      }
    }
    await refresh();
    picker.value = known.find((model) => model.id === name || model.id.startsWith(`${name}:`))?.id ?? picker.value;
    changed();
  } catch (fault) {
    state.textContent = fault.name === "AbortError" ? "Stopped; what was fetched is kept and the next pull goes on from there." : fault.message;
  } finally {
    pulling = null;
    stop.hidden = progress.hidden = true;
  }
}

function size(bytes) {
  const unit = bytes >= 1e9 ? ["GB", 1e9] : ["MB", 1e6];
  return `${(bytes / unit[1]).toFixed(1)} ${unit[0]}`;
}
