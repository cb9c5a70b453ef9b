//! Numbering plans for `src/phone/plan.rs`, made of libphonenumber's metadata: its regular expressions, compiled
//! when a function first needs them, are most of a first contact page.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, iter};

use rlibphonenumber::interfaces::AsOriginal as _;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberDesc, Region};

use crate::machine::Machine;

type Failure = Box<dyn std::error::Error>;

/// All machines one after the other; the same ones once.
#[derive(Default)]
struct Cells {
    bytes: Vec<u8>,
    known: HashMap<Vec<u8>, usize>,
}

impl Cells {
    /// Rust code for a machine: where it begins, and whether its cells have two bytes.
    fn place(&mut self, machine: Option<&Machine>) -> String {
        let Some(machine) = machine else { return "None".to_owned() };
        let (wide, cells) = machine.cells();
        let at = *self.known.entry(cells).or_insert_with_key(|cells| {
            let at = self.bytes.len();
            self.bytes.extend_from_slice(cells);
            at
        });
        format!("Some(Machine {{ at: {at}, wide: {wide} }})")
    }
}

/// Lengths as bits. The library takes `-1` for "none".
fn bits(lengths: &[i32]) -> u32 {
    if lengths.contains(&-1) { 0 } else { lengths.iter().fold(0, |bits, length| bits | 1 << length) }
}

/// Lengths of a kind of number; no list means any.
fn lengths(description: &PhoneNumberDesc) -> u32 {
    if description.possible_length.is_empty() { u32::MAX } else { bits(&description.possible_length) }
}

fn prefix(pattern: Option<&String>) -> Result<Option<Machine>, Failure> {
    pattern.map(|pattern| Machine::new(pattern.strip_suffix('$').unwrap_or(pattern))).transpose()
}

/// Writes `plans.rs` and `plans.bin`.
pub fn write(out: &Path) -> Result<(), Failure> {
    let util = PHONE_NUMBER_UTIL.as_original();
    let mut codes: Vec<i32> = PHONE_NUMBER_UTIL.get_supported_calling_codes().collect();
    codes.sort_unstable();
    let mut cells = Cells::default();
    let mut code = String::from("&[\n");
    for calling_code in codes {
        let regions = PHONE_NUMBER_UTIL.get_regions_for_country_calling_code(calling_code);
        for region in regions.into_iter().flatten() {
            let plan = util.get_metadata_for_region_or_calling_code(calling_code, region);
            let plan = plan.ok_or("a region without metadata")?;
            let general = plan.general_desc.national_number_pattern().pattern_base.as_deref();
            let general = Machine::new(general.ok_or("a region without a pattern")?)?;
            let mut kinds = Vec::new();
            let descriptions = [
                &plan.premium_rate,
                &plan.toll_free,
                &plan.shared_cost,
                &plan.voip,
                &plan.personal_number,
                &plan.pager,
                &plan.uan,
                &plan.voicemail,
                &plan.fixed_line,
                &plan.mobile,
            ];
            for description in descriptions {
                if let Some(pattern) = &description.national_number_pattern().pattern_base {
                    kinds.push((Machine::new(pattern)?, lengths(&description.original)));
                }
            }
            let description = &plan.general_desc.original;
            let general = (general, lengths(description));
            let valid = Machine::both(&general, &kinds)?;
            let name = region.to_string();
            let name = if region == Region::World { "World" } else { name.as_str() };
            writeln!(
                code,
                "Plan {{ region: Region::{name}, code: {calling_code}, possible: {}, local: {}, transforms: {}, \
                 international: {}, prefix: {}, leading: {}, general: {}, valid: {} }},",
                bits(&description.possible_length),
                bits(&description.possible_length_local_only),
                !plan.original.national_prefix_transform_rule().is_empty(),
                cells.place(prefix(plan.international_prefix().pattern_base.as_ref())?.as_ref()),
                cells.place(prefix(plan.national_prefix_for_parsing().pattern_base.as_ref())?.as_ref()),
                cells.place(prefix(plan.leading_digits().pattern_base.as_ref())?.as_ref()),
                cells.place(Some(&general.0)),
                cells.place(Some(&valid)),
            )?;
        }
    }
    code.push_str("]\n");
    fs::write(out.join("plans.rs"), code)?;
    // A machine that reads past its end meets a dead state.
    let bytes: Vec<u8> = cells.bytes.into_iter().chain(iter::repeat_n(0, 22)).collect();
    fs::write(out.join("plans.bin"), bytes)?;
    Ok(())
}
