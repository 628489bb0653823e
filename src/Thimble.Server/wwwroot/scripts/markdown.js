// Markdown to safe elements: parsed, cleaned of anything that could run or fetch, code coloured.
import { marked } from "../vendor/marked.js";
import purify from "../vendor/purify.js";
import highlight from "../vendor/highlight.js";

marked.use({ gfm: true, breaks: false });

const allowed = {
  ALLOWED_TAGS: ["a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "strong",
    "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "input"],
  ALLOWED_ATTR: ["href", "title", "class", "type", "checked", "disabled", "start", "align"],
  ALLOWED_URI_REGEXP: /^(https?:|mailto:|#)/i, // pictures are not among the tags: showing one would fetch it
  RETURN_DOM_FRAGMENT: true,
};

/** Fills an element with a text's markdown. */
export function render(element, text) {
  const fragment = purify.sanitize(marked.parse(text), allowed);
  for (const link of fragment.querySelectorAll("a")) {
    link.rel = "noopener noreferrer";
    link.target = "_blank";
  }
  for (const box of fragment.querySelectorAll("input")) if (box.type !== "checkbox") box.remove();
  for (const code of fragment.querySelectorAll("pre > code")) colour(code);
  element.replaceChildren(fragment);
}

function colour(code) {
  const language = [...code.classList].find((name) => name.startsWith("language-"))?.slice(9);
  if (language && highlight.getLanguage(language) && code.textContent.length < 50_000) {
    const coloured = highlight.highlight(code.textContent, { language, ignoreIllegals: true }).value;
    code.replaceChildren(purify.sanitize(coloured, { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true }));
  }
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy";
  copy.textContent = "Copy";
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  code.parentElement.tabIndex = 0; // wide code scrolls: reachable by keyboard
  code.parentElement.append(copy);
}
