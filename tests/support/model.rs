//! A provider that does what a test says, and counts its open exchanges.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use shardwright::llm::{CallError, Chunk, ChunkStream, Completion, Finish, ModelClient, Request};

type Answer = dyn Fn(Request) -> BoxFuture<'static, Result<Completion, CallError>> + Send + Sync;
type Stream = dyn Fn(Request) -> ChunkStream + Send + Sync;

pub struct Model {
    answer: Box<Answer>,
    stream: Box<Stream>,
    load: Arc<Load>,
}

/// Exchanges as the provider sees them.
#[derive(Default)]
pub struct Load {
    pub open: AtomicUsize,
    pub open_max: AtomicUsize,
    pub asked: AtomicUsize,
}

struct Exchange(Arc<Load>);

impl Exchange {
    fn open(load: &Arc<Load>) -> Exchange {
        load.asked.fetch_add(1, SeqCst);
        let open = load.open.fetch_add(1, SeqCst) + 1;
        load.open_max.fetch_max(open, SeqCst);
        Exchange(Arc::clone(load))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, SeqCst);
    }
}

impl Model {
    pub fn answering<F>(answer: impl Fn(Request) -> F + Send + Sync + 'static) -> Model
    where
        F: Future<Output = Result<Completion, CallError>> + Send + 'static,
    {
        let answer = Box::new(move |request| answer(request).boxed());
        let stream = Box::new(|_| stream::pending().boxed());
        Model { answer, stream, load: Arc::default() }
    }

    pub fn streaming(stream: impl Fn(Request) -> ChunkStream + Send + Sync + 'static) -> Model {
        let answer = Box::new(|_| std::future::pending().boxed());
        Model { answer, stream: Box::new(stream), load: Arc::default() }
    }

    pub fn load(&self) -> Arc<Load> {
        Arc::clone(&self.load)
    }
}

impl ModelClient for Model {
    fn complete(&self, request: Request) -> BoxFuture<'_, Result<Completion, CallError>> {
        let exchange = Exchange::open(&self.load);
        let answer = (self.answer)(request);
        async move {
            let _exchange = exchange;
            answer.await
        }
        .boxed()
    }

    fn stream(&self, request: Request) -> BoxFuture<'_, Result<ChunkStream, CallError>> {
        let exchange = Exchange::open(&self.load);
        let chunks = (self.stream)(request).inspect(move |_| {
            let _ = &exchange;
        });
        async move { Ok(chunks.boxed()) }.boxed()
    }
}

pub fn whole(text: &str) -> Completion {
    Completion { text: text.into(), finish: Finish::Stop }
}

pub fn piece(text: &str) -> Result<Chunk, CallError> {
    Ok(Chunk { text: text.into(), finish: None })
}

pub fn last_piece(text: &str) -> Result<Chunk, CallError> {
    Ok(Chunk { text: text.into(), finish: Some(Finish::Stop) })
}

/// `chunks`, and then silence.
pub fn then_stall(chunks: Vec<Result<Chunk, CallError>>) -> ChunkStream {
    stream::iter(chunks).chain(stream::pending()).boxed()
}
