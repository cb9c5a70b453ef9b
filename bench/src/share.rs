//! The share of a processor that Lambda gives to a function by its memory: 1,769 MB are one whole.

use std::fs;
use std::path::{Path, PathBuf};

/// Microseconds that a share is of.
const PERIOD: u64 = 100_000;

/// A control group with a limit, gone with this value.
pub struct Share(PathBuf);

impl Share {
    /// A group for a function of so many MB.
    ///
    /// # Errors
    /// Where this machine does not let us make one.
    pub fn new(memory: u32) -> Result<Self, String> {
        let said = |error: std::io::Error| format!("control groups cannot be set here ({error})");
        let name = format!("talkdesk-bridge-bench-{memory}");
        let quota = (u64::from(memory) * PERIOD / 1769).max(1000);
        let root = Path::new("/sys/fs/cgroup");
        // The second version has one tree, the first one a tree for each controller.
        if root.join("cgroup.controllers").is_file() {
            let group = root.join(name);
            // Without the controller in the root there is no cpu.max below it.
            let _ = fs::write(root.join("cgroup.subtree_control"), "+cpu");
            fs::create_dir_all(&group).map_err(said)?;
            fs::write(group.join("cpu.max"), format!("{quota} {PERIOD}")).map_err(said)?;
            return Ok(Self(group));
        }
        if !root.join("cpu/cpu.cfs_quota_us").is_file() && !root.join("cpu/cgroup.procs").is_file() {
            return Err("there are no control groups for processors".to_owned());
        }
        let group = root.join("cpu").join(name);
        fs::create_dir_all(&group).map_err(said)?;
        fs::write(group.join("cpu.cfs_period_us"), PERIOD.to_string()).map_err(said)?;
        fs::write(group.join("cpu.cfs_quota_us"), quota.to_string()).map_err(said)?;
        Ok(Self(group))
    }

    /// Puts a process into the group.
    pub fn take(&self, pid: u32) {
        fs::write(self.0.join("cgroup.procs"), pid.to_string()).unwrap();
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}
