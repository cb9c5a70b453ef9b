//! Patterns of classes and plain letters with at most one open repetition, such as `[a-z0-9-]{1,40}\.example\.com`:
//! the length of a value says how often that one stands, so a value is compared letter by letter. Compiling a
//! regular expression costs a fifth of a validator's start.

/// A pattern of that kind.
#[derive(Debug)]
pub(super) struct Shape(Vec<Part>);

/// Letters of a class, so many of them.
#[derive(Debug)]
struct Part {
    ranges: Vec<(u8, u8)>,
    least: usize,
    most: usize,
}

impl Shape {
    /// The shape of a pattern, when it has one.
    pub fn of(source: &str) -> Option<Self> {
        let mut rest = source;
        let mut parts = Vec::new();
        while let Some(first) = rest.chars().next() {
            let ranges = match first {
                '[' => {
                    let (class, after) = rest[1..].split_once(']')?;
                    rest = after;
                    ranges(class.as_bytes())?
                }
                '\\' => {
                    rest = rest.strip_prefix("\\.")?;
                    vec![(b'.', b'.')]
                }
                letter if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_') => {
                    rest = &rest[1..];
                    vec![(letter as u8, letter as u8)]
                }
                _ => return None,
            };
            let (least, most) = match rest.chars().next() {
                Some('+') => (1, usize::MAX),
                Some('*') => (0, usize::MAX),
                Some('{') => {
                    let (count, after) = rest[1..].split_once('}')?;
                    rest = after;
                    let (least, most) = count.split_once(',').unwrap_or((count, count));
                    (least.parse().ok()?, most.parse().ok()?)
                }
                _ => (1, 1),
            };
            rest = rest.strip_prefix(['+', '*']).unwrap_or(rest);
            // `a+?` and `a{2}+` mean something else.
            if rest.starts_with(['?', '+', '*', '{']) || least > most {
                return None;
            }
            parts.push(Part { ranges, least, most });
        }
        (parts.iter().filter(|part| part.least != part.most).count() <= 1).then_some(Self(parts))
    }

    /// Whether the whole value has the shape.
    pub fn fits(&self, value: &str) -> bool {
        let fixed: usize = self.0.iter().map(|part| part.least).sum();
        let Some(open) = value.len().checked_sub(fixed) else { return false };
        let mut rest = value.as_bytes();
        let fits = self.0.iter().all(|part| {
            let count = if part.least == part.most { part.least } else { part.least.saturating_add(open) };
            let Some((own, after)) = rest.split_at_checked(count) else { return false };
            rest = after;
            let within = |byte: &u8| part.ranges.iter().any(|(from, to)| (from..=to).contains(&byte));
            count <= part.most && own.iter().all(within)
        });
        fits && rest.is_empty()
    }
}

/// The ranges of a class of ASCII letters, digits, `-`, `_`, `.` and `@`.
fn ranges(class: &[u8]) -> Option<Vec<(u8, u8)>> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@');
    let mut ranges = Vec::new();
    let mut rest = class;
    while let [first, after @ ..] = rest {
        rest = after;
        let last = match after {
            [b'-', last, after @ ..] if *first != b'-' => {
                rest = after;
                last
            }
            _ => first,
        };
        if !plain(*first) || !plain(*last) || first > last {
            return None;
        }
        ranges.push((*first, *last));
    }
    // `--` and `&&` are operators of sets.
    (!class.is_empty() && !class.windows(2).any(|two| two == b"--")).then_some(ranges)
}
