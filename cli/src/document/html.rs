//! A paper as one HTML file without anything from outside: no script, no font, no picture.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::block::{Block, Cell, Line, Paper, Piece};

const STYLE: &str = include_str!("html/style.css");

/// A whole page with title, table of contents and the paper.
pub fn page(paper: &Paper) -> String {
    let headings = || {
        paper.blocks.iter().enumerate().filter_map(|(index, block)| match block {
            Block::Heading { level: level @ 1..=2, text } => Some((index, *level, text)),
            _ => None,
        })
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="author" content=(paper.author);
                meta name="date" content=(paper.date);
                title { (paper.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.series { (paper.series) }
                    h1 { (paper.title) }
                    dl {
                        @for (label, value) in &paper.facts {
                            div { dt { (label) } dd { (line(value)) } }
                        }
                    }
                }
                nav aria-label="Contents" {
                    h2 { "Contents" }
                    ol {
                        @for (index, level, text) in headings() {
                            li class=(format!("level-{level}")) { a href=(format!("#s{index}")) { (text) } }
                        }
                    }
                }
                main {
                    @for (index, block) in paper.blocks.iter().enumerate() {
                        (one(block, index))
                        "\n"
                    }
                }
                footer { (paper.title) " · " (paper.date) }
            }
        }
    };
    format!("{}\n", page.into_string())
}

fn one(block: &Block, index: usize) -> Markup {
    let id = format!("s{index}");
    match block {
        Block::Heading { level: 1, text } => html! { h2 id=(id) { (text) } },
        Block::Heading { level: 2, text } => html! { h3 id=(id) { (text) } },
        Block::Heading { text, .. } => html! { h4 id=(id) { (text) } },
        Block::Paragraph { line: content } => html! { p dir="auto" { (line(content)) } },
        Block::Note { line: content } => html! { p.note dir="auto" { (line(content)) } },
        Block::List { items } => html! { ul { @for item in items { li dir="auto" { (line(item)) } } } },
        Block::Tasks { items } => {
            html! { ul.tasks { @for item in items { li { (line(item)) } } } }
        }
        Block::Table { head, widths, rows } => table(head, widths, rows),
        Block::Code { caption, text } => html! {
            figure { figcaption { (caption) } pre { code { (text) } } }
        },
    }
}

fn table(head: &[String], widths: &[u8], rows: &[Vec<Cell>]) -> Markup {
    let sum: u32 = widths.iter().map(|w| u32::from(*w)).sum::<u32>().max(1);
    html! {
        table {
            colgroup {
                @for width in widths { col style=(format!("width:{}%", u32::from(*width) * 100 / sum)); }
            }
            thead { tr { @for title in head { th scope="col" { (title) } } } }
            tbody {
                @for row in rows {
                    tr {
                        @for cell in row {
                            td { @for (index, content) in cell.iter().enumerate() {
                                @if index > 0 { br; }
                                bdi { (line(content)) }
                            } }
                        }
                    }
                }
            }
        }
    }
}

fn line(Line(pieces): &Line) -> Markup {
    html! {
        @for piece in pieces {
            @match piece {
                Piece::Text { text } => (text),
                Piece::Strong { text } => strong { (text) },
                Piece::Code { text } => code { (text) },
                Piece::Link { text, url } => a href=(url) { (text) },
            }
        }
    }
}
