//! Requests of HTTP/1.1 out of bytes, and answers into bytes: no socket, no clock.
