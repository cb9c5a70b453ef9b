//! A paper as blocks: written once, set three times (Markdown, HTML, PDF), so that the three
//! cannot say different things.

use serde::Serialize;

/// A whole paper.
#[derive(Clone, Debug, Serialize)]
pub struct Paper {
    /// The title, also the name of the attachment.
    pub title: String,
    /// The line above the title.
    pub series: String,
    /// Who wrote it, for the file's properties.
    pub author: String,
    /// The date, `2026-11-22`.
    pub date: String,
    /// What stands on the title page, label and value.
    pub facts: Vec<(String, Line)>,
    /// The rest.
    pub blocks: Vec<Block>,
}

/// One block of a paper.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A heading; levels 1 and 2 are in the table of contents.
    Heading {
        /// 1 to 3.
        level: u8,
        /// Its text.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// Its text.
        line: Line,
    },
    /// A list with bullets.
    List {
        /// Its items.
        items: Vec<Line>,
    },
    /// A list of things to do.
    Tasks {
        /// Its items.
        items: Vec<Line>,
    },
    /// A table.
    Table {
        /// The column heads.
        head: Vec<String>,
        /// The columns' widths in parts of the whole.
        widths: Vec<u8>,
        /// Rows of cells.
        rows: Vec<Vec<Cell>>,
    },
    /// JSON, with a line above that says what it is.
    Code {
        /// What it is.
        caption: String,
        /// The text.
        text: String,
    },
    /// Something to notice.
    Note {
        /// Its text.
        line: Line,
    },
}

/// A cell: one line below the other.
pub type Cell = Vec<Line>;

/// A run of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Line(pub Vec<Piece>);

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Piece {
    /// Text as it is.
    Text {
        /// The text.
        text: String,
    },
    /// A word that matters.
    Strong {
        /// The text.
        text: String,
    },
    /// A name or value as machines write it.
    Code {
        /// The text.
        text: String,
    },
    /// A link; its text is the address when nothing else is given.
    Link {
        /// What is shown.
        text: String,
        /// Where it leads, http or https.
        url: String,
    },
}

impl Line {
    /// Our own prose: what stands between backticks is code.
    pub fn prose(text: &str) -> Self {
        let pieces = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
        Line(
            pieces
                .map(|(index, part)| match index % 2 {
                    0 => Piece::Text { text: part.to_owned() },
                    _ => Piece::Code { text: part.to_owned() },
                })
                .collect(),
        )
    }

    /// Somebody's text, as it is.
    pub fn plain(text: impl Into<String>) -> Self {
        Line::default().text(text)
    }

    /// A link that shows its address, or text when it is not a web address.
    pub fn address(url: &str) -> Self {
        Line::default().link(url, url)
    }

    /// Code alone.
    pub fn of_code(text: impl Into<String>) -> Self {
        Line::default().code(text)
    }

    /// More text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push(Piece::Text { text: text.into() });
        self
    }

    /// A word that matters.
    #[must_use]
    pub fn strong(mut self, text: impl Into<String>) -> Self {
        self.0.push(Piece::Strong { text: text.into() });
        self
    }

    /// More code.
    #[must_use]
    pub fn code(mut self, text: impl Into<String>) -> Self {
        self.0.push(Piece::Code { text: text.into() });
        self
    }

    /// A link; what is not http or https stays text, so that nothing else can be clicked.
    #[must_use]
    pub fn link(mut self, text: &str, url: &str) -> Self {
        let (text, url) = (text.to_owned(), url.to_owned());
        let web = url.starts_with("https://") || url.starts_with("http://");
        self.0.push(if web { Piece::Link { text, url } } else { Piece::Text { text } });
        self
    }
}

/// A heading.
pub fn heading(level: u8, text: impl Into<String>) -> Block {
    Block::Heading { level, text: text.into() }
}

/// A paragraph of our own prose.
pub fn paragraph(text: &str) -> Block {
    Block::Paragraph { line: Line::prose(text) }
}

/// Somebody's text: an empty line parts paragraphs.
pub fn paragraphs(text: &str) -> Vec<Block> {
    let joined = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split("\n\n")
        .map(joined)
        .filter(|part| !part.is_empty())
        .map(|part| Block::Paragraph { line: Line::plain(part) })
        .collect()
}
