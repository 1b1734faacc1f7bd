//! A request that is dropped while it opens a connection, under three published versions of the `deadpool` pool.
//!
//! 0.2.3 counts a connection before it is open: dropped meanwhile, it stays counted, and nobody opens another.
//! 0.3.0 ("Fix possible stale state and deadlock if a future calling `Pool::get` is aborted") takes it off that count
//! but adds it to the idle ones, where the next request waits for it; and who waits already is not told that there is
//! room again.
//! 0.4.0 ("Fix possible deadlock", and issue 18 of theirs) mends both: requests wait for a permit, not a connection.
//!
//! <https://github.com/deadpool-rs/deadpool/blob/main/crates/deadpool/CHANGELOG.md>

macro_rules! requests_of {
    ($deadpool:ident, $($recycle:tt)*) => {
        mod $deadpool {
            use seedbed::{World, time::{Duration, sleep}};
            use std::convert::Infallible;

            struct Connection;
            struct Connect;
            type Pool = $deadpool::Pool<Connection, Infallible>;

            #[async_trait::async_trait]
            impl $deadpool::Manager<Connection, Infallible> for Connect {
                async fn create(&self) -> Result<Connection, Infallible> {
                    sleep(Duration::from_millis(20)).await;
                    Ok(Connection)
                }
                $($recycle)*
            }

            async fn request(pool: Pool) {
                let _connection = pool.get().await.unwrap();
                sleep(Duration::from_millis(10)).await;
            }

            #[seedbed::test(cancel = everywhere)]
            async fn a_dropped_request_holds_up_nobody(world: World) {
                let pool = Pool::new(Connect, 1);
                let requests = world.spawn_each("request", 0..2_u64, |_| request(pool.clone()));
                world.may_cancel(&requests);
                world.settle().await;
            }
        }
    };
}

// What changed from version to version is only how a connection is used again.
requests_of!(
    deadpool_0_2_3,
    async fn recycle(&self, old: Connection) -> Result<Connection, Infallible> {
        Ok(old)
    }
);
requests_of!(
    deadpool_0_3_0,
    async fn recycle(&self, _: &mut Connection) -> Result<(), Infallible> {
        Ok(())
    }
);
requests_of!(
    deadpool_0_4_0,
    async fn recycle(&self, _: &mut Connection) -> deadpool_0_4_0::RecycleResult<Infallible> {
        Ok(())
    }
);
