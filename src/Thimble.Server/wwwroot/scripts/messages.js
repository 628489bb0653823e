// The messages of the open conversation, drawn; what is done to them is told to the page by callbacks.
import { render } from "./markdown.js";
import { path, siblings } from "./conversations.js";

const list = document.getElementById("messages");
const drawn = new Map(); // node id → element

/** Draws a conversation anew. */
export function draw(conversation, actions, running) {
  drawn.clear();
  const nodes = path(conversation);
  if (nodes.length === 0) {
    const empty = document.createElement("p");
    empty.className = "empty";
    empty.textContent = "Everything you write stays on this machine.";
    list.replaceChildren(empty);
    return;
  }
  list.replaceChildren(...nodes.map((node) => article(conversation, node, actions, running)));
  toEnd(true);
}

function article(conversation, node, actions, running) {
  const element = document.createElement("article");
  element.className = `message ${node.role}${running === node.id ? " running" : ""}`;
  element.dataset.id = node.id;
  const who = document.createElement("div");
  who.className = "who";
  who.textContent = node.role === "user" ? "You" : node.model || "Assistant";
  const reasoning = document.createElement("details");
  reasoning.className = "reasoning";
  reasoning.hidden = true;
  reasoning.innerHTML = "<summary>Reasoning</summary><p></p>";
  const content = document.createElement("div");
  content.className = "content";
  element.append(who, reasoning, content, tools(conversation, node, actions, running));
  drawn.set(node.id, element);
  fill(node);
  return element;
}

/** Shows what a message says by now. */
export function fill(node) {
  const element = drawn.get(node.id);
  if (!element) return;
  const atEnd = isAtEnd();
  const content = element.querySelector(".content");
  if (node.role === "user") {
    content.textContent = node.content;
    for (const picture of node.pictures ?? []) content.append(image(picture));
  } else {
    render(content, node.content);
  }
  const reasoning = element.querySelector(".reasoning");
  reasoning.hidden = !node.reasoning;
  reasoning.querySelector("p").textContent = node.reasoning ?? "";
  if (node.fault) {
    const fault = document.createElement("p");
    fault.className = "fault";
    fault.textContent = node.fault;
    content.append(fault);
  }
  if (atEnd) toEnd(false);
}

function image(picture) {
  const element = document.createElement("img");
  element.src = picture.url;
  element.alt = picture.name;
  return element;
}

function tools(conversation, node, actions, running) {
  const row = document.createElement("div");
  row.className = "tools";
  const among = siblings(conversation, node), at = among.indexOf(node.id);
  if (among.length > 1) {
    const earlier = button("‹", "Earlier branch", () => actions.branch(node, at - 1));
    const later = button("›", "Later branch", () => actions.branch(node, at + 1));
    earlier.disabled = at === 0 || Boolean(running);
    later.disabled = at === among.length - 1 || Boolean(running);
    const place = document.createElement("span");
    place.textContent = `${at + 1} of ${among.length}`;
    row.append(earlier, place, later);
  }
  if (running !== node.id) {
    row.append(button("Copy", "Copy this message", () => navigator.clipboard.writeText(node.content)));
    if (node.role === "user") row.append(button("Edit", "Edit this message", () => edit(node, actions)));
    else row.append(button("Again", "Another answer", () => actions.again(node)));
  }
  if (node.timing) {
    const timing = document.createElement("span");
    timing.textContent = node.timing;
    row.append(timing);
  }
  return row;
}

function button(text, label, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.title = label;
  if (!/\w/.test(text)) element.setAttribute("aria-label", label); // a sign says nothing aloud; a word is its own name
  element.addEventListener("click", action);
  return element;
}

/** Lets a message be written anew: what is sent then becomes a branch beside it. */
export function edit(node, actions) {
  const element = drawn.get(node.id);
  if (!element || element.querySelector(".edit")) return;
  const field = document.createElement("textarea");
  field.className = "edit";
  field.value = node.content;
  field.setAttribute("aria-label", "The message, to be edited");
  const row = document.createElement("div");
  row.className = "tools";
  const send = button("Send", "Send the edited message", () => actions.edited(node, field.value));
  row.append(send, button("Cancel", "Leave it as it was", () => actions.redraw()));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") actions.redraw();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send.click();
    }
  });
  element.querySelector(".content").replaceChildren(field, row);
  field.focus();
}

const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 80;

function toEnd(atOnce) {
  list.scrollTo({ top: list.scrollHeight, behavior: atOnce ? "instant" : "auto" });
}
