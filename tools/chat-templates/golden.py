#!/usr/bin/env python3
"""Writes what Python's Jinja makes of the test templates, as transformers configures it.

Reads templates/*.jinja, conversations.json and snippets.txt in the test resources of the llama module and writes
golden.jsonl beside them. Needs only jinja2 (Debian: python3-jinja2). Run it after changing any of these files:

    python3 tools/chat-templates/golden.py
"""
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

HERE = pathlib.Path(__file__).resolve()
RESOURCES = HERE.parents[2] / "llama/src/test/resources/dev/millrace/llama/template"
NOW = datetime.datetime(2026, 11, 3, 14, 5, 9)
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
SNIPPET_VARIABLES = {
    "text": " Some text\n",
    "numbers": [3, 1, 2, 1],
    "data": {"a": 1, "b": "two", "list": [1, 2]},
    "people": [
        {"name": "Ann", "age": 41, "city": "Oslo", "tags": ["x"]},
        {"name": "Bob", "city": "Bergen", "tags": []},
        {"name": "Cid", "age": 0, "city": "Oslo", "tags": ["y"]},
    ],
}


class Refusal(Exception):
    pass


class Generation(jinja2.ext.Extension):
    """The tag that marks the assistant's text: a block with a scope of its own."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_render"), [], [], body).set_lineno(line)

    def _render(self, caller):
        return caller()


def raise_exception(message):
    raise Refusal(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def outcome(source, variables):
    try:
        return {"output": environment().from_string(source).render(**variables)}
    except Refusal as refusal:
        return {"refusal": str(refusal)}
    except Exception as error:  # whatever Python says, we only promise that it is refused
        return {"error": type(error).__name__}


def main():
    conversations = json.loads((RESOURCES / "conversations.json").read_text("utf-8"))
    lines = []
    for path in sorted((RESOURCES / "templates").glob("*.jinja")):
        source = path.read_text("utf-8")
        for name, conversation in conversations.items():
            variables = {"add_generation_prompt": True, "tools": None, "documents": None, **TOKENS}
            variables |= conversation.get("arguments", {})
            variables["messages"] = conversation["messages"]
            lines.append({"template": path.stem, "conversation": name, **outcome(source, variables)})
    for line in (RESOURCES / "snippets.txt").read_text("utf-8").split("\n"):
        if line:
            lines.append({"snippet": line, **outcome(line, SNIPPET_VARIABLES)})
    text = "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
    (RESOURCES / "golden.jsonl").write_text(text, "utf-8")
    print(f"jinja2 {jinja2.__version__}: {len(lines)} cases")


if __name__ == "__main__":
    main()
