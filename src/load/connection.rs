//! A connection of a client: one request at a time, without blocking.
