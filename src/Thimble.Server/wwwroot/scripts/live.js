// Charts of what the server does now, read from its metrics while the panel is open.
import Plot from "../vendor/uplot.js";
import { metrics } from "./api.js";

const every = 1000, kept = 120; // ms between two looks, and how many are shown
const charts = [];
let timer = null, before = null;
const times = [];

const kinds = [
  { id: "chart-tokens", series: ["written", "read"], values: (now, then, seconds) => [rate("thimble_engine_tokens_written_total"), rate("thimble_engine_tokens_read_total")].map((of) => of(now, then, seconds)) },
  { id: "chart-cache", series: ["percent"], values: (now) => [(100 * (now.thimble_engine_cache_used ?? 0)) / Math.max(1, (now.thimble_engine_cache_used ?? 0) + (now.thimble_engine_cache_free ?? 0))] },
  { id: "chart-queue", series: ["running", "waiting"], values: (now) => [now.thimble_server_running ?? 0, now.thimble_server_waiting ?? 0] },
];

function rate(name) {
  return (now, then, seconds) => (then && seconds > 0 ? Math.max(0, ((now[name] ?? 0) - (then[name] ?? 0)) / seconds) : 0);
}

/** Prometheus' text: the sum over a name's labels. */
export function parse(text) {
  const values = {};
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?\s+([-+\d.eE]+|NaN|[+-]Inf)/.exec(line);
    if (match) values[match[1]] = (values[match[1]] ?? 0) + Number(match[2]);
  }
  return values;
}

export function show() {
  timer ??= setInterval(look, every);
  look();
}

export function hide() {
  clearInterval(timer);
  timer = null;
  before = null;
}

async function look() {
  let now;
  try {
    now = { at: performance.now(), ...parse(await metrics()) };
  } catch {
    return; // the next look may be answered
  }
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  times.push(Date.now() / 1000);
  if (times.length > kept) times.shift();
  kinds.forEach((kind, index) => {
    charts[index] ??= { rows: kind.series.map(() => []), plot: null };
    kind.values(now, before, seconds).forEach((value, row) => {
      charts[index].rows[row].push(value);
      if (charts[index].rows[row].length > kept) charts[index].rows[row].shift();
    });
    paint(charts[index], kind);
  });
  before = now;
}

function paint(chart, kind) {
  const place = document.getElementById(kind.id), data = [times, ...chart.rows];
  if (chart.plot) {
    chart.plot.setData(data);
    return;
  }
  const style = getComputedStyle(document.documentElement), ink = getComputedStyle(place).color;
  const colours = [style.getPropertyValue("--accent"), style.getPropertyValue("--good")].map(resolved);
  const axis = { stroke: ink, grid: { stroke: "rgba(128,128,128,.2)" }, ticks: { stroke: "rgba(128,128,128,.2)" } };
  chart.plot = new Plot({
    width: place.clientWidth || 300,
    height: 130,
    cursor: { show: false },
    scales: { y: { range: (_, low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [{ ...axis, size: 28 }, { ...axis, size: 44 }],
    series: [{}, ...kind.series.map((label, index) => ({ label, stroke: colours[index], width: 2, value: (_, value) => (value == null ? "–" : value.toFixed(1)) }))],
  }, data, place);
}

/** A colour as the canvas takes it: custom properties may hold light-dark(). */
function resolved(colour) {
  const probe = document.createElement("span");
  probe.style.color = colour;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** How many of the guessed tokens were right; a dash where none was guessed. */
function drafts(counts) {
  return counts ? `${counts.accepted} of ${counts.drafted}` : "–";
}

/** Adds an answer's timing to the table. */
export function record(timing) {
  const row = document.createElement("tr");
  for (const text of [timing.prompt, timing.cached, `${Math.round(timing.first)} ms`, timing.written, timing.perSecond.toFixed(1), drafts(timing.drafts)]) {
    const cell = document.createElement("td");
    cell.textContent = text;
    row.append(cell);
  }
  const body = document.querySelector("#timings tbody");
  body.prepend(row);
  while (body.rows.length > 20) body.rows[20].remove();
}
