//! Reading the JSON that the library prints, so that the crate needs no other one. Not for other people's JSON: numbers
//! are skipped, and what is wrong is only known to be wrong.

/// A value; what is not of interest has no content.
#[derive(Debug, PartialEq)]
pub enum Value {
    Null,
    Number,
    Truth(bool),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

const DEEPEST: usize = 32;

impl Value {
    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub fn text(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        Some(text)
    }

    pub fn truth(&self) -> Option<bool> {
        let Self::Truth(truth) = self else { return None };
        Some(*truth)
    }

    pub fn list(&self) -> Option<&[Value]> {
        let Self::List(items) = self else { return None };
        Some(items)
    }
}

/// The value that the text is.
pub fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { text, deep: 0 };
    let value = reader.value()?;
    reader.skip_space();
    reader.text.is_empty().then_some(value)
}

struct Reader<'a> {
    /// what has not been read yet
    text: &'a str,
    deep: usize,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.text = self.text.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    /// Takes this when it comes next.
    fn take(&mut self, expected: &str) -> Option<()> {
        self.skip_space();
        self.text = self.text.strip_prefix(expected)?;
        Some(())
    }

    fn value(&mut self) -> Option<Value> {
        self.skip_space();
        match self.text.as_bytes().first()? {
            b'{' => self.nested(|reader| reader.items("{", "}", Self::member).map(Value::Object)),
            b'[' => self.nested(|reader| reader.items("[", "]", Self::value).map(Value::List)),
            b'"' => self.string().map(Value::Text),
            b't' => self.take("true").map(|()| Value::Truth(true)),
            b'f' => self.take("false").map(|()| Value::Truth(false)),
            b'n' => self.take("null").map(|()| Value::Null),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<Value>) -> Option<Value> {
        self.deep += 1;
        let value = if self.deep > DEEPEST { None } else { read(self) };
        self.deep -= 1;
        value
    }

    fn items<T>(&mut self, open: &str, close: &str, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take(open)?;
        let mut found = Vec::new();
        if self.take(close).is_some() {
            return Some(found);
        }
        loop {
            found.push(one(self)?);
            if self.take(",").is_none() {
                self.take(close)?;
                return Some(found);
            }
        }
    }

    fn member(&mut self) -> Option<(String, Value)> {
        self.skip_space();
        let name = self.string()?;
        self.take(":")?;
        Some((name, self.value()?))
    }

    fn number(&mut self) -> Option<Value> {
        let end =
            self.text.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(self.text.len());
        let (number, rest) = self.text.split_at(end);
        number.parse::<f64>().ok()?;
        self.text = rest;
        Some(Value::Number)
    }

    fn string(&mut self) -> Option<String> {
        self.text = self.text.strip_prefix('"')?;
        let mut found = String::new();
        loop {
            let end = self.text.find(['"', '\\'])?;
            let (plain, rest) = self.text.split_at(end);
            found.push_str(plain);
            self.text = &rest[1..];
            if rest.starts_with('"') {
                return Some(found);
            }
            found.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        let letter = self.text.chars().next()?;
        self.text = &self.text[letter.len_utf8()..];
        Some(match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.code_point(),
            _ => return None,
        })
    }

    fn code_point(&mut self) -> Option<char> {
        let first = self.four()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.text = self.text.strip_prefix("\\u")?;
        let second = self.four()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)
    }

    fn four(&mut self) -> Option<u32> {
        let digits = self.text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        self.text = &self.text[4..];
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let found = parse(r#" {"a": [1, -2.5e3, true, false, null], "b": {"c": "d"}, "e": []} "#).unwrap();
        assert_eq!(found.get("a").unwrap().list().unwrap().len(), 5);
        assert_eq!(found.get("a").unwrap().list().unwrap()[2].truth(), Some(true));
        assert_eq!(found.get("b").unwrap().get("c").unwrap().text(), Some("d"));
        assert_eq!(found.get("e").unwrap().list(), Some(&[][..]));
        assert_eq!(found.get("nothing"), None);
        assert_eq!(parse("[]").unwrap().text(), None);
    }

    #[test]
    fn strings() {
        let found = parse(r#""\"\\\/\b\f\n\r\t \u00e4 \ud83d\ude00 ä""#).unwrap();
        assert_eq!(found.text(), Some("\"\\/\u{8}\u{c}\n\r\t ä 😀 ä"));
    }

    #[test]
    fn what_is_wrong() {
        for wrong in [
            "",
            "{",
            "[1,]",
            "[1 2]",
            "{\"a\"}",
            "{a: 1}",
            "tru",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"\\u12g4\"",
            "1 2",
            "\"",
            "-",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }
}
