//! A program with scenarios, as the command line sees one: a sound service, one with a rare bug, and the
//! ways in which a case can take its whole process down.

#[cfg(madsim)]
fn main() -> std::process::ExitCode {
    use seedbed::cli::App;
    App { scenarios: scenarios::ALL, query: Some(scenarios::questions), zoo: &["forgets-to-lock"], ..App::BASE }.main()
}

#[cfg(not(madsim))]
fn main() {}

#[cfg(madsim)]
mod scenarios {
    use seedbed::{
        Check, Machine, Param, Params, Scenario, ScenarioFuture, Violation, World,
        decision::{Site, ratio},
        ensure,
        fs::{self, File, OpenOptions},
        history::{Event, History},
        time::{Duration, Instant, sleep},
    };
    use std::{cell::Cell, collections::HashSet, io, rc::Rc};
    use tokio::io::AsyncWriteExt;

    pub(super) const ALL: &[Scenario] = &[
        CALM_CLIENTS,
        RARE,
        HASTY,
        FORGETFUL,
        STUCK,
        NEVER_RETURNS,
        ABORTS,
        OVERFLOWS,
        HOARDS,
        DIVERGES,
        TOOTHLESS,
        LOG,
    ];

    /// The seed under which the process of `aborts` and its like comes to its end.
    const FATAL_SEED: u64 = 7;

    const CALM_CLIENTS: Scenario = Scenario {
        name: "calm-clients",
        story: "Clients take turns at two permits, and some are cancelled.",
        params: &[Param { name: "clients", help: "how many clients", default: 5, min: 1, max: 50 }],
        checks: |_| vec![Box::<NeverTooMany>::default()],
        marks: &["a client waited", "a client was served thrice", "the moon is blue"],
        families: &["cancel", "slow"],
        run: calm_clients,
    };

    fn calm_clients(world: World, params: Params) -> ScenarioFuture {
        Box::pin(async move {
            // A run that hashes shows whether a reused thread hashes as a fresh one.
            let first_of_map = HashSet::from([1_u64, 2, 3, 4, 5, 6, 7, 8]).into_iter().next();
            tracing::info!(first_of_map, "clients come");
            let permits = Rc::new(tokio::sync::Semaphore::new(2));
            let slow = world.fault_family("slow", ratio(1, 2));
            let clients = world.spawn_each("client", 0..params.get("clients"), |id| {
                let permits = permits.clone();
                let mut draws = world.draws(Site::new("demo.slow"), &format!("client-{id}"));
                async move {
                    for turn in 0..3_u64 {
                        if permits.available_permits() == 0 {
                            seedbed::world::mark("a client waited");
                        }
                        let Ok(_permit) = permits.acquire().await else { return };
                        tracing::info!(id, turn, "client served");
                        let slowly = slow.strikes(&mut draws, ratio(1, 4), "ten times slower");
                        sleep(Duration::from_millis(if slowly { 100 } else { 10 } * (id + 1))).await;
                        tracing::info!(id, turn, "client done");
                        seedbed::count("turns", 1);
                    }
                    seedbed::world::mark("a client was served thrice");
                }
            });
            world.may_cancel(&clients);
            sleep(Duration::from_millis(500)).await;
            world.settle().await;
            ensure!(permits.available_permits() == 2, "a permit is lost");
            Ok(())
        })
    }

    /// At no time are more than two clients served. Those that were cancelled do not say that they are done.
    #[derive(Default)]
    struct NeverTooMany {
        cancelled: bool,
        served: u64,
    }

    impl Check for NeverTooMany {
        fn name(&self) -> &'static str {
            "at most two clients at once"
        }

        fn on_event(&mut self, _: Instant, event: &Event<'_>) -> seedbed::Result {
            match event {
                Event::Logged(log) if log.message() == "client served" => self.served += 1,
                Event::Logged(log) if log.message() == "client done" => self.served -= 1,
                Event::Injected { family: "cancel", .. } => self.cancelled = true,
                _ => {}
            }
            ensure!(self.cancelled || self.served <= 2, "{} clients at once", self.served);
            Ok(())
        }
    }

    const RARE: Scenario = Scenario {
        name: "rare",
        story: "A counter without a lock: under about one seed in twenty an update is lost.",
        params: &[Param { name: "odds", help: "one seed in so many has a race", default: 20, min: 1, max: 1000 }],
        run: rare,
        ..Scenario::CALM
    };

    fn rare(world: World, params: Params) -> ScenarioFuture {
        Box::pin(async move {
            let odds = params.get("odds");
            let races = world.draws(Site::new("demo.race"), "counter").range(0..odds) == odds - 1;
            let count = Rc::new(Cell::new(0));
            let writers = world.spawn_each("writer", 0..2_u64, |id| {
                let count = count.clone();
                async move {
                    let read = count.get();
                    if races {
                        sleep(Duration::from_millis(1)).await;
                    }
                    count.set(read + 1);
                    tracing::info!(id, count = read + 1, "counted");
                }
            });
            for writer in writers {
                writer.await.map_err(|error| Violation::new(error.to_string()))?;
            }
            ensure!(count.get() == 2, "two writers counted to {}", count.get());
            Ok(())
        })
    }

    const HASTY: Scenario = Scenario {
        name: "hasty",
        story: "One writer gives way between reading and writing; only another order than first come shows it.",
        run: |world, _| {
            Box::pin(async move {
                let count = Rc::new(Cell::new(0));
                let (early, late) = (count.clone(), count.clone());
                world.spawn("early", async move {
                    let seen = early.get();
                    seedbed::task::yield_now().await;
                    early.set(seen + 1);
                });
                world.spawn("late", async move {
                    for _ in 0..2 {
                        seedbed::task::yield_now().await;
                    }
                    late.set(late.get() + 1);
                });
                world.settle().await;
                ensure!(count.get() == 2, "two writers counted to {}", count.get());
                Ok(())
            })
        },
        ..Scenario::CALM
    };

    const FORGETFUL: Scenario = Scenario {
        name: "forgetful",
        story: "A client that is cancelled inside leaves itself counted.",
        run: |world, _| Box::pin(forgetful(world)),
        families: &["cancel"],
        ..Scenario::CALM
    };

    async fn forgetful(world: World) -> seedbed::Result {
        let inside = Rc::new(Cell::new(0));
        let counted = inside.clone();
        let client = world.spawn("client", async move {
            sleep(Duration::from_millis(1)).await;
            counted.set(counted.get() + 1);
            sleep(Duration::from_millis(1)).await;
            counted.set(counted.get() - 1);
        });
        world.may_cancel([&client]);
        world.settle().await;
        ensure!(inside.get() == 0, "{} never left", inside.get());
        Ok(())
    }

    const STUCK: Scenario = Scenario {
        name: "stuck",
        story: "Under seeds that are multiples of 16 a taker waits for a permit that it holds itself.",
        run: |world, _| {
            Box::pin(async move {
                let permits =
                    Rc::new(tokio::sync::Semaphore::new(if seed_of(&world).is_multiple_of(16) { 1 } else { 2 }));
                world.spawn("taker", async move {
                    let _one = permits.acquire().await;
                    let _other = permits.acquire().await;
                });
                world.settle().await;
                Ok(())
            })
        },
        ..Scenario::CALM
    };

    const NEVER_RETURNS: Scenario = Scenario {
        name: "never-returns",
        story: "Under seed 7 a poll never ends.",
        run: |world, _| {
            Box::pin(async move {
                if seed_of(&world) == FATAL_SEED {
                    loop {
                        std::hint::spin_loop();
                    }
                }
                Ok(())
            })
        },
        ..Scenario::CALM
    };

    const ABORTS: Scenario = Scenario {
        name: "aborts",
        story: "Under seed 7 the process aborts.",
        run: |world, _| {
            Box::pin(async move {
                if seed_of(&world) == FATAL_SEED {
                    std::process::abort();
                }
                Ok(())
            })
        },
        ..Scenario::CALM
    };

    const OVERFLOWS: Scenario = Scenario {
        name: "overflows",
        story: "Under seed 7 a function calls itself until the stack is full.",
        run: |world, _| {
            Box::pin(async move {
                let depth = if seed_of(&world) == FATAL_SEED { u64::MAX } else { 10 };
                ensure!(descend(depth) < u64::MAX);
                Ok(())
            })
        },
        ..Scenario::CALM
    };

    fn descend(depth: u64) -> u64 {
        let frame = std::hint::black_box([depth; 32]);
        if depth == 0 { 0 } else { std::hint::black_box(descend(frame[7] - 1)) + frame[3] % 2 }
    }

    const HOARDS: Scenario = Scenario {
        name: "hoards",
        story: "Under seed 7 a list grows without end.",
        run: |world, _| {
            Box::pin(async move {
                let mut list = Vec::new();
                while seed_of(&world) == FATAL_SEED {
                    list.push(vec![1_u8; 1 << 20]);
                }
                ensure!(list.is_empty());
                Ok(())
            })
        },
        ..Scenario::CALM
    };

    const DIVERGES: Scenario = Scenario {
        name: "diverges",
        story: "Logs the process's id, which no seed decides.",
        run: |_, _| {
            Box::pin(async move {
                for step in 0..5_u64 {
                    tracing::info!(step, "before");
                    sleep(Duration::from_millis(1)).await;
                }
                tracing::info!(process = std::process::id(), "who am I");
                tracing::info!("after");
                Ok(())
            })
        },
        ..Scenario::CALM
    };

    const TOOTHLESS: Scenario = Scenario {
        name: "toothless",
        story: "Switches a fault family on and never lets it strike.",
        families: &["bite"],
        run: |world, _| {
            Box::pin(async move {
                println!("A service may print; no one takes it for an answer.");
                let _bite = world.fault_family("bite", ratio(1, 2));
                Ok(())
            })
        },
        ..Scenario::CALM
    };

    /// The run's seed: a scenario must not know it, and these want to fail under one that a test can name.
    fn seed_of(_: &World) -> u64 {
        madsim::runtime::Handle::current().seed()
    }

    pub(super) fn questions(history: &History) -> Vec<(String, String)> {
        let logged = history.iter().filter(|(_, _, event)| matches!(event, Event::Logged(_))).count();
        vec![("events".to_owned(), history.len().to_string()), ("log lines".to_owned(), logged.to_string())]
    }

    const LOG: Scenario = Scenario {
        name: "log",
        story: "A log of lines on a machine whose power may fail; whether it syncs before it acknowledges is a parameter.",
        params: &[Param { name: "syncs", help: "1 if it syncs, 0 if not", default: 1, min: 0, max: 1 }],
        families: &["power"],
        run: log,
        ..Scenario::CALM
    };

    fn log(world: World, params: Params) -> ScenarioFuture {
        Box::pin(async move {
            let machine = world.machine();
            machine.node().spawn("founder", found()).await??;
            machine.may_lose_power(ratio(1, 2));
            let acknowledged = Rc::new(Cell::new(0));
            loop {
                let writer = write_lines(acknowledged.clone(), params.get("syncs") == 1);
                let is_done = until_power_loss(machine, writer).await.transpose()?.is_some();
                let Some(left) = until_power_loss(machine, fs::read("log")).await else { continue };
                let (left, acknowledged) = (left?.len() as u64, acknowledged.get());
                ensure!(left >= acknowledged, "{left} lines are left, and {acknowledged} were acknowledged");
                if is_done {
                    return Ok(());
                }
            }
        })
    }

    /// A log with its first line, which survives from then on.
    async fn found() -> io::Result<()> {
        fs::write("log", "x").await?;
        File::open("log").await?.sync_all().await?;
        File::open("/").await?.sync_all().await
    }

    async fn write_lines(acknowledged: Rc<Cell<u64>>, syncs: bool) -> io::Result<()> {
        let mut log = OpenOptions::new().append(true).open("log").await?;
        for line in fs::read("log").await?.len() as u64..5 {
            log.write_all(b"x").await?;
            log.flush().await?;
            if syncs {
                log.sync_all().await?;
            }
            acknowledged.set(line + 1);
        }
        Ok(())
    }

    /// What comes of `work`, as a process of the machine; `None`: its power failed before.
    async fn until_power_loss<T: 'static>(machine: Machine, work: impl Future<Output = T> + 'static) -> Option<T> {
        let process = machine.node().spawn("process", work);
        tokio::select! {
            biased;
            () = machine.power_lost() => None,
            done = process => done.ok(),
        }
    }
}
