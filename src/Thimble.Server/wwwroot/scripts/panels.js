// What opens beside the conversation: settings, models, live charts, and on narrow screens the list of conversations.
import * as live from "./live.js";

const $ = (id) => document.getElementById(id);
const parts = { settings: "Settings", models: "Models", live: "Live" };
const themes = [["", "as the system has them"], ["light", "light"], ["dark", "dark"]];

export function start() {
  for (const part of Object.keys(parts)) $(`open-${part}`).addEventListener("click", () => (isOpen(part) ? close() : open(part)));
  $("close-panel").addEventListener("click", close);
  $("open-sidebar").addEventListener("click", () => {
    const opened = $("sidebar").classList.toggle("open");
    $("open-sidebar").setAttribute("aria-expanded", opened);
    if (opened) $("search").focus();
  });
  $("theme").addEventListener("click", () => {
    const now = themes.findIndex(([name]) => name === (localStorage.getItem("thimble-theme") ?? ""));
    localStorage.setItem("thimble-theme", themes[(now + 1) % themes.length][0]);
    paint();
  });
  paint();
}

function paint() {
  const [theme, words] = themes.find(([name]) => name === (localStorage.getItem("thimble-theme") ?? "")) ?? themes[0];
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  $("theme").setAttribute("aria-label", `Colours: ${words}`);
  $("theme").title = `Colours: ${words}`;
}

const isOpen = (part) => !$("panel").hidden && !$(part).hidden;

function open(part) {
  $("panel").hidden = false;
  $("panel-title").textContent = parts[part];
  for (const name of Object.keys(parts)) {
    $(name).hidden = name !== part;
    $(`open-${name}`).setAttribute("aria-expanded", name === part);
  }
  if (part === "live") live.show();
  else live.hide();
  $("close-panel").focus();
}

/** Closes whatever is open. */
export function close() {
  const part = Object.keys(parts).find(isOpen);
  $("panel").hidden = true;
  live.hide();
  for (const name of Object.keys(parts)) $(`open-${name}`).setAttribute("aria-expanded", "false");
  if (part) $(`open-${part}`).focus();
  closeSidebar();
}

export function closeSidebar() {
  $("sidebar").classList.remove("open");
  $("open-sidebar").setAttribute("aria-expanded", "false");
}
