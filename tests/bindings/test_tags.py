"""The vocabulary of the header is complete and strict: every kind of mistake fails, with the name and the reason."""
import pytest

import describe
from conftest import SMALL

COUNT = "@param[borrowed] thing  @return a count"
NEW = "@param[out,owned] out  the thing"

MISTAKES = {
    "no tags at all": ("/** Frees it. @param[owned,nullable] thing  @blocking yes  @threadsafe owner  @since 0.1 */",
                       "/** Frees it. */", "mxc_thing_free: @param is missing for thing"),
    "no comment": ("/** Its name. @param[borrowed] thing  @return[borrowed by thing] text  @blocking no  "
                   "@threadsafe any  @since 0.1 */\n", "", "mxc_thing_name: has no text"),
    "no text": ("/** How many. ", "/** ", "mxc_thing_count: has no text"),
    "no blocking": ("a count  @blocking no", "a count", "mxc_thing_count: @blocking is missing"),
    "no threadsafe": ("@threadsafe owner  @since 0.1 */\nMXC_API uint64_t", "@since 0.1 */\nMXC_API uint64_t",
                      "mxc_thing_count: @threadsafe is missing"),
    "no since": ("@threadsafe owner  @since 0.1 */\nMXC_API uint64_t", "@threadsafe owner */\nMXC_API uint64_t",
                 "mxc_thing_count: @since is missing"),
    "no return": (COUNT, "@param[borrowed] thing", "mxc_thing_count: @return is missing"),
    "no param": (COUNT, "@return a count", "mxc_thing_count: @param is missing for thing"),
    "unknown tag": (COUNT, COUNT + "  @throws never", "mxc_thing_count: @throws is no tag"),
    "unknown kind": ("@param[borrowed] thing  @return a", "@param[lent] thing  @return a", "@param[lent] is no kind"),
    "no kind": ("@param[borrowed] thing  @return a", "@param thing  @return a", "@param[] is no kind"),
    "two kinds that exclude each other": ("@param[borrowed] thing  @return a", "@param[in,borrowed] thing  @return a",
                                          "@param[in,borrowed] is no kind"),
    "unknown word": ("a count  @blocking no", "a count  @blocking maybe", '@blocking "maybe" is none of its words'),
    "no version": ("@threadsafe owner  @since 0.1 */\nMXC_API uint64_t", "@threadsafe owner  @since ever */\nMXC_API "
                   "uint64_t", '@since "ever" is none of its words'),
    "a tag twice": ("a count  @blocking no", "a count  @blocking no  @blocking no", "@blocking is there twice"),
    "a parameter twice": (COUNT, "@param[borrowed] thing  " + COUNT, "@param thing is there twice"),
    "a parameter that is none": (COUNT, "@param[in] other  " + COUNT, "@param other is no parameter of it"),
    "another order": (NEW + "  @param[in,nullable] options", "@param[in,nullable] options  " + NEW,
                      "in another order"),
    "unnamed parameter": ("mxc_thing_count(const mxc_thing *thing)", "mxc_thing_count(const mxc_thing *)",
                          "mxc_thing_count: a parameter has no name"),
    "whose pointer": ("@return[borrowed by thing] text", "@return text", "does not say whose the pointer is"),
    "borrowed from nobody": ("@return[borrowed by thing] text", "@return[borrowed by name] text",
                             "@return[borrowed by name] is no kind"),
    "nullable number": ("@return a count", "@return[nullable] a count", "@return[nullable] is not a pointer"),
    "return of a status": ("@param[out,owned,nullable] err  @b", "@param[out,owned,nullable] err  @return 0  @b",
                           "it returns nothing but a status"),
    "borrowed number": ("@param[borrowed] thing  @return a count  @blocking no  @threadsafe owner  @since 0.1 */\n"
                        "MXC_API uint64_t mxc_thing_count(const mxc_thing *thing)",
                        "@param[borrowed] thing  @return a count  @blocking no  @threadsafe owner  @since 0.1 */\n"
                        "MXC_API uint64_t mxc_thing_count(int32_t thing)", "thing is not a pointer"),
    "not exported": ("MXC_API uint64_t", "uint64_t", "mxc_thing_count: is not MXC_API"),
    "nobody frees the handle": (" /* mxc_thing_free */", "", "mxc_thing: its comment does not name the function"),
    "a value without a comment": (" /* a path is wrong */", "", "mxc_status: there is no comment behind MXC_E_PATH"),
    "a field without a comment": ("   /* UTF-8 */", "", "mxc_options: there is no comment behind name"),
    "mentions what there is not": ("/** How many. ", "/** How many, as mxc_thing_size() says. ",
                                   "mentions mxc_thing_size(), which there is not"),
}

SHAPES = {
    "long": ("MXC_API uint64_t mxc", "MXC_API long mxc", 'the type "long" is not for the ABI'),
    "struct by value": ("mxc_thing_count(const mxc_thing *thing)", "mxc_thing_count(const mxc_options thing)",
                        'mxc_options" is passed by value'),
    "callback": ("mxc_thing_count(const mxc_thing *thing)", "mxc_thing_count(void (*thing)(void))",
                 "is not for the ABI"),
    "implicit value": ("MXC_OK = 0", "MXC_OK", "MXC_OK has no value of its own"),
    "two equal values": ("MXC_E_PATH = -1", "MXC_E_PATH = 0", "mxc_status: two values have the same number"),
    "enum without its typedef": ("typedef int32_t mxc_status;\nenum", "typedef uint32_t mxc_status;\nenum",
                                 "does not follow its"),
    "struct without size": ("    size_t struct_size; /* of the caller */\n", "", "the first field is not `size_t"),
    "err in front": ("mxc_thing_new(mxc_thing **out, const mxc_options *options, mxc_error **err)",
                     "mxc_thing_new(mxc_error **err, mxc_thing **out, const mxc_options *options)",
                     "`mxc_error **err` is the last parameter"),
}


def test_the_small_header_is_right(header):
    description, problems = describe.describe(header(SMALL))
    assert problems == []
    assert description["functions"]["mxc_thing_new"]["params"][0] == {
        "name": "out", "type": "mxc_thing **", "tags": ["out", "owned"], "doc": "the thing"}
    assert description["enums"]["mxc_status"][1] == {
        "name": "MXC_E_PATH", "value": -1, "text": "path", "doc": "a path is wrong"}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_in_the_tags(broken, kind):
    old, new, said = MISTAKES[kind]
    found = broken(old, new)
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize("kind", SHAPES)
def test_a_shape_that_the_abi_forbids(broken, kind):
    old, new, said = SHAPES[kind]
    found = broken(old, new)
    assert any(said in problem for problem in found), found


def test_a_name_in_quotes_is_the_librarys(header):
    text = SMALL.replace("/* a path is wrong */", '/* "the path": a path is wrong */')
    value = describe.describe(header(text))[0]["enums"]["mxc_status"][1]
    assert (value["text"], value["doc"]) == ("the path", "a path is wrong")


def test_it_ends_with_the_problems_and_writes_nothing(header, tmp_path, capsys, monkeypatch):
    output = tmp_path / "mxc.json"
    path = header(SMALL.replace("@blocking yes", "", 1))
    monkeypatch.setattr("sys.argv", ["describe.py", "--header", str(path), "--output", str(output)])
    assert describe.main() == 1
    assert "mxc.h: line 29: mxc_thing_free: @blocking is missing" in capsys.readouterr().err
    assert not output.exists()
