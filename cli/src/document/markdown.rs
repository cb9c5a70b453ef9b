//! A paper as Markdown, in the dialect that GitHub and ticket systems read.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::block::{Block, Cell, Line, Paper, Piece};

/// A whole paper with title, facts and table of contents.
pub fn paper(paper: &Paper) -> String {
    let mut text = format!("# {}\n\n{}\n\n", escaped(&paper.title), escaped(&paper.series));
    for (label, value) in &paper.facts {
        let _ = writeln!(text, "- {}: {}", escaped(label), line(value));
    }
    text.push_str("\n**Contents**\n\n");
    let mut seen = HashMap::new();
    for block in &paper.blocks {
        let Block::Heading { level, text: title } = block else { continue };
        // Of headings that are alike, the second one is called `-1`, the third one `-2`.
        let count = seen.entry(anchor(title)).and_modify(|n| *n += 1).or_insert(0);
        let again = if *count == 0 { String::new() } else { format!("-{count}") };
        if *level <= 2 {
            let indent = if *level == 2 { "  " } else { "" };
            let _ = writeln!(text, "{indent}- [{}](#{}{again})", escaped(title), anchor(title));
        }
    }
    text.push('\n');
    text.push_str(&blocks(&paper.blocks, 1));
    text
}

/// Blocks; headings are moved down by `deeper` levels.
pub fn blocks(blocks: &[Block], deeper: u8) -> String {
    let mut text = String::new();
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        one(block, deeper, &mut text);
    }
    text
}

fn one(block: &Block, deeper: u8, text: &mut String) {
    let _ = match block {
        Block::Heading { level, text: title } => {
            writeln!(text, "{} {}", "#".repeat(usize::from(level + deeper)), escaped(title))
        }
        Block::Paragraph { line: content } => writeln!(text, "{}", at_start(&line(content))),
        Block::Note { line: content } => writeln!(text, "> {}", line(content)),
        Block::List { items } => {
            items.iter().try_for_each(|item| writeln!(text, "- {}", at_start(&line(item))))
        }
        Block::Tasks { items } => items.iter().try_for_each(|item| writeln!(text, "- [ ] {}", line(item))),
        Block::Table { head, rows, .. } => table(head, rows, text),
        Block::Code { caption, text: code } => {
            // A fence longer than any in the text.
            let fence = "`".repeat(longest_run(code, '`').max(2) + 1);
            writeln!(text, "{}:\n\n{fence}json\n{code}\n{fence}", escaped(caption))
        }
    };
}

fn table(head: &[String], rows: &[Vec<Cell>], text: &mut String) -> std::fmt::Result {
    let heads: Vec<String> = head.iter().map(|h| escaped(h)).collect();
    writeln!(text, "| {} |", heads.join(" | "))?;
    writeln!(text, "|{}", " --- |".repeat(head.len()))?;
    for row in rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        writeln!(text, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn cell(lines: &Cell) -> String {
    let lines: Vec<String> = lines.iter().map(line).collect();
    lines.join("<br>")
}

/// One line; a bar is escaped everywhere, because a cell may hold it.
pub fn line(Line(pieces): &Line) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text } => escaped(text),
            Piece::Strong { text } => {
                // Stars beside a space do not mean "strong".
                let word = text.trim_end();
                format!("**{}**{}", escaped(word), &text[word.len()..])
            }
            Piece::Code { text } => code(text),
            Piece::Link { text, url } if text == url => format!("<{}>", url_of(url)),
            Piece::Link { text, url } => format!("[{}](<{}>)", escaped(text), url_of(url)),
        })
        .collect()
}

fn url_of(url: &str) -> String {
    url.replace('<', "%3C").replace('>', "%3E").replace('|', "%7C").replace(char::is_whitespace, "%20")
}

fn code(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ").replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Text that cannot become markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let within_word =
            c == '_' && before.is_alphanumeric() && rest.peek().is_some_and(|n| n.is_alphanumeric());
        match c {
            '\r' | '\n' => safe.push(' '),
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' => safe.extend(['\\', c]),
            '_' if !within_word => safe.extend(['\\', c]),
            '&' => safe.push_str("&amp;"),
            _ => safe.push(c),
        }
        before = c;
    }
    safe
}

/// At the start of a block some more characters mean something: `# + - 1.`
fn at_start(line: &str) -> String {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let after = line[digits..].chars().next();
    match line.chars().next() {
        Some('#' | '+' | '-' | '=') => format!("\\{line}"),
        Some('0'..='9') if matches!(after, Some('.' | ')')) => {
            format!("{}\\{}", &line[..digits], &line[digits..])
        }
        _ => line.to_owned(),
    }
}

/// The anchor that GitHub gives a heading.
fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_text_becomes_markup() {
        let hostile = "a|b *c* _d_ e_f <script> [x](y) `z` \\ & ~~q~~\nnew";
        assert_eq!(
            line(&Line::plain(hostile)),
            r"a\|b \*c\* \_d\_ e_f \<script\> \[x\](y) \`z\` \\ &amp; \~\~q\~\~ new"
        );
        assert_eq!(line(&Line::of_code("a `b` | c")), "``a `b` \\| c``");
        assert_eq!(at_start("1. not a list"), "1\\. not a list");
        assert_eq!(at_start("1999 was fine"), "1999 was fine");
        assert_eq!(line(&Line::default().link("x", "javascript:alert(1)")), "x");
    }
}
