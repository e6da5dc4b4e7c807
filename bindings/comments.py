"""What the header says in comments: areas, texts and tags. No front end keeps these, so they are read from the text.

`read(text)` gives the areas ("---- Status ----") with the names declared in each, in the header's order, and for
every name its text, tags and members' texts. Wrong tags are collected in `problems`, as "line N: what".
"""
import re

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*|extern "C" \{|\n|[^\S\n]+|\w+|.', re.S | re.M)
AREA = re.compile(r"/\* -{4} (.+?)\.?(?: All .*)? -+ \*/", re.S)
TAG = re.compile(r"(?:^|\s)@(\w+)(?:\[([^\]]*)\])?")


class Declaration:
    """One statement of the header and the comments that belong to it."""

    def __init__(self, line):
        self.line = line
        self.code = ""
        self.doc = None  # the /** comment before it, or the comment behind it on its last line
        self.members = {}
        self.member = ""

    def add(self, token):
        depth = self.code.count("{") - self.code.count("}")
        self.code += token if token.strip() else " "
        if depth and token in (",", ";", "}"):
            self.close_member()
        elif depth and token.strip():
            self.member += token + " "

    def close_member(self):
        name = re.match(r"(?:.* )?(\w+)(?: = .*)?$", self.member.strip().split(" = ")[0].strip())
        if name:
            self.members.setdefault(name[1], "")
        self.member = ""

    def comment(self, text):
        """A comment inside braces belongs to the member before it."""
        if self.member.strip():
            self.close_member()
        if self.members:
            last = list(self.members)[-1]
            self.members[last] = (self.members[last] + " " + plain(text)).strip()

    @property
    def complete(self):
        return self.code.rstrip().endswith(";") and self.code.count("{") == self.code.count("}")

    @property
    def name(self):
        code = self.code.strip()
        function = re.search(r"\b(mxc_\w+)\s*\(", code)
        if function:
            return function[1]
        named = re.search(r"\b(mxc_\w+)\s*;$", code)
        return named[1] if named else ""

    @property
    def is_function(self):
        return bool(re.search(r"\bmxc_\w+\s*\(", self.code))

    @property
    def exported(self):
        return self.code.strip().startswith("MXC_API ")


def plain(comment):
    """The text of a comment in one line."""
    body = re.sub(r"^/\*+|\*+/$|^//", "", comment.strip())
    return " ".join(re.sub(r"\n[ \t]*\*?", "\n", body).split())


def declarations(text):
    """Areas as (title, [Declaration])."""
    areas = [("", [])]
    current, pending, behind, line = None, None, None, 1
    for token in TOKEN.findall(text):
        first_line, line = line, line + token.count("\n")
        if token.startswith(("/*", "//")):
            title = AREA.fullmatch(token)
            if title:
                areas.append((title[1], []))
            elif current:
                current.comment(token)
            elif behind is not None and behind.line_end == first_line:
                behind.doc = behind.doc or plain(token)
            elif token.startswith("/**"):
                pending = plain(token)
            continue
        if token == "\n" and not current or token.lstrip().startswith("#") or token.startswith('extern "C"'):
            continue
        if current is None and (not token.strip() or token == "}"):
            continue
        if current is None:
            current = Declaration(first_line)
            current.doc, pending = pending, None
        current.add(token)
        if current.complete:
            current.line_end = line
            areas[-1][1].append(current)
            current, behind = None, current
    return [(title, found) for title, found in areas if found]


def split_tags(doc):
    """(text before the first tag, [(tag, [kinds], rest)])"""
    marks = list(TAG.finditer(doc))
    text = doc[:marks[0].start()].strip() if marks else doc.strip()
    ends = [mark.start() for mark in marks[1:]] + [len(doc)]
    tags = []
    for mark, end in zip(marks, ends):
        kinds = [kind.strip() for kind in mark[2].split(",")] if mark[2] is not None else []
        tags.append((mark[1], kinds, doc[mark.end():end].strip()))
    return text, tags
