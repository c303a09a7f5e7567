//! What perf-event has no word for: the filter of a tracepoint's counter.

use perf_event::Counter;
use perf_event_open_sys::ioctls;
use std::ffi::CStr;
use std::io;
use std::os::fd::AsRawFd;

/// Has the counter of a tracepoint count only hits whose fields meet the filter
/// (perf_event_open(2), `PERF_EVENT_IOC_SET_FILTER`; the grammar is in the kernel's
/// Documentation/trace/events.rst).
///
/// # Errors
/// EINVAL when the counter is of no tracepoint, a field is unknown, or the filter exceeds a page of
/// memory.
pub fn set_filter(counter: &Counter, filter: &CStr) -> io::Result<()> {
    // SAFETY: the counter owns its descriptor; the kernel copies the string and writes nothing,
    // whatever the type of the pointer.
    let returned = unsafe { ioctls::SET_FILTER(counter.as_raw_fd(), filter.as_ptr().cast_mut()) };
    super::check(returned.into()).map(drop)
}
