//! Numbering plans as tables: what libphonenumber's metadata says of a number's digits, without compiling
//! its regular expressions. The build makes them (`build/plans.rs`) of the library's own data.

use rlibphonenumber::Region;

static PLANS: &[Plan] = include!(concat!(env!("OUT_DIR"), "/plans.rs"));
static CELLS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/plans.bin"));
/// Cells of a state: the next one for each digit, then its flags.
const ROW: usize = 11;

/// One region's plan; regions of one country calling code stand together, its main one first.
#[derive(Debug)]
pub(super) struct Plan {
    /// The region; `World` for a code of no country.
    region: Region,
    /// The country calling code.
    pub(super) code: u16,
    /// Lengths of national numbers, a bit each.
    possible: u32,
    /// Lengths of numbers that can be dialled without area code only.
    local: u32,
    /// Whether a trunk prefix may be replaced by something.
    pub(super) transforms: bool,
    /// What is dialled before a country calling code.
    international: Option<Machine>,
    /// The trunk prefix.
    prefix: Option<Machine>,
    /// What numbers begin with that are this region's, of all with the code.
    leading: Option<Machine>,
    /// Every national number.
    general: Option<Machine>,
    /// Every number of a known kind.
    valid: Option<Machine>,
}

/// What a length says of a national number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Possible,
    Local,
    Short,
    Long,
    Between,
}

/// A deterministic machine over digits, anchored at the text's begin; state 0 is dead, 1 the first.
#[derive(Clone, Copy, Debug)]
struct Machine {
    at: u32,
    wide: bool,
}

impl Machine {
    fn cell(self, state: usize, column: usize) -> usize {
        let cell = state * ROW + column;
        let byte = |at: usize| usize::from(CELLS.get(at).copied().unwrap_or_default());
        let at = self.at as usize;
        if self.wide { byte(at + 2 * cell) | byte(at + 2 * cell + 1) << 8 } else { byte(at + cell) }
    }

    /// Where the match ends, if there is one.
    fn end(self, digits: &[u8]) -> Option<usize> {
        let (mut state, mut end) = (1, None);
        for (index, digit) in digits.iter().enumerate() {
            state = self.cell(state, usize::from(digit - b'0'));
            if state == 0 {
                return end;
            }
            if self.cell(state, 10) & 1 != 0 {
                end = Some(index);
            }
        }
        if self.cell(state, 10) & 2 != 0 { Some(digits.len()) } else { end }
    }
}

fn whole(machine: Option<Machine>, digits: &str) -> bool {
    machine.is_some_and(|machine| machine.end(digits.as_bytes()) == Some(digits.len()))
}

impl Plan {
    /// The plan of a region.
    pub(super) fn of(region: Region) -> Option<&'static Self> {
        PLANS.iter().find(|plan| plan.region == region)
    }

    /// The plans of a country calling code, the main one first; none when there is no such code.
    pub(super) fn with_code(code: u16) -> &'static [Self] {
        let begin = PLANS.partition_point(|plan| plan.code < code);
        let rest = PLANS.get(begin..).unwrap_or_default();
        &rest[..rest.partition_point(|plan| plan.code == code)]
    }

    /// Where what is dialled before a country calling code ends.
    pub(super) fn international(&self, digits: &str) -> Option<usize> {
        self.international?.end(digits.as_bytes())
    }

    /// Where the trunk prefix ends.
    pub(super) fn prefix(&self, digits: &str) -> Option<usize> {
        self.prefix?.end(digits.as_bytes())
    }

    /// Whether this looks like a national number, whatever its length.
    pub(super) fn general(&self, digits: &str) -> bool {
        whole(self.general, digits)
    }

    /// What the length of a national number says.
    pub(super) fn length(&self, digits: &str) -> Length {
        let bit = 1_u32.checked_shl(digits.len() as u32).unwrap_or_default();
        let longest = self.possible.checked_ilog2().unwrap_or_default() as usize;
        match () {
            () if self.possible == 0 => Length::Between,
            () if self.local & bit != 0 => Length::Local,
            () if self.possible & bit != 0 => Length::Possible,
            () if digits.len() < self.possible.trailing_zeros() as usize => Length::Short,
            () if digits.len() > longest => Length::Long,
            () => Length::Between,
        }
    }
}

/// Whether a national number of a country calling code is valid: of a known kind in the first region that
/// takes it for its own.
pub(super) fn valid(code: u16, digits: &str) -> bool {
    let plans = Plan::with_code(code);
    let own = |plan: &&Plan| {
        plan.leading.is_some_and(|machine| machine.end(digits.as_bytes()).is_some())
            || whole(plan.valid, digits)
    };
    let plan = if plans.len() > 1 { plans.iter().find(own) } else { plans.first() };
    plan.is_some_and(|plan| whole(plan.valid, digits))
}
