// The settings form: what is asked of the model besides the messages.
const name = "thimble-settings";
const form = document.getElementById("settings");
const system = document.getElementById("system");
const schema = document.getElementById("schema");
const fault = document.getElementById("schema-fault");
const numbers = ["temperature", "seed", "top_k", "top_p", "min_p", "repeat_penalty", "max_tokens"];

export function start() {
  const kept = JSON.parse(localStorage.getItem(name) ?? "{}");
  for (const field of numbers) form.elements[field].value = kept[field] ?? "";
  form.elements.thinking.checked = kept.thinking ?? true;
  system.value = kept.system ?? "";
  schema.value = kept.schema ?? "";
  form.addEventListener("input", save);
  form.addEventListener("reset", () => setTimeout(save));
  form.addEventListener("submit", (event) => event.preventDefault());
  check();
}

function save() {
  const kept = { system: system.value, schema: schema.value, thinking: form.elements.thinking.checked };
  for (const field of numbers) if (form.elements[field].value !== "") kept[field] = form.elements[field].value;
  localStorage.setItem(name, JSON.stringify(kept));
  check();
}

/** The schema; undefined for none. Throws where it is no JSON. */
function parsed() {
  return schema.value.trim() === "" ? undefined : JSON.parse(schema.value);
}

function check() {
  fault.textContent = "";
  schema.removeAttribute("aria-invalid");
  try {
    parsed();
  } catch (wrong) {
    fault.textContent = `This is no JSON: ${wrong.message}`;
    schema.setAttribute("aria-invalid", "true");
  }
}

/** The part of a request that the form decides. Throws a sentence where it cannot be sent. */
export function body() {
  const request = {};
  for (const field of numbers) {
    const value = form.elements[field].value;
    if (value !== "" && form.elements[field].validity.valid) request[field] = Number(value);
    else if (!form.elements[field].validity.valid) throw new Error(`The setting '${field}' is out of its range.`);
  }
  if (!form.elements.thinking.checked) request.chat_template_kwargs = { enable_thinking: false };
  let format;
  try {
    format = parsed();
  } catch (wrong) {
    throw new Error(`The JSON schema in the settings is no JSON: ${wrong.message}`);
  }
  if (format !== undefined) request.response_format = { type: "json_schema", json_schema: { name: "answer", schema: format, strict: true } };
  return request;
}

export const systemPrompt = () => system.value.trim();
