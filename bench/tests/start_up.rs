//! What `make functions` has made starts within `bench/budget.json`.

use std::path::Path;
use std::process::Command;

#[test]
fn a_start_takes_no_more_instructions_than_its_budget() {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.aws-sam/test");
    let status = Command::new(env!("CARGO_BIN_EXE_bench")).arg("start").arg(functions).status();
    assert!(status.is_ok_and(|status| status.success()), "see what it printed");
}
