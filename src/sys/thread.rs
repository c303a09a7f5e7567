//! Threads as the C library makes them.

use super::memory::Mapping;
use super::timestamp::Timestamp;
use std::ffi::c_void;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// How threads are made: by default, or with a stack of some size.
#[derive(Debug)]
pub struct Attributes(Option<Box<libc::pthread_attr_t>>);

impl Attributes {
    /// The C library's defaults.
    #[must_use]
    pub fn default_ones() -> Self {
        Attributes(None)
    }

    /// A stack of this size (pthread_attr_setstacksize(3)).
    ///
    /// # Errors
    /// EINVAL for a size that the C library does not take.
    pub fn with_stack(bytes: usize) -> io::Result<Self> {
        // SAFETY: `Self::set` passes initialised attributes.
        Self::set(|attributes| unsafe { libc::pthread_attr_setstacksize(attributes, bytes) })
    }

    /// A detached thread (pthread_attr_setdetachstate(3)).
    ///
    /// # Errors
    /// ENOMEM.
    pub(super) fn detached() -> io::Result<Self> {
        let how = libc::PTHREAD_CREATE_DETACHED;
        // SAFETY: `Self::set` passes initialised attributes.
        Self::set(|attributes| unsafe { libc::pthread_attr_setdetachstate(attributes, how) })
    }

    /// This memory as the stack of one thread (pthread_attr_setstack(3)), without a guard. It must
    /// outlive the thread, and a write to it meanwhile corrupts the stack: hence for `sys`
    /// alone.
    ///
    /// # Errors
    /// EINVAL for a mapping that the C library finds too small.
    pub(super) fn on_stack(stack: &Mapping) -> io::Result<Self> {
        let (start, bytes) = (stack.start().as_ptr(), stack.bytes());
        // SAFETY: `Self::set` passes initialised attributes; the range is a live mapping.
        Self::set(|attributes| unsafe { libc::pthread_attr_setstack(attributes, start, bytes) })
    }

    fn set(set: impl FnOnce(*mut libc::pthread_attr_t) -> libc::c_int) -> io::Result<Self> {
        let mut attributes = Box::new(MaybeUninit::<libc::pthread_attr_t>::uninit());
        // SAFETY: fills in the attributes.
        super::check_number(unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) })?;
        // SAFETY: initialised right above; they stay where they are, in their box.
        let mut attributes = Attributes(Some(unsafe { attributes.assume_init() }));
        if let Some(of_box) = &mut attributes.0 {
            super::check_number(set(&raw mut **of_box))?;
        }
        Ok(attributes)
    }

    #[inline]
    pub(super) fn pointer(&self) -> *const libc::pthread_attr_t {
        self.0.as_deref().map_or(ptr::null(), ptr::from_ref)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        if let Some(attributes) = &mut self.0 {
            // SAFETY: initialised by `set`, and no longer used.
            unsafe { libc::pthread_attr_destroy(&raw mut **attributes) };
        }
    }
}

/// pthread_create(3) of a thread that returns at once, or once it has stamped, and pthread_join(3).
/// Returns when the first of them had returned ([`Timestamp::now_ns`]).
///
/// # Errors
/// EAGAIN at a limit on threads or without memory for the stack.
#[inline]
pub fn pthread_once<M: Timestamp>(attributes: &Attributes, timestamp: &M) -> io::Result<u64> {
    let argument = ptr::from_ref(timestamp).cast_mut().cast();
    // SAFETY: the routine takes a timestamp, which is borrowed until the thread is joined below.
    let thread = unsafe { create(attributes, routine::<M>, argument) }?;
    let returned_ns = M::now_ns();
    join(thread)?;
    Ok(returned_ns)
}

extern "C" fn routine<M: Timestamp>(timestamp: *mut c_void) -> *mut c_void {
    // SAFETY: `pthread_once` passes a timestamp and waits for this thread before it lets go of it.
    let timestamp = unsafe { &*timestamp.cast::<M>() };
    timestamp.stamp();
    ptr::null_mut()
}

/// pthread_create(3).
///
/// # Errors
/// As [`pthread_once`].
///
/// # Safety
/// `argument` is what the routine wants, for as long as the thread lives.
#[inline]
pub(super) unsafe fn create(
    attributes: &Attributes,
    routine: extern "C" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> io::Result<libc::pthread_t> {
    let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
    let (handle, attributes) = (thread.as_mut_ptr(), attributes.pointer());
    // SAFETY: the C library fills in the handle, the attributes are its own, and the routine may
    // use the argument for as long as the thread lives, as this function asks.
    super::check_number(unsafe { libc::pthread_create(handle, attributes, routine, argument) })?;
    // SAFETY: pthread_create succeeded, so it wrote the handle.
    Ok(unsafe { thread.assume_init() })
}

/// pthread_join(3) of a thread that is joined nowhere else.
///
/// # Errors
/// None is expected.
#[inline]
pub(super) fn join(thread: libc::pthread_t) -> io::Result<()> {
    // SAFETY: the handle is one of `create`, whose callers join each once.
    super::check_number(unsafe { libc::pthread_join(thread, ptr::null_mut()) })
}
