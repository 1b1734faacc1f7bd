//! shardwright in its simulated world.
