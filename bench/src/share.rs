//! The share of a processor that Lambda gives to a function by its memory: 1,769 MB are one whole.

use std::fs;
use std::path::PathBuf;

/// A control group with a limit, gone with this value.
pub struct Share(PathBuf);

impl Share {
    /// A group for a function of so many MB.
    ///
    /// # Errors
    /// Where this machine does not let us make one.
    pub fn new(memory: u32) -> Result<Self, String> {
        let root = PathBuf::from("/sys/fs/cgroup");
        let group = root.join(format!("talkdesk-bridge-bench-{memory}"));
        let said = |error: std::io::Error| format!("control groups cannot be set here ({error})");
        // Without the controller in the root there is no cpu.max below it.
        let _ = fs::write(root.join("cgroup.subtree_control"), "+cpu");
        if !group.is_dir() {
            fs::create_dir(&group).map_err(said)?;
        }
        let quota = u64::from(memory) * 100_000 / 1769;
        fs::write(group.join("cpu.max"), format!("{} 100000", quota.max(1000))).map_err(said)?;
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
