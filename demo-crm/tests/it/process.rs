use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tokio::net::TcpStream;

#[tokio::test]
async fn the_program_prints_its_address_and_serves_until_it_is_killed() {
    let mut process = Command::new(env!("CARGO_BIN_EXE_demo-crm"))
        .args(["--port", "0", "--contacts", "3", "--api-key", "other"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told["api_key"], "other");
    let host = told["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let connected = TcpStream::connect(&host).await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(connected.is_ok(), "{host}");
}

#[test]
fn an_unknown_option_is_refused_with_the_usage() {
    let output = Command::new(env!("CARGO_BIN_EXE_demo-crm")).args(["--size", "3"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("--size is not an option") && told.contains("usage:"), "{told}");
}
