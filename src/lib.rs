//! shardwright: the backend of an LLM agent system.
