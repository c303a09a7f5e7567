//! Mappings: stacks, ballast, and memory shared between actors.

mod touch;

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU32;

/// Bytes of a base page (sysconf(3)): 4 KiB, on some 64-bit Arm kernels 16 or 64.
///
/// # Panics
/// Never on Linux, which always knows it.
#[must_use]
pub fn page_bytes() -> usize {
    let known = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok().flatten();
    known.expect("Linux knows the size of a page") as usize
}

/// A mapping, unmapped on drop. All access goes through atomic words, because other actors see it
/// too.
#[derive(Debug)]
pub struct Mapping {
    start: NonNull<libc::c_void>,
    bytes: usize,
    page_bytes: usize,
}

// SAFETY: the mapping belongs to the process, not to a thread, and is read and written through
// atomics alone.
unsafe impl Send for Mapping {}
// SAFETY: as for Send.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Private memory, copied on write by forked children.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn private(bytes: usize) -> io::Result<Self> {
        Self::map(bytes, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1)
    }

    /// [`Mapping::private`] by the number of base pages.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn private_pages(pages: usize) -> io::Result<Self> {
        Self::private(pages * page_bytes())
    }

    /// The first pages of a file, of which a page that is written becomes this process's own.
    ///
    /// # Errors
    /// ENOMEM, EACCES; EFAULT for a file that is shorter.
    pub fn private_file(file: &std::fs::File, pages: usize) -> io::Result<Self> {
        let bytes = pages * page_bytes();
        if file.metadata()?.len() < bytes as u64 {
            return Err(io::Error::from_raw_os_error(libc::EFAULT));
        }
        Self::map(bytes, libc::MAP_PRIVATE, file.as_raw_fd())
    }

    /// Memory that forked children share.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn shared(bytes: usize) -> io::Result<Self> {
        Self::map(bytes, libc::MAP_SHARED | libc::MAP_ANONYMOUS, -1)
    }

    /// The first bytes of a file, shared with all who map or write it. Beyond the file's last page
    /// lies nothing: to touch it is a SIGBUS.
    ///
    /// # Errors
    /// ENOMEM, EACCES for a file that is not open for reading and writing.
    pub(super) fn of_file(file: BorrowedFd<'_>, bytes: usize) -> io::Result<Self> {
        Self::map(bytes, libc::MAP_SHARED, file.as_raw_fd())
    }

    fn map(bytes: usize, flags: libc::c_int, file: RawFd) -> io::Result<Self> {
        let page_bytes = page_bytes();
        let bytes = bytes.max(1).next_multiple_of(page_bytes);
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing that exists.
        let start = unsafe { libc::mmap(ptr::null_mut(), bytes, rights, flags, file, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start).ok_or_else(|| io::Error::other("mmap gave page zero"))?;
        Ok(Mapping { start, bytes, page_bytes })
    }

    /// Private memory that begins at a multiple of its own length, which is a power of two, as a
    /// huge page does.
    ///
    /// # Errors
    /// ENOMEM.
    pub(super) fn aligned(bytes: usize) -> io::Result<Self> {
        let whole = Self::private(2 * bytes)?;
        let before = whole.start.addr().get().next_multiple_of(bytes) - whole.start.addr().get();
        // What is before and behind is given back when it goes out of scope.
        let (_before, rest) = whole.split(before);
        let (aligned, _behind) = rest.split(bytes);
        Ok(aligned)
    }

    /// Its first, third, fifth page and so on, touched, each a mapping of its own: the pages
    /// between them are given back.
    ///
    /// # Errors
    /// ENOMEM at the limit on mappings; then all of it is given back.
    pub fn every_second_page(self) -> io::Result<Vec<Mapping>> {
        let page_bytes = self.page_bytes;
        let mut rest = self;
        let mut pages = Vec::with_capacity(rest.bytes / page_bytes / 2);
        while rest.bytes > page_bytes {
            let (page, behind) = rest.split(page_bytes);
            page.touch_all();
            pages.push(page);
            let (hole, behind) = behind.split(page_bytes);
            hole.unmap()?;
            rest = behind;
        }
        Ok(pages)
    }

    /// The mapping in two: its first `bytes`, a multiple of a page, and what is behind, which may
    /// be nothing.
    pub(super) fn split(self, bytes: usize) -> (Self, Self) {
        let Mapping { start, bytes: all, page_bytes } = self;
        std::mem::forget(self);
        // SAFETY: not beyond the end of the same mapping.
        let middle = unsafe { start.byte_add(bytes.min(all)) };
        let part = |start, bytes| Mapping { start, bytes, page_bytes };
        (part(start, bytes.min(all)), part(middle, all.saturating_sub(bytes)))
    }

    /// Gives it back and says whether that worked: a hole in the middle of a mapping makes two of
    /// one.
    fn unmap(self) -> io::Result<()> {
        let Mapping { start, bytes, .. } = self;
        std::mem::forget(self);
        // SAFETY: the range was mapped by `map` and is no longer borrowed.
        super::check(unsafe { libc::munmap(start.as_ptr(), bytes) }.into()).map(drop)
    }

    /// Asks the kernel to back the mapping by base pages only (madvise(2), MADV_NOHUGEPAGE).
    ///
    /// # Errors
    /// EINVAL where the kernel knows no huge pages: then there is nothing to refuse.
    pub fn refuse_huge_pages(&self) -> io::Result<()> {
        // SAFETY: the range is this mapping's own; the advice changes no contents.
        let returned =
            unsafe { libc::madvise(self.start.as_ptr(), self.bytes, libc::MADV_NOHUGEPAGE) };
        super::check(returned.into()).map(drop)
    }

    /// Asks the kernel to back the mapping by huge pages (madvise(2), MADV_HUGEPAGE), which it
    /// grants for the parts that hold one whole, and where it has one free.
    ///
    /// # Errors
    /// EINVAL where the kernel knows no huge pages.
    pub fn prefer_huge_pages(&self) -> io::Result<()> {
        // SAFETY: the range is this mapping's own; the advice changes no contents.
        let returned =
            unsafe { libc::madvise(self.start.as_ptr(), self.bytes, libc::MADV_HUGEPAGE) };
        super::check(returned.into()).map(drop)
    }

    /// Forbids writing to the first `pages` pages and allows it again (mprotect(2)). What the
    /// pages' translations allowed is taken away in between, so the kernel must drop them from the
    /// TLB: one by one where they are few, by a flush of the whole where they are more than some
    /// tens (x86: `tlb_single_page_flush_ceiling`, 33). Pages that were never touched have no
    /// translation to drop.
    ///
    /// # Errors
    /// ENOMEM, also for more pages than there are.
    #[inline]
    pub fn forbid_and_allow_writing(&mut self, pages: usize) -> io::Result<()> {
        let bytes = pages * self.page_bytes;
        if bytes > self.bytes {
            return Err(io::Error::from_raw_os_error(libc::ENOMEM));
        }
        for rights in [libc::PROT_READ, libc::PROT_READ | libc::PROT_WRITE] {
            // SAFETY: the range is this mapping's own and exclusively borrowed, so that nobody
            // writes to it meanwhile.
            let returned = unsafe { libc::mprotect(self.start.as_ptr(), bytes, rights) };
            super::check(returned.into())?;
        }
        Ok(())
    }

    /// The mapping as words.
    #[must_use]
    #[inline]
    pub fn words(&self) -> &[AtomicU32] {
        // SAFETY: the mapping is live, page-aligned and zeroed by the kernel, and every access to
        // it is atomic.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().cast(), self.bytes / 4) }
    }

    /// Gives its pages back and keeps the addresses: the next touch of each is a fault that finds a
    /// new page (madvise(2), MADV_DONTNEED).
    ///
    /// # Errors
    /// EINVAL for locked pages.
    #[inline]
    pub fn give_back_pages(&self) -> io::Result<()> {
        // SAFETY: the range is this mapping's own, and zero is a value of its words as any other.
        let returned =
            unsafe { libc::madvise(self.start.as_ptr(), self.bytes, libc::MADV_DONTNEED) };
        super::check(returned.into()).map(drop)
    }

    /// Makes the whole mapping resident as if every page had been written, at once where the kernel
    /// can do that (madvise(2), MADV_POPULATE_WRITE, Linux 5.14), else page by page.
    ///
    /// # Errors
    /// ENOMEM, EFAULT: what a write would have been killed for.
    pub fn populate(&self) -> io::Result<()> {
        // SAFETY: the range is this mapping's own; the advice changes no contents.
        let returned =
            unsafe { libc::madvise(self.start.as_ptr(), self.bytes, libc::MADV_POPULATE_WRITE) };
        match super::check(returned.into()) {
            Err(e) if e.raw_os_error() == Some(libc::EINVAL) => {
                self.touch_all();
                Ok(())
            }
            populated => populated.map(drop),
        }
    }

    /// Its length, bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The start of the mapping, for what `sys` lays out in it.
    pub(super) fn start(&self) -> NonNull<libc::c_void> {
        self.start
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if self.bytes > 0 {
            // SAFETY: the range was mapped by `map` and is no longer borrowed.
            unsafe { libc::munmap(self.start.as_ptr(), self.bytes) };
        }
    }
}

/// Memory without access rights (mprotect(2), PROT_NONE): a fault in it ends what runs over the end
/// of its neighbour.
#[derive(Debug)]
pub(super) struct Guard {
    _pages: Mapping,
}

impl Guard {
    /// Forbids all access to the mapping, which is no longer reachable.
    ///
    /// # Errors
    /// ENOMEM at the limit on mappings.
    pub(super) fn over(mapping: Mapping) -> io::Result<Self> {
        let (start, bytes) = (mapping.start.as_ptr(), mapping.bytes);
        // SAFETY: the range is this mapping's own, and the guard that takes it over hands out no
        // way into it.
        super::check(unsafe { libc::mprotect(start, bytes, libc::PROT_NONE) }.into())?;
        Ok(Guard { _pages: mapping })
    }
}
