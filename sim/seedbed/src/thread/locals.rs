//! The calling thread's copy of the program's thread-local variables: where what others keep there is found by its value, and
//! written. Only where that was tried: 64-bit Intel, Linux, glibc.
#![expect(unsafe_code, reason = "no variable of another crate can be named; the proofs stand beside each use")]

use std::{
    arch::asm,
    ffi::{c_int, c_void},
    ptr::NonNull,
};

/// The variables of this thread, std's among them when std is linked into the program.
pub(super) struct Block {
    start: NonNull<u8>,
    bytes: usize,
}

impl Block {
    pub(super) fn of_this_thread() -> Option<Block> {
        let mut block: Option<Block> = None;
        // SAFETY: The callback is one for this call: it wants a pointer to an `Option<Block>`, gets the one to the
        // local above, which outlives the call, and does not unwind, since nothing in it can panic.
        unsafe { libc::dl_iterate_phdr(Some(block_of_program), (&raw mut block).cast()) };
        block
    }

    /// The one place in the block where these words stand side by side, aligned as they are.
    pub(super) fn only_place_of<const N: usize>(&self, words: [u64; N]) -> Option<NonNull<u64>> {
        let offset = self.search(0, words)?;
        if self.search(offset + 1, words).is_some() {
            return None;
        }
        // SAFETY: `search` found it inside the block, so the sum stays inside the block's one allocation.
        let place = unsafe { self.start.add(offset) }.cast::<u64>();
        place.is_aligned().then_some(place)
    }

    /// Offset of the first occurrence at or after `from`, which is at most the block's size.
    fn search<const N: usize>(&self, from: usize, words: [u64; N]) -> Option<usize> {
        assert!(from <= self.bytes, "offset {from} of a block of {} bytes", self.bytes);
        // By the C library, not by a loop of ours: the block holds other variables too, with padding and
        // uninitialised parts, borrowed or atomic, of which Rust code must not make integers. To `memmem` they are
        // memory like any other.
        //
        // SAFETY: `start` and `bytes` are the calling thread's block as the loader mapped it, readable to its end and
        // living as long as the thread; `from` is inside it or just behind it. The needle is a live local of
        // the stated size. `memmem` writes nothing, and it is a foreign call, before which the compiler has to have
        // stored what other code may read. Should another thread be changing a variable of this block
        // (an atomic that it was lent), loads on this architecture still give some bytes, and bytes that are
        // not the words sought decide nothing.
        let found = unsafe {
            let rest = self.start.add(from);
            libc::memmem(rest.as_ptr().cast(), self.bytes - from, (&raw const words).cast(), size_of_val(&words))
        };
        Some(NonNull::new(found)?.addr().get() - self.start.addr().get())
    }
}

/// Tells `dl_iterate_phdr` the block of the program itself, which it visits first, and that this is enough.
///
/// # Safety
/// Only for `dl_iterate_phdr`, with a pointer to a writable `Option<Block>` as its data.
unsafe extern "C" fn block_of_program(info: *mut libc::dl_phdr_info, size: usize, found: *mut c_void) -> c_int {
    const STOP: c_int = 1;
    if size < size_of::<libc::dl_phdr_info>() {
        return STOP; // A C library from before `dlpi_tls_data`.
    }
    // SAFETY: `dl_iterate_phdr` passes a valid record, for the time of the call, of the size just checked.
    let info = unsafe { &*info };
    let Some(headers) = NonNull::new(info.dlpi_phdr.cast_mut()) else {
        return STOP;
    };
    // SAFETY: The record states this array, which is part of the loaded program: mapped for as long as it runs, and
    // never written after loading.
    let headers = unsafe { std::slice::from_raw_parts(headers.as_ptr(), usize::from(info.dlpi_phnum)) };
    let Some(header) = headers.iter().find(|header| header.p_type == libc::PT_TLS) else {
        return STOP;
    };
    // `dlpi_tls_data` is the calling thread's block, so nobody here has to know how the thread pointer lies to it.
    if let Some(start) = NonNull::new(info.dlpi_tls_data.cast()) {
        // SAFETY: By this function's contract; the old value is `None`, which needs no drop.
        unsafe { found.cast::<Option<Block>>().write(Some(Block { start, bytes: header.p_memsz as usize })) };
    }
    STOP
}

/// Writes a word that is another's variable, or part of one.
///
/// Assembly rather than a store: when the optimiser sees all the code that uses the variable, it may prove that its address
/// never leaves that code, and keep the value in a register across a store through a foreign pointer. What an `asm!` block
/// touches it cannot know, so it has to write the variable back and load it again.
///
/// # Safety
/// As a store of that word there would be: the place is writable and aligned, nobody else accesses it meanwhile, and what is
/// written is a value of the variable.
pub(super) unsafe fn write(place: NonNull<u64>, word: u64) {
    // SAFETY: by this function's contract. The block touches no stack and no flags.
    unsafe {
        asm!(
            "mov qword ptr [{place}], {word}",
            place = in(reg) place.as_ptr(),
            word = in(reg) word,
            options(nostack, preserves_flags),
        );
    }
}
