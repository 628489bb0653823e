#!/usr/bin/env python3
"""Renders small templates, each showing one feature, with Jinja itself; writes features.jsonl: {"template", "text" or "error"}.

Usage: features.py    Needs: Debian's python3-jinja2 (3.1).
"""
import json
import pathlib
import sys

sys.argv = [sys.argv[0], str(pathlib.Path(__file__).parent / "no-templates")]
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import expect  # noqa: E402

CONTEXT = {
    "one": 1, "half": 0.5, "name": "World", "empty": "", "nothing": None, "yes": True, "words": ["b", "A", "c", "a"],
    "numbers": [3, 1, 2], "dict": {"b": 1, "A": [1, 2.5, None, True], "c": {"x": "y'\"\\\n"}},
    "rows": [{"n": "x", "v": 2, "on": True}, {"n": "Y", "v": 1, "on": False}, {"n": "z", "v": 3}],
    "text": "  Hello, Wörld! 🌦 <a href='x'>  ", "lines": "one\ntwo\n\nthree\r\nfour",
}

EXPRESSIONS = """
1 + 2 * 3 ** 2 | 7 // 2 | -7 // 2 | -7 % 3 | 7 % -3 | 7 / 2 | 6 / 2 | 2 ** 3 ** 2 | 2 ** -1 | -2 ** 2 | 1.5 // 1 | 7.5 % 2 | -7.5 % 2 | 10 ** 3
1 + True | 1.0 | 1e5 | 1e16 | 1e15 | 123456789012345678.0 | 0.0001 | 0.00001 | 1.5e-7 | 100.0 / 3 | 0.1 + 0.2 | 1e100 | -0.0 | 1_000 | 3.0 * 2 | 1 // 0 | 1 / 0 | 1 % 0
'a' + 'b' | 'a' ~ 1 ~ none ~ true ~ 1.0 ~ [1, 'x'] | 'ab' * 3 | 3 * 'ab' | [1] * 2 | [1] + [2] | (1,) + (2, 3) | 'a' + 1 | 'a' 'b' 'c' | "it's" | 'say "x"' | 'a\\nb\\tc\\x41\\u00e9\\q\\\\'
1 < 2 < 3 | 1 < 2 > 5 | 1 == 1.0 | true == 1 | 'a' < 'b' | [1, 2] < [1, 3] | 'a' < 1 | 1 in [1, 2] | 3 not in [1, 2] | 'a' in 'abc' | 'b' in dict | 1 in 'abc' | not 1 == 2 | not (1 and 0) | 1 and 2 | 0 or 'x' | '' or none or 0
missing | missing == missing | missing == none | missing.x | missing['x'] | missing + 1 | missing ~ 'x' | missing is defined | missing is undefined | 'x' in missing | missing | default('d') | missing() | dict.missing | dict.missing.x | dict['missing'] | none.x | nothing.x | nothing.x.y | missing[0] | words[10] | words[10].x
name.upper | words.0 | words[-1] | words[0] | words[1:] | words[:-1] | words[::-1] | words[::2] | words[3:0:-1] | words[-2:] | name[1:3] | name[::-1] | text[-12:] | (1, 2, 3)[1:] | text[17] | name[10] | name['x'] | words['x'] | dict[1:] | nothing[1:] | words[1:'a'] | words[::0]
dict.items() | list | dict.keys() | list | dict.values() | list | dict.items() | dict.keys() | dict | words | (1,) | () | (1, 2) | {} | [] | {'a': 1, 2: [none]} | {1: 2}[1] | dict.get('b') | dict.get('z') | dict.get('z', 5) | dict['c']['x'] | dict.c.x | dict.b | [[], {}] | ['a\\'b', "q\\"'", 'é', '\\x07', '\\u200b']
name if one else 'no' | name if not one | 'x' if 0 else 'y' if 0 else 'z' | (1 if 0) is defined
none is none | nothing is none | one is number | half is number | yes is number | yes is integer | one is integer | half is float | one is float | name is string | words is string | words is iterable | name is iterable | one is iterable | dict is mapping | words is mapping | words is sequence | dict is sequence | name is sequence | one is sequence | dict.items() is sequence | dict.items() is iterable | yes is boolean | one is boolean | yes is true | one is true | false is false | 4 is even | 3 is odd | 9 is divisibleby 3 | 9 is divisibleby(2) | 1 is eq 1 | 1 is equalto(2) | 1 is ne 2 | 1 is lt 2 | 2 is ge 2 | 1 is in [1, 2] | 1 is not in [1] | 1 is not none | name is lower | 'ABC' is upper | 'abc' is lower | range is callable | one is sameas 1 | none is sameas none | 'x' is filter | 'upper' is filter | 'odd' is test | 1 is nosuchtest | x is defined and y | one is defined and name is string | one is not defined or yes | missing is iterable | missing is sequence | missing is mapping
name | upper | name | lower | 'hello wORLD-foo (bar) it\\'s' | title | 'hELLO w' | capitalize | text | trim | text | trim | length | 'xxhixx' | trim('x') | text | length | words | length | dict | count | words | first | words | last | [] | first | [] | last | name | first | name | list | dict | list | words | join(', ') | words | join | rows | join('-', attribute='n') | [1, none, true] | join('|') | name | reverse | words | reverse | list | nosuch | nosuch_filter
words | sort | words | sort(reverse=true) | words | sort(case_sensitive=true) | numbers | sort | rows | sort(attribute='v') | map(attribute='n') | join | rows | sort(attribute='on') | words | unique | list | [1, 1.0, true, 2] | unique | list | numbers | min | numbers | max | numbers | sum | rows | sum(attribute='v') | rows | sum('v', 10) | [] | min | words | max | [0.5, 1] | sum | dict | dictsort | {'b': 2, 'A': 3, 'c': 1} | dictsort | {'b': 2, 'A': 3, 'c': 1} | dictsort(true) | {'b': 2, 'A': 3, 'c': 1} | dictsort(by='value') | {'b': 2, 'A': 3, 'c': 1} | dictsort(reverse=true)
rows | map(attribute='n') | list | rows | map(attribute='on', default='?') | list | words | map('upper') | list | words | map('replace', 'a', 'x') | join | words | select('in', ['a', 'b']) | list | numbers | select('odd') | list | numbers | reject('gt', 1) | list | rows | selectattr('on') | list | length | rows | selectattr('v', 'gt', 1) | map(attribute='n') | list | rows | rejectattr('on', 'defined') | list | length | rows | selectattr('n', 'equalto', 'x') | list | [0, 1, '', 'a', none] | select | list | rows | groupby('v') | length | missing | map('upper') | list | none | map('upper') | list | words | map('upper') | length | words | map('nosuch') | list | numbers | map('string') | join | [[1, 2], [3]] | map('first') | list | rows | map(attribute='on') | list
1.5 | round | 2.5 | round | 2.567 | round(2) | 2.567 | round(1, 'floor') | 2.1 | round(0, 'ceil') | 5 | round | 2.675 | round(2) | 1234.5 | round(-2) | -3 | abs | -2.5 | abs | '42' | int | '4.7' | int | 'x' | int | 'x' | int(7) | 4.9 | int | '0x1f' | int(0, 16) | true | int | none | int | '1.5' | float | 'x' | float | 'x' | float(2.5) | 3 | float | ' 12 ' | int | 42 | string | none | string | 1.0 | string | [1] | string
missing | default | missing | d('x') | none | default('x') | none | default('x', true) | '' | default('x', boolean=true) | false | default('x') | 0 | d('x', true) | dict.nope | default([]) | dict | tojson | dict | tojson(indent=2) | words | tojson(separators=(',', ':')) | dict | tojson(ensure_ascii=true) | text | tojson | text | tojson(ensure_ascii=true) | {'b': 1, 'a': 2} | tojson(sort_keys=true) | {1: 2, none: 3, true: 4, 1.5: 5} | tojson | missing | tojson | (1, 2) | tojson | 1e16 | tojson | [] | tojson(indent=2) | {} | tojson(indent=4) | [[], {}, [1]] | tojson(indent=1) | words | map('upper') | tojson | '\\x01\\x7f/<>&' | tojson | none | tojson | true | tojson | dict | tojson(indent='\\t') | range(3) | tojson
lines | indent | lines | indent(2) | lines | indent(2, true) | lines | indent(2, first=true, blank=true) | lines | indent('> ') | text | escape | text | e | '<' | safe | ('<' | safe) + '<' | '<' + ('>' | e) | ('<' | safe) ~ '<' | 'a b c' | wordcount | 'abc' | center(10) | 'abcd' | center(9) | 'a b&c/d' | urlencode | '%s is %d' | format('x', 3) | '%.2f|%5d|%-5s|%05d' | format(1.234, 42, 'ab', 7) | '%s' % 'x' | '%s %s' % ('a', 1) | '%s' % ('a', 1) | 'long text that is cut somewhere' | truncate(15) | [1, 2, 3, 4, 5] | batch(2) | list | [1, 2, 3] | batch(2, '-') | list | [1, 2, 3, 4, 5] | slice(3) | list | dict | items | list | missing | items | list | one | items | list
text.strip() | text.lstrip() | text.rstrip() | 'xxaxx'.strip('x') | 'xyax'.lstrip('yx') | '\\n a \\n'.strip('\\n') | 'a'.strip('') | name.startswith('W') | name.startswith(('X', 'W')) | name.endswith('d') | name.endswith('x') | 'a,b,,c'.split(',') | ' a  b '.split() | 'a b c d'.split(' ', 1) | 'a b c d'.split(none, 2) | 'a b c d'.rsplit(' ', 1) | ' a b  c '.rsplit(none, 1) | 'abc'.split('') | lines.splitlines() | lines.splitlines(true) | 'a-b-c'.partition('-') | 'a-b-c'.rpartition('-') | 'aXbX'.replace('X', '--') | 'aaa'.replace('a', 'b', 2) | 'abc'.replace('', '-') | 'ß é'.upper() | 'they\\'re bill\\'s'.title() | 'aBC'.capitalize() | 'aBc'.swapcase() | 'hello'.find('l') | 'hello'.find('z') | 'hello'.rfind('l') | 'hello'.index('z') | 'hello'.count('l') | ', '.join(['a', 'b']) | ', '.join([1]) | '{} {}'.format('a', 1) | '{1} {0}'.format('a', 'b') | '{x}!{{}}'.format(x=5) | '{}'.format() | '7'.zfill(3) | 'a'.rjust(3) | 'a'.ljust(3) ~ '|' | '12'.isdigit() | 'a1'.isalnum() | ''.isdigit() | 'ab'.isalpha() | ' '.isspace() | 'ABC'.isupper() | 'prefix-x'.removeprefix('prefix-') | 'x.py'.removesuffix('.py') | name.nosuch() | name.upper().lower().title()
range(5) | list | range(2, 8, 3) | list | range(5, 0, -2) | list | range(0) | list | range(3) | range(1, 4)[1] | range(10)[-1] | range(3) | length | 2 in range(3) | range('a') | dict(a=1, b=2) | dict(dict, z=1) | length | namespace(a=1).a | namespace(a=1).b | strftime_now('%Y-%m-%d %H:%M:%S') | strftime_now('%d %B %Y, %A %a %b %j %p %I %y %-d %e %%') | raise_exception('no') | words.index('c') | words.count('a') | numbers.copy() | one() | name() | lipsum2 | (words | length) > 3 and (name | upper) == 'WORLD' | -one | +one | - 'x' | -1 | abs | [1, 2,] | {'a': 1,} | (1, 2,)
'a' is string and 'b' is string | ['x', 'y'] is iterable and ['x'] is not string | words[0] ~ words[-1] | 'x' in ['x'] and 'y' not in ['x'] | (1, 2) in [(1, 2)] | {'a': 1} == {'a': 1.0} | [1] == (1,) | 1 is defined and missing is not defined | words[one] | rows[0]['n'] | rows[0].n | rows.0.n | rows | length == 3 | 'abc' | length > 2 | 5 - 3 - 1 | 2 * 3 % 4 | 'a' ~ 1 + 2 | 1 ~ 2 * 3 | not missing | none or 'x' | [] or 'e' | text | upper | text | lower | 'ÄÖ' | lower | 'ﬁ' | length | 'İ' | length
"""

TEMPLATES = [
    "{% for x in words %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ x }};{% endfor %}",
    "{% for x in words %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}{{ loop.cycle('o', 'e') }}{{ loop.depth }} {% endfor %}",
    "{% for x in words if x != 'A' %}{{ loop.index }}/{{ loop.length }}{{ x }}{% else %}none{% endfor %}", "{% for x in [] %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in words if false %}{{ x }}{% else %}none{% endfor %}", "{% for k, v in dict.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in dict %}{{ k }}{% endfor %}",
    "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for a, b in [(1, 2, 3)] %}{% endfor %}", "{% for x in 5 %}{% endfor %}", "{% for x in none %}{% endfor %}",
    "{% for x in missing %}{{ x }}{% else %}none{% endfor %}", "{% for c in 'aé🌦' %}[{{ c }}]{% endfor %}",
    "{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in range(3) %}{% for y in range(3) %}{% if y == 1 %}{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}{% endfor %}",
    "{% for x in range(3) %}{{ loop.index }}{% for y in range(2) %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}", "{% break %}", "{% for x in [1] %}{% endfor %}{{ x }}{{ loop }}",
    "{% set x = 1 %}{% for i in range(3) %}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}", "{% set ns = namespace(x=1) %}{% for i in range(3) %}{% set ns.x = ns.x + 1 %}{% endfor %}{{ ns.x }}",
    "{% set ns = 1 %}{% set ns.x = 2 %}", "{% if one %}{% set x = 5 %}{% endif %}{{ x }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a, b = [1] %}", "{% set t = 1, 2 %}{{ t }}", "{% set (a, b) = (3, 4) %}{{ a + b }}",
    "{% set x %}a{{ one }}b{% endset %}[{{ x }}]{{ x is string }}", "{% set x | upper | trim %} a{{ name }} {% endset %}[{{ x }}]", "{% set x %}{% set y = 1 %}{% endset %}{{ y }}",
    "{% macro m(a, b=2, c=b) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 3) }}|{{ m(1, c=5) }}|{{ m(b=1, a=0) }}|{{ m() }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(x=2) }}", "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }}", "{% macro m() %}{{ x }}{% endmacro %}{% set x = 5 %}{{ m() }}",
    "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "{% macro m() %} x {% endmacro %}[{{ m() | trim }}]{{ m.name }}", "{% macro m() %}{% set ns.a = 1 %}{% endmacro %}{% set ns = namespace() %}{{ m() }}{{ ns.a }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}in {{ name }}{% endcall %}", "{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b) m() %}{{ a + b }}{% endcall %}", "{% macro m(x) %}{{ caller() }}{{ x }}{% endmacro %}{% call m('y') %}z{% endcall %}",
    "{% macro m() %}{{ caller }}{% endmacro %}{{ m() }}", "{% for i in range(2) %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "{% filter upper %}a{{ name }}{% endfilter %}", "{% filter replace('a', 'b') | trim %} aa {% endfilter %}|",
    "{% generation %}x{{ name }}{% endgeneration %}y", "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}", "{% raw %}{{ x }}{% if %}{% endraw %}!", "a {%- raw -%} b {%- endraw -%} c", "{% raw %}\n x\n{% endraw %}\ny",
    "{# a comment #}x", "x\n{# c #}\ny", "x {#- c -#} y", "{# {{ x }} #}", "a\n{% if one %}\nb\n{% endif %}\nc\n", "a\n  {% if one %}\n  b\n  {% endif %}\nc", "a\n  {%+ if one %}\n  b\n{% endif +%}\nc", "a  {% if one %}b{% endif %}  c",
    "a\n\n  {%- if one -%}  \n\n b {%- endif -%}\n c", "{{ one }}\n{{ one }}\n", "{{ one -}}\n x {{- one }}\n\n", "  {{ one }}", "  {# c #} x", "  {% set x = 1 %}  {% set y = 2 %}\nz", "a\n\t{% set x = 1 %}\n\tb", "x {% set a = 1 %}\n  y", "\n\n{% if one %}x{% endif %}", "x\r\ny\rz\n",
    "{{ '{{' }}{{ '}}' }}{{ {'a': {'b': 1}}.a.b }}", "{% if one == 2 %}a{% elif one == 1 %}b{% else %}c{% endif %}", "{% if nothing %}a{% elif missing %}b{% else %}c{% endif %}", "{% if not words %}a{% endif %}b", "{% if one and\n name %}x{% endif %}",
    "{% print name %}", "{{ one, 2 }}", "{{ (one) }}", "{% set d = {'a': 1} %}{{ d.a }}{{ d['a'] }}{{ d.items() | list }}", "{% set items = {'items': 5} %}{{ items['items'] }}{{ items.items is callable }}",
    "{% for x in rows | selectattr('v', 'gt', 1) %}{{ x.n }}{{ loop.last }}{% endfor %}", "{% for x in words | reverse %}{{ x }}{% endfor %}", "{% for x in rows recursive %}{{ x.n }}{{ loop.depth }}{% if loop.first and loop.depth < 3 %}({{ loop(rows) }}){% endif %}{% endfor %}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}", "{% set j = joiner('-') %}{{ j() }}a{{ j() }}b{{ j() }}c", "{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}",
    "{% set l = [] %}{{ l.append(1) }}{{ l }}", "{% set l = [1, 2, 3] %}{{ l.pop(0) }}{{ l.pop() }}{{ l }}", "{% set d = {} %}{% set _ = d.update({'a': 1}) %}{{ d }}{{ d.pop('a') }}{{ d }}", "{% set d = {'a': 1} %}{{ d.setdefault('b', 2) }}{{ d }}", "{% set l = [1] %}{{ l.extend([2, 3]) }}{{ l.insert(0, 0) }}{{ l }}",
    "{% if x %}", "{% endif %}", "{{ ", "{{ x", "{% for %}{% endfor %}", "{{ 1 + }}", "{{ (1 }}", "{{ 1) }}", "{{ 'abc }}", "{% nosuch %}", "{# x", "{% raw %}x", "{{ x.}}", "{{ x| }}", "{% set 1 = 2 %}", "{% set x %}", "{% macro %}", "{{ a b }}", "{{ [1, 2 }}", "{{ {1} }}", "{{ x is }}", "{% if %}{% endif %}", "{{ ? }}", "{{ f(a=1, 2) }}", "{% else %}", "{{ }}", "{% set true = 1 %}", "{{ 1 is odd is even }}", "{% for x in y %}{% endif %}",
    "{{ name|upper }}{{ name|\nlower }}", "{{ words|join(', ')|upper }}", "{{ dict.c.x|length }}", "{{ -1|abs }}{{ (-1)|abs }}", "{{ 2 ** 2|float }}", "{{ not missing|default(true) }}", "{{ 1 if true }}", "{{ [1,2,3][1:]|join }}", "{{ {'a':1}|tojson }}{{ '%' }}", "{% set x = 'a' if one else 'b' %}{{ x }}", "{{ name[0]|lower }}{{ name[-1] }}",
    "{%- for m in rows -%}\n  {%- if m.on -%}\n    {{- m.n -}}\n  {%- else %}\n    {{ m.n }}\n  {%- endif -%}\n{%- endfor -%}\nend", "{%- set x = 1 -%}\n\n  x{{ x }}  \n{%- set y = 2 %}\n  z", "{{ range(3)|map('string')|join('+') }}", "{{ [3,1,2]|sort|first }}{{ 'x' ~ 'y' * 2 }}", "{{ m(*[1,2], **{'c': 3}) }}{% macro m(a) %}{% endmacro %}", "{% macro m(a, b, c) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(*[1, 2], **{'c': 3}) }}",
]


def templates():
    for line in EXPRESSIONS.strip().splitlines():
        parts = line.split(" | ")
        for i, part in enumerate(parts):
            yield "{{ " + part + " }}"
            if i + 1 < len(parts):   # "x | y" reads as a filter too; both are worth a look
                yield "{{ " + part + " | " + parts[i + 1] + " }}"
                if i + 2 < len(parts):
                    yield "{{ " + " | ".join(parts[i:i + 3]) + " }}"
    yield from TEMPLATES


def main():
    out = pathlib.Path(__file__).parent / "features.jsonl"
    with open(out, "w", encoding="utf-8") as file:
        for template in dict.fromkeys(templates()):
            try:
                line = expect.Oracle(template).expected(CONTEXT)
            except Exception as error:
                line = {"error": f"{type(error).__name__}: {error}"}
            if " object at 0x" in str(line) or " at 0x" in str(line) or "| one is" in template or "<function" in str(line) or "<built-in" in str(line) or "<bound" in str(line) or "<Macro" in str(line):
                continue   # addresses differ from run to run
            file.write(json.dumps({"template": template, **line}, ensure_ascii=False) + "\n")
    (out.parent / "features-context.json").write_text(json.dumps(CONTEXT, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


main()
