"""What Node needs: tables and layout asserts for the addon (constants.h), the same lists in TypeScript
(constants.ts), and the types of what the addon gives of them (native.d.ts)."""
import emit

FOLDER = "node/src/generated"

C_HEAD = """\
/* {made} */
/* clang-format off */
#ifndef MXC_NODE_GENERATED_CONSTANTS_H
#define MXC_NODE_GENERATED_CONSTANTS_H

#include <stddef.h>
#include <stdint.h>

#include "mxc/mxc.h"

#if defined(__cplusplus)
#define MXC_LAYOUT_ASSERT(what) static_assert(what, #what)
#else
#define MXC_LAYOUT_ASSERT(what) _Static_assert(what, #what)
#endif
#if defined(__GNUC__)
#define MXC_TABLE static const __attribute__((unused))
#else
#define MXC_TABLE static const
#endif

struct mxc_constant {{
    const char *key;  /* as in constants.ts: "PolicyInvalid" */
    int32_t value;
    const char *text; /* the library's name for it; NULL where it has none */
}};
"""
TS_HEAD = """\
// {made}

/** A number of a list that only grows. What this version does not know has the name 'unknown' and keeps its number. */
export interface Coded<Name extends string> {{
  readonly code: number;
  readonly name: Name | 'unknown';
}}
"""
TS_NAMES = """
/** Names of {enum} as the library prints them, by number. */
export const {camel}Names = Object.freeze({{
{rows}}} as const);
export type {enum}Name = (typeof {camel}Names)[keyof typeof {camel}Names];

/** What a number of {raw} means; 'unknown', with the number, when this version does not know it. */
export function {camel}Of(code: number): Coded<{enum}Name> {{
  return Object.freeze({{ code, name: ({camel}Names as Readonly<Record<number, {enum}Name>>)[code] ?? 'unknown' }});
}}

/** The number for a name, undefined when this version has no such name. */
export function {camel}Code(name: string): number | undefined {{
  const found = Object.entries({camel}Names).find(([, known]) => known === name);
  return found === undefined ? undefined : Number(found[0]);
}}
"""


def c_table(name, values, named):
    rows = "".join(f'    {{"{emit.member(name, value)}", {value["name"]}, '
                   f'{chr(34) + value["text"] + chr(34) if named else "NULL"}}},\n' for value in values)
    return f"\nMXC_TABLE struct mxc_constant {name}_constants[] = {{\n{rows}}};\n"


def c_layout(name, item):
    lines = [f"MXC_LAYOUT_ASSERT(sizeof({name}) == {item['size']});"]
    lines += [f"MXC_LAYOUT_ASSERT(offsetof({name}, {field['name']}) == {field['offset']});"
              for field in item["fields"]]
    return "\n".join(lines) + "\n"


def constants_h(description):
    named = emit.named_enums(description)
    text = C_HEAD.format(made=emit.MADE)
    for name, values in sorted(description["enums"].items()):
        text += c_table(name, values, name in named)
    text += "\n#if UINTPTR_MAX == UINT64_MAX\n"
    text += "\n".join(c_layout(name, item) for name, item in sorted(description["structs"].items()))
    return text + "#endif\n\n#endif\n"


def ts_docs(text, lead):
    return emit.wrapped(f"/** {emit.sentence(text)} */", lead) + "\n" if text else ""


def ts_enum(name, values):
    enum = emit.pascal(name)
    rows = "".join(ts_docs(value["doc"], "  ") + f"  {emit.member(name, value)}: {value['value']},\n"
                   for value in values)
    return (f"\n/** {name} in mxc.h. */\nexport const {enum} = Object.freeze({{\n{rows}}} as const);\n"
            f"export type {enum} = (typeof {enum})[keyof typeof {enum}];\n")


def constants_ts(description):
    named = emit.named_enums(description)
    text = TS_HEAD.format(made=emit.MADE)
    for name, values in sorted(description["enums"].items()):
        text += ts_enum(name, values)
        if name in named:
            rows = "".join(f"  [{value['value']}]: '{value['text']}',\n" for value in values)
            text += TS_NAMES.format(enum=emit.pascal(name), camel=emit.camel(name), raw=name, rows=rows)
    return text


def native_d_ts(description):
    groups = "".join(f"  readonly {emit.camel(name)}: Readonly<Record<string, number>>;\n"
                     for name in sorted(description["enums"]))
    functions = "\n".join(f"  | '{name}'" for name in sorted(description["functions"]))
    return (f"// {emit.MADE}\n\n/** The lists as the addon was compiled with them (constants.h); equal to those of "
            f"constants.ts. */\nexport interface NativeConstants {{\n{groups}}}\n\n"
            f"/** Every function of the library. */\nexport type NativeFunction =\n{functions};\n")


def files(description):
    return {f"{FOLDER}/constants.h": constants_h(description), f"{FOLDER}/constants.ts": constants_ts(description),
            f"{FOLDER}/native.d.ts": native_d_ts(description)}
