//! The words, literals and signs of a statement.

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, number or keyword.
    Word(String),
    /// A literal in quotes, without them.
    Text(String),
    /// An operator or bracket.
    Sign(String),
}

/// Cuts a statement into its tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let signs: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(&c) = signs.get(at) {
        if c.is_whitespace() {
            at += 1;
        } else if c == '\'' {
            let (value, next) = quoted(&signs, at + 1)?;
            found.push(Token::Text(value));
            at = next;
        } else if c.is_alphanumeric() || "_.-+:".contains(c) {
            let word: String =
                signs[at..].iter().take_while(|c| c.is_alphanumeric() || "_.-+:".contains(**c)).collect();
            at += word.chars().count();
            found.push(Token::Word(word));
        } else if "<>!=(),".contains(c) {
            let two: String = signs[at..].iter().take(2).collect();
            let sign = if ["<=", ">=", "!=", "<>"].contains(&two.as_str()) { two } else { c.to_string() };
            at += sign.len();
            found.push(Token::Sign(sign));
        } else {
            return Err(format!("line 1:{at} no viable alternative at character '{c}'"));
        }
    }
    Ok(found)
}

/// The value of a literal that begins at `at`, and where it ends.
fn quoted(signs: &[char], mut at: usize) -> Result<(String, usize), String> {
    let mut value = String::new();
    loop {
        match signs.get(at) {
            None => return Err(format!("line 1:{at} mismatched character '<EOF>' expecting '''")),
            Some('\'') => return Ok((value, at + 1)),
            Some('\\') => {
                let escaped = match signs.get(at + 1) {
                    Some('n' | 'N') => '\n',
                    Some('r' | 'R') => '\r',
                    Some('t' | 'T') => '\t',
                    Some('b' | 'B') => '\u{8}',
                    Some('f' | 'F') => '\u{c}',
                    Some(c @ ('"' | '\'' | '\\' | '_' | '%')) => *c,
                    Some('u') => {
                        let code: String = signs[at + 2..].iter().take(4).collect();
                        at += 4;
                        u32::from_str_radix(&code, 16)
                            .ok()
                            .and_then(char::from_u32)
                            .ok_or("invalid unicode escape")?
                    }
                    _ => {
                        return Err(format!(
                            "line 1:{at} Invalid string literal. Illegal character sequence '\\'"
                        ));
                    }
                };
                value.push(escaped);
                at += 2;
            }
            Some('\n' | '\r') => return Err(format!("line 1:{at} mismatched character '\\n' expecting '''")),
            Some(c) => {
                value.push(*c);
                at += 1;
            }
        }
    }
}
