#!/usr/bin/env python3
"""Renders chat templates with Jinja itself, set up as Hugging Face's transformers sets it up, and writes what came out.

Usage: expect.py FOLDER_OF_TEMPLATES [TEXTS_FOLDER]
Needs: Debian's python3-jinja2 (3.1).
Writes cases.json (the inputs of every case) and expectations.jsonl, one line a template and case:
  {"template", "case", "text"} where the template itself lies here, {"template", "case", "sha256", "length"} where only its
  owner may pass it on, {"template", "case", "error"} where Jinja refuses; "mutable": true where it refuses only because
  transformers forbids changing lists, and the line is what a sandbox without that rule gives.
TEXTS_FOLDER receives every text in full, to look at where a hash differs.
"""
import datetime
import hashlib
import json
import pathlib
import sys

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment, SecurityError

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 2, 3, 4, 5, 6)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_same"), [], [], body).set_lineno(line)

    def _same(self, caller):
        return caller()


def environment(kind):
    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    env = kind(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.filters["from_json"] = json.loads   # not in transformers; three templates name it in a branch for arguments given as text
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda form: NOW.strftime(form)
    return env


def tool(name, description, properties, required):
    return {"type": "function", "function": {"name": name, "description": description,
            "parameters": {"type": "object", "properties": properties, "required": required}}}


TOOLS = [
    tool("get_weather", "Gives the weather of a place, \u00fcberall.",
         {"city": {"type": "string", "description": "The place's name"},
          "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "description": "Unit, \"as you like\""},
          "days": {"type": "integer", "description": "How many days"}}, ["city"]),
    tool("book", "Books a table.",
         {"when": {"type": "object", "properties": {"day": {"type": "string"}, "hour": {"type": "number"}}, "required": ["day"]},
          "guests": {"type": "array", "items": {"type": "string"}, "description": "Who comes"},
          "inside": {"type": "boolean"}}, ["when", "guests"]),
]
SYSTEM = {"role": "system", "content": "You are terse.\n  Answer in one line. "}
USER = {"role": "user", "content": "What is <b>2 + 2</b>, \"exactly\"?"}
LONGER = {"role": "user", "content": " And the weather in S\u00e3o Paulo \U0001f326?\n"}
ANSWER = {"role": "assistant", "content": "It is 4."}
THOUGHT = {"role": "assistant", "content": "It is 4.", "reasoning_content": "Two and two.\nThat makes four."}
INLINE = {"role": "assistant", "content": "<think>\nTwo and two.\n</think>\n\nIt is 4."}


def call(name, arguments, id):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(*all, content="", **more):
    return {"role": "assistant", "content": content, "tool_calls": list(all), **more}


def result(content, id, name):
    return {"role": "tool", "content": content, "tool_call_id": id, "name": name}


WEATHER = call("get_weather", {"city": "S\u00e3o Paulo", "unit": "celsius", "days": 3}, "call00001")
BOOK = call("book", {"when": {"day": "Monday", "hour": 19.5}, "guests": ["Ann", "Bo's"], "inside": True, "note": None}, "call00002")
RAIN = result("{\"sky\": \"rain\", \"degrees\": 17.0}", "call00001", "get_weather")
DONE = result("booked", "call00002", "book")
PARTS = {"role": "user", "content": [{"type": "text", "text": "One. "}, {"type": "text", "text": "Two."}]}
IMAGE = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]}

CONVERSATIONS = {
    "user": ([USER], {}),
    "system": ([SYSTEM, USER], {}),
    "turns": ([USER, ANSWER, LONGER], {}),
    "system-turns": ([SYSTEM, USER, ANSWER, LONGER, ANSWER, USER], {}),
    "answered": ([SYSTEM, USER, ANSWER], {}),
    "two-users": ([USER, LONGER], {}),
    "assistant-first": ([ANSWER, USER], {}),
    "developer": ([{"role": "developer", "content": "Be kind."}, USER], {}),
    "unknown-role": ([{"role": "narrator", "content": "Once upon a time"}, USER], {}),
    "tools": ([USER], {"tools": TOOLS}),
    "system-tools": ([SYSTEM, USER], {"tools": TOOLS}),
    "tools-turns": ([SYSTEM, USER, ANSWER, LONGER], {"tools": TOOLS[:1]}),
    "call": ([LONGER, calls(WEATHER)], {"tools": TOOLS}),
    "call-null": ([LONGER, calls(WEATHER, content=None), RAIN], {"tools": TOOLS}),
    "call-result": ([LONGER, calls(WEATHER), RAIN], {"tools": TOOLS}),
    "call-result-answer": ([SYSTEM, LONGER, calls(WEATHER), RAIN, {"role": "assistant", "content": "It rains."}, USER], {"tools": TOOLS}),
    "call-text": ([LONGER, calls(WEATHER, content="Let me look."), RAIN], {"tools": TOOLS}),
    "call-thought": ([LONGER, calls(WEATHER, reasoning_content="I need the weather."), RAIN], {"tools": TOOLS}),
    "call-no-tools": ([LONGER, calls(WEATHER), RAIN], {}),
    "two-calls": ([LONGER, calls(WEATHER, BOOK), RAIN, DONE], {"tools": TOOLS}),
    "call-after-call": ([LONGER, calls(WEATHER), RAIN, calls(BOOK), DONE, {"role": "assistant", "content": "Done."}, USER], {"tools": TOOLS}),
    "empty-arguments": ([LONGER, calls(call("get_weather", {}, "call00003")), result("", "call00003", "get_weather")], {"tools": TOOLS}),
    "text-arguments": ([LONGER, calls(call("get_weather", "{\"city\": \"Oslo\"}", "call00004")), result("sun", "call00004", "get_weather")], {"tools": TOOLS}),
    "thought": ([USER, THOUGHT], {}),
    "thought-turns": ([SYSTEM, USER, THOUGHT, LONGER, THOUGHT, USER], {}),
    "inline-thought": ([USER, INLINE, LONGER], {}),
    "thinking-on": ([SYSTEM, USER], {"enable_thinking": True}),
    "thinking-off": ([SYSTEM, USER], {"enable_thinking": False}),
    "thinking-on-turns": ([USER, THOUGHT, LONGER], {"enable_thinking": True}),
    "thinking-off-turns": ([USER, THOUGHT, LONGER], {"enable_thinking": False}),
    "thinking-on-call": ([LONGER, calls(WEATHER, reasoning_content="Hm."), RAIN], {"enable_thinking": True, "tools": TOOLS}),
    "thinking-word": ([USER], {"thinking": True}),
    "effort": ([SYSTEM, USER], {"reasoning_effort": "high"}),
    "model-identity": ([USER], {"model_identity": "You are Thimble.", "builtin_tools": ["browser", "python"]}),
    "parts": ([PARTS], {}),
    "parts-turns": ([{"role": "system", "content": [{"type": "text", "text": "Be brief."}]}, PARTS,
                     {"role": "assistant", "content": [{"type": "text", "text": "Fine."}]}, PARTS], {}),
    "image": ([IMAGE], {}),
    "none": ([], {}),
}


def cases():
    for name, (messages, more) in CONVERSATIONS.items():
        for prompt in (True, False):
            inputs = {"messages": messages, "tools": None, "documents": None, "add_generation_prompt": prompt,
                      "bos_token": "<BOS>", "eos_token": "<EOS>", **more}
            yield name + ("" if prompt else "/closed"), inputs


class Oracle:
    """One template, compiled once under each sandbox that is asked for."""

    def __init__(self, template):
        self.template = template
        self.compiled = {}

    def render(self, inputs, kind):
        if kind not in self.compiled:
            self.compiled[kind] = environment(kind).from_string(self.template)
        return self.compiled[kind].render(**json.loads(json.dumps(inputs)))

    def expected(self, inputs):
        try:
            return {"text": self.render(inputs, ImmutableSandboxedEnvironment)}
        except SecurityError:
            try:
                return {"text": self.render(inputs, SandboxedEnvironment), "mutable": True}
            except Exception as error:
                return {"error": f"{type(error).__name__}: {error}", "mutable": True}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}


def main():
    every = dict(cases())
    (HERE / "cases.json").write_text(json.dumps(every, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    texts = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if texts:
        texts.mkdir(parents=True, exist_ok=True)
    with open(HERE / "expectations.jsonl", "w", encoding="utf-8") as out:
        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jinja")):
            oracle = Oracle(path.read_text(encoding="utf-8"))
            for name, inputs in every.items():
                line = oracle.expected(inputs)
                if texts:
                    (texts / f"{path.stem}.{name.replace('/', '_')}.txt").write_text(line.get("text", line.get("error")), encoding="utf-8")
                if "text" in line and not (HERE / path.name).exists():
                    text = line.pop("text")
                    line = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "length": len(text.encode()), **line}
                out.write(json.dumps({"template": path.stem, "case": name, **line}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
