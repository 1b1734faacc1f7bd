//! Orders over HTTP, which are not idempotent: `POST /orders/NAME` carries one out whenever it is asked for, but with the
//! header `idempotency-key` at most once per key, whatever the process dies of. Owns the keys, on disk.

use axum::{
    Router,
    extract::{self, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    fs::{self, File, OpenOptions},
    spawn,
    sync::OnceCell,
    time::{Duration, sleep},
};

/// What carrying out one order takes.
const WORK: Duration = Duration::from_millis(20);
/// The longest key: it is a file's name.
const KEY_MAX: usize = 64;

/// What came of an order with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out.
    CarriedOut,
    /// It was begun by a process that died: nobody knows whether it was carried out, so it is not begun again.
    Unknown,
}

type Known = BTreeMap<String, Arc<OnceCell<Outcome>>>;

/// The orders of one directory, which no other process uses.
#[derive(Clone, Debug)]
pub struct Orders(Arc<Book>);

#[derive(Debug)]
struct Book {
    directory: PathBuf,
    known: Mutex<Known>,
}

impl Orders {
    /// The orders of this directory, which is made if it is not there; the one above it has to be.
    ///
    /// # Errors
    /// It cannot be made, or synced.
    ///
    /// # Cancel safety
    /// Dropped, the directory may be there.
    pub async fn open(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        match fs::create_dir(&directory).await {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            // A process before may have made it, and died before the next line.
            Ok(()) | Err(_) => {}
        }
        let above = directory.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(above).await?.sync_all().await?;
        Ok(Self(Arc::new(Book { directory, known: Mutex::default() })))
    }

    /// The service.
    pub fn router(&self) -> Router {
        Router::new().route("/orders/{name}", post(post_order)).with_state(self.clone())
    }

    /// Carries the order out unless one was begun under the key before, and says what came of that one.
    ///
    /// # Errors
    /// The disk's: the order was not begun, and may be asked for again.
    ///
    /// # Cancel safety
    /// Dropped, the order goes on: it is not the asker's any more.
    pub async fn carry_out_once(&self, key: String, name: String) -> io::Result<Outcome> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner).entry(key.clone()).or_default().clone();
        let book = self.0.clone();
        // A task of its own: with the connection, a handler is dropped wherever it is.
        let order = spawn(async move { known.get_or_try_init(|| book.carry_out_once(&key, &name)).await.copied() });
        order.await.map_err(io::Error::other)?
    }
}

async fn post_order(
    State(orders): State<Orders>,
    extract::Path(name): extract::Path<String>,
    headers: HeaderMap,
) -> StatusCode {
    let Some(key) = headers.get("idempotency-key") else {
        carry_out(&name).await;
        return StatusCode::OK;
    };
    let Some(key) = key.to_str().ok().filter(|key| is_key(key)) else { return StatusCode::BAD_REQUEST };
    match orders.carry_out_once(key.to_owned(), name).await {
        Ok(Outcome::CarriedOut) => StatusCode::OK,
        Ok(Outcome::Unknown) => StatusCode::CONFLICT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn is_key(key: &str) -> bool {
    (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

async fn carry_out(name: &str) {
    sleep(WORK).await;
    tracing::info!(order = name, "order carried out");
}

impl Book {
    async fn carry_out_once(&self, key: &str, name: &str) -> io::Result<Outcome> {
        let (begun, done) = (self.directory.join(format!("{key}.begun")), self.directory.join(format!("{key}.done")));
        match OpenOptions::new().write(true).create_new(true).open(&begun).await {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Ok(if fs::try_exists(&done).await? { Outcome::CarriedOut } else { Outcome::Unknown });
            }
            Err(error) => return Err(error),
        }
        // Synced before it is carried out: were the key lost with the power, the next asker would begin anew.
        File::open(&self.directory).await?.sync_all().await?;
        carry_out(name).await;
        // Not synced: if it is lost, it is unknown what came of the order, and that is never wrong.
        Ok(File::create(&done).await.map_or(Outcome::Unknown, |_| Outcome::CarriedOut))
    }
}
