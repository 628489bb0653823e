// The page: joins the conversations, the messages, the answer and the panels.
import * as answer from "./answer.js";
import * as api from "./api.js";
import * as history from "./conversations.js";
import * as live from "./live.js";
import * as messages from "./messages.js";
import * as panels from "./panels.js";
import * as pictures from "./pictures.js";
import * as settings from "./settings.js";
import * as shelf from "./shelf.js";

const $ = (id) => document.getElementById(id);
let conversations = [], current = history.create();

const actions = {
  branch(node, index) {
    history.choose(current, node, index);
    history.keep(current);
    actions.redraw();
  },
  again: (node) => reply(node.parent ? current.nodes[node.parent] : null),
  edited(node, text) {
    if (!text.trim() || answer.runningNode()) return;
    reply(history.add(current, node.parent, { role: "user", content: text, pictures: node.pictures }));
  },
  redraw: () => draw(),
};

function draw() {
  const running = answer.runningNode();
  messages.draw(current, actions, running?.id);
  $("send").hidden = Boolean(running);
  $("stop").hidden = !running;
  const wanted = $("search").value.trim().toLowerCase();
  $("conversations").replaceChildren(...conversations.filter((conversation) => matches(conversation, wanted)).map(entry));
}

function matches(conversation, wanted) {
  if (!wanted) return true;
  return conversation.title.toLowerCase().includes(wanted) || Object.values(conversation.nodes).some((node) => node.content.toLowerCase().includes(wanted));
}

function entry(conversation) {
  const item = document.createElement("li"), title = document.createElement("button"), drop = document.createElement("button");
  if (conversation.id === current.id) item.setAttribute("aria-current", "true");
  title.className = "title";
  title.textContent = conversation.title || "Untitled";
  title.addEventListener("click", () => {
    answer.stop();
    current = conversation;
    panels.closeSidebar();
    draw();
  });
  drop.className = "drop";
  drop.textContent = "×";
  drop.setAttribute("aria-label", `Delete ${title.textContent}`);
  drop.addEventListener("click", async () => {
    if (!confirm(`Delete “${title.textContent}”?`)) return;
    await history.drop(conversation.id);
    conversations = conversations.filter((other) => other.id !== conversation.id);
    if (current.id === conversation.id) begin();
    draw();
  });
  item.append(title, drop);
  return item;
}

function begin() {
  answer.stop();
  current = history.create();
  draw();
  $("prompt").focus();
}

/** Answers a message of the user (null where the conversation begins with the answer). */
async function reply(user) {
  if (answer.runningNode() || !user) return;
  if (!conversations.includes(current)) conversations.unshift(current);
  const conversation = current;
  const node = history.add(conversation, user.id, { role: "assistant", content: "", model: shelf.chosen() });
  await history.keep(conversation);
  const written = answer.write(conversation, node, shelf.chosen());
  draw();
  say("Answering");
  let timing = null;
  try {
    timing = await written;
  } catch (fault) {
    if (fault.status === 401) $("secret-dialog").showModal();
  }
  if (timing) live.record(timing);
  await history.keep(conversation);
  draw();
  say("");
  $("announcement").textContent = node.fault ?? node.content.slice(0, 2000);
}

function say(text) {
  $("state").textContent = text;
}

function send(event) {
  event.preventDefault();
  const text = $("prompt").value;
  if (!text.trim() || answer.runningNode()) return;
  const at = history.path(current).at(-1);
  $("prompt").value = "";
  grow();
  reply(history.add(current, at?.id ?? null, { role: "user", content: text, pictures: pictures.take() }));
}

function grow() {
  const field = $("prompt");
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function exportAll() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([history.write(conversations)], { type: "application/json" }));
  link.download = "thimble-conversations.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function importAll() {
  const [file] = $("import-file").files;
  $("import-file").value = "";
  if (!file) return;
  try {
    const read = history.read(await file.text());
    for (const conversation of read) await history.keep(conversation);
    conversations = await history.all();
    say(`${read.length} imported`);
  } catch (fault) {
    say(fault.message);
  }
  draw();
}

function lastOf(role) {
  return history.path(current).findLast((node) => node.role === role);
}

function key(event) {
  if (document.querySelector("dialog[open]")) return; // its own keys close it
  const writing = event.target.matches("input, textarea, select");
  if (event.key === "Escape") {
    if (answer.runningNode()) answer.stop();
    else panels.close();
  } else if (event.ctrlKey && event.shiftKey && event.key.toLowerCase() === "o") begin();
  else if (event.altKey && event.key === "ArrowUp" && lastOf("user")) messages.edit(lastOf("user"), actions);
  else if (event.altKey && event.key.toLowerCase() === "r" && lastOf("assistant")) actions.again(lastOf("assistant"));
  else if (!writing && event.key === "/") $("prompt").focus();
  else if (!writing && event.key === "?") $("key-dialog").showModal();
  else return;
  event.preventDefault();
}

/** Reads the list of models; asks for a key where the server wants one. */
async function connect() {
  try {
    await shelf.refresh();
    say("");
  } catch (fault) {
    if (fault.status === 401) $("secret-dialog").showModal();
    else say(fault.message);
  }
  modelChanged();
}

function modelChanged() {
  $("attach").hidden = !shelf.sees();
}

async function start() {
  settings.start();
  panels.start();
  shelf.start(modelChanged);
  pictures.start(say);
  $("composer").addEventListener("submit", send);
  $("stop").addEventListener("click", answer.stop);
  $("prompt").addEventListener("input", grow);
  $("prompt").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  });
  $("new-chat").addEventListener("click", () => {
    begin();
    panels.closeSidebar();
  });
  $("search").addEventListener("input", draw);
  $("export").addEventListener("click", exportAll);
  $("import").addEventListener("click", () => $("import-file").click());
  $("import-file").addEventListener("change", importAll);
  $("keys").addEventListener("click", () => $("key-dialog").showModal());
  $("secret-dialog").addEventListener("close", () => {
    api.keepSecret($("secret").value);
    if ($("secret").value) connect();
  });
  document.addEventListener("keydown", key);
  conversations = await history.all();
  draw();
  await connect();
  $("prompt").focus();
}

start();
