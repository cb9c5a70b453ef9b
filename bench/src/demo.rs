//! The demo CRM that a synchronization reads.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::programs;

/// The demo CRM as a process of its own, over a file that goes with it.
pub struct Crm {
    process: Child,
    /// Where it answers.
    pub url: String,
    file: PathBuf,
}

impl Crm {
    /// Starts one with so many contacts.
    pub fn start(contacts: u32) -> Self {
        let file = programs::target().join("bench-sync.sqlite");
        let _ = std::fs::remove_file(&file);
        let begun = Instant::now();
        let mut command = Command::new(programs::release("demo-crm"));
        command.args(["--contacts", &contacts.to_string(), "--file"]).arg(&file).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the demo CRM");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let url = said["url"].as_str().unwrap().to_owned();
        println!("demo CRM with {contacts} contacts ready after {:.1} s", begun.elapsed().as_secs_f64());
        Self { process, url, file }
    }

    /// The size of its file.
    pub fn megabytes(&self) -> f64 {
        std::fs::metadata(&self.file).map_or(0, |file| file.len()) as f64 / 1e6
    }
}

impl Drop for Crm {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.file.display()));
        }
    }
}
