"""docs/languages.md: the same words for the same things, from words.json."""
import words

HEAD = """\
<!-- Made from bindings/words.json by `make bindings`; do not edit. -->
# The same words in every language

What is one thing has one name, in the shape that the language wants: `exit_code` in Python and Rust, `exitCode` in
Node. A policy that is built with the same words is the same JSON, byte for byte, in all of them. Times are seconds in
Python, milliseconds in Node and `Duration` in Rust; everywhere strings such as `"30s"` and `"512M"` will do.

`run(timeout)` is a parameter, `mxc_command.timeout_ms` a field. An empty cell: the language does without.
"""


def cell(words_of):
    return "<br>".join(f"`{word}`" for word in words_of)


def section(group):
    head = "| | " + " | ".join(words.LANGUAGES.values()) + " |\n|" + " --- |" * (len(words.LANGUAGES) + 1) + "\n"
    rows = "".join(f"| {row['concept']} | " + " | ".join(cell(row[language]) for language in words.LANGUAGES) + " |\n"
                   for row in group["rows"])
    return f"\n## {group['title']}\n\n{head}{rows}"


def files(groups):
    return {"docs/languages.md": HEAD + "".join(section(group) for group in groups)}
