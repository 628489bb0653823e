// Conversations as trees of messages, kept in this browser and nowhere else.

const database = "thimble", table = "conversations";
let opened;

function open() {
  opened ??= new Promise((resolve) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null); // private windows may have none: then nothing outlives the tab
  });
  return opened;
}

async function run(mode, work) {
  const base = await open();
  if (!base) return undefined;
  return new Promise((resolve, reject) => {
    const request = work(base.transaction(table, mode).objectStore(table));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** All that is kept, the latest first. */
export async function all() {
  const kept = (await run("readonly", (store) => store.getAll())) ?? [];
  return kept.sort((a, b) => b.changed - a.changed);
}

export const keep = (conversation) => run("readwrite", (store) => store.put(conversation));

export const drop = (id) => run("readwrite", (store) => store.delete(id));

export function create() {
  return { id: crypto.randomUUID(), title: "", changed: Date.now(), nodes: {}, first: [], chosen: 0 };
}

/** Adds a message below another (null: at the beginning) and goes to it. */
export function add(conversation, parent, message) {
  const node = { id: crypto.randomUUID(), parent, children: [], chosen: 0, ...message };
  conversation.nodes[node.id] = node;
  const among = siblings(conversation, node);
  among.push(node.id);
  choose(conversation, node, among.length - 1);
  conversation.changed = Date.now();
  if (!conversation.title && message.role === "user") conversation.title = message.content.trim().split("\n")[0].slice(0, 60);
  return node;
}

/** The messages that begin where this one does: the branches, itself among them. */
export function siblings(conversation, node) {
  return node.parent ? conversation.nodes[node.parent].children : conversation.first;
}

/** Goes to a branch. */
export function choose(conversation, node, index) {
  if (node.parent) conversation.nodes[node.parent].chosen = index;
  else conversation.chosen = index;
}

/** The messages from the beginning along the chosen branches. */
export function path(conversation) {
  const nodes = [];
  let id = conversation.first[conversation.chosen];
  while (id) {
    const node = conversation.nodes[id];
    nodes.push(node);
    id = node.children[node.chosen];
  }
  return nodes;
}

/** The messages that lead to one, itself included. */
export function lineage(conversation, node) {
  const nodes = [];
  for (let at = node; at; at = at.parent ? conversation.nodes[at.parent] : null) nodes.unshift(at);
  return nodes;
}

export function write(conversations) {
  return JSON.stringify({ format: "thimble-conversations", version: 1, conversations }, null, 1);
}

/** Reads what {@link write} wrote. Throws a sentence that says what is wrong with it. */
export function read(text) {
  let file;
  try {
    file = JSON.parse(text);
  } catch (fault) {
    throw new Error(`This file is no JSON: ${fault.message}`);
  }
  if (file.format !== "thimble-conversations" || !Array.isArray(file.conversations)) {
    throw new Error("This file holds no conversations of Thimble: its field 'format' is not 'thimble-conversations'.");
  }
  return file.conversations.map((conversation, index) => checked(conversation, index + 1));
}

function checked(conversation, number) {
  const wrong = (what) => new Error(`Conversation ${number} of the file is damaged: ${what}.`);
  if (typeof conversation?.id !== "string" || typeof conversation.nodes !== "object" || !Array.isArray(conversation.first)) {
    throw wrong("it lacks 'id', 'nodes' or 'first'");
  }
  const seen = new Set();
  const visit = (id, parent) => {
    const node = conversation.nodes[id];
    if (!node || seen.has(id) || !["user", "assistant"].includes(node.role) || typeof node.content !== "string") throw wrong(`message '${id}'`);
    seen.add(id);
    node.parent = parent;
    node.children = Array.isArray(node.children) ? node.children : [];
    node.chosen = Math.min(Math.max(0, node.chosen | 0), Math.max(0, node.children.length - 1));
    return node.children.map((child) => [child, id]);
  };
  const ahead = conversation.first.map((id) => [id, null]);
  while (ahead.length) ahead.push(...visit(...ahead.pop()));
  return { ...conversation, title: String(conversation.title ?? ""), changed: Number(conversation.changed) || Date.now(), chosen: conversation.chosen | 0 };
}
