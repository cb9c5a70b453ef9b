//! A server that a test plays itself, on raw sockets: every fault can be made.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::asked::{Asked, read};

type Answering = Arc<dyn Fn(Asked) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>;

/// A server on 127.0.0.1 that answers what a test says, and remembers what it was asked.
pub struct Stub {
    port: u16,
    seen: Arc<Mutex<Vec<Asked>>>,
    answering: Arc<Mutex<Answering>>,
    task: JoinHandle<()>,
}

/// What is sent back.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    fault: Option<Fault>,
}

/// What goes wrong on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing comes, the connection stays.
    Hang,
    /// The connection ends before a byte is sent.
    Close,
    /// The connection is reset before a byte is sent.
    Reset,
    /// Half of the body comes, then the connection ends.
    Cut,
    /// Half of the body comes, then nothing.
    Stall,
    /// Bytes that are not HTTP.
    Garbage,
}

impl Stub {
    /// Starts a server that answers with `answer`.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_async(wrapped(answer)).await
    }

    /// The same for answers that wait for something.
    pub(super) async fn start_async(answering: Answering) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound listener").port();
        let (seen, answering) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(answering)));
        let (log, current) = (Arc::clone(&seen), Arc::clone(&answering));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Head and body are two writes: without this the second waits for the first's receipt.
                let _ = stream.set_nodelay(true);
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&current)));
            }
        });
        Self { port, seen, answering, task }
    }

    /// Answers differently from now on.
    pub fn answer(&self, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        *self.answering.lock().expect("no test panics here") = wrapped(answer);
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What has been asked since the last time, oldest first.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.seen.lock().expect("no test panics here"))
    }

    /// How many requests there are that nobody has taken.
    pub fn count(&self) -> usize {
        self.seen.lock().expect("no test panics here").len()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Reply {
    /// JSON under a status.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::raw(status, body.to_string())
    }

    /// Any bytes as JSON.
    pub fn raw(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.into(), fault: None }
    }

    /// With one more header, or another value of one.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a fault on the wire.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    fn bytes(&self) -> (Vec<u8>, Vec<u8>) {
        let mut head = format!("HTTP/1.1 {} Planned\r\ncontent-length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        (head.into_bytes(), self.body.clone())
    }
}

fn wrapped(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Answering {
    Arc::new(move |asked| {
        let reply = answer(&asked);
        Box::pin(async move { reply })
    })
}

async fn serve(stream: TcpStream, seen: Arc<Mutex<Vec<Asked>>>, answering: Arc<Mutex<Answering>>) {
    let mut stream = BufReader::new(stream);
    while let Some(asked) = read(&mut stream).await {
        seen.lock().expect("no test panics here").push(asked.clone());
        let answer = Arc::clone(&*answering.lock().expect("no test panics here"));
        let reply = answer(asked).await;
        let (head, body) = reply.bytes();
        let half = &body[..body.len() / 2];
        let socket = stream.get_mut();
        match reply.fault {
            None => {
                if socket.write_all(&head).await.is_err() || socket.write_all(&body).await.is_err() {
                    return;
                }
            }
            Some(Fault::Hang) => return tokio::time::sleep(Duration::from_secs(120)).await,
            Some(Fault::Close) => return,
            Some(Fault::Reset) => return drop(socket.set_zero_linger()),
            Some(fault) => {
                let garbage = b"\x16\x03\x01 this is not HTTP\r\n\r\n".to_vec();
                let sent = if fault == Fault::Garbage { garbage } else { [&head, half].concat() };
                let _ = socket.write_all(&sent).await;
                if fault == Fault::Stall {
                    tokio::time::sleep(Duration::from_secs(120)).await;
                }
                return;
            }
        }
    }
}
