//! The operations that the search has not placed yet, and which of them may come next. Knows no states.

use super::{links::Links, search::Span, visited::Bits};

/// Those without a place in the order.
pub(super) struct Open<'a, 'b, Op, Ret> {
    pub(super) spans: &'a [Span<'b, Op, Ret>],
    pub(super) returned: Sort,
    pub(super) pending: Sort,
    /// Those that returned, by return.
    by_return: Links,
    /// Each one's number among those of its sort.
    numbers: Vec<usize>,
}

/// Returned or pending operations.
pub(super) struct Sort {
    /// Without a place, by call.
    by_call: Links,
    pub(super) placed: Bits,
}

impl Sort {
    fn new(order: &[usize], n: usize) -> Self {
        Self { by_call: Links::new(order.iter().copied(), n), placed: Bits::default() }
    }

    fn after(&self, last: Option<usize>) -> Option<usize> {
        last.map_or_else(|| self.by_call.first(), |index| self.by_call.after(index))
    }
}

impl<'a, 'b, Op, Ret> Open<'a, 'b, Op, Ret> {
    pub(super) fn new(spans: &'a [Span<'b, Op, Ret>]) -> Self {
        let (pending, returned): (Vec<_>, Vec<_>) =
            (0..spans.len()).partition(|&index| spans[index].returned.is_none());
        let mut numbers = vec![0; spans.len()];
        for sort in [&pending, &returned] {
            sort.iter().enumerate().for_each(|(number, &index)| numbers[index] = number);
        }
        let mut by_return = returned.clone();
        by_return.sort_by_key(|&index| spans[index].returned.map(|(_, returned)| returned));
        Self {
            spans,
            returned: Sort::new(&returned, spans.len()),
            pending: Sort::new(&pending, spans.len()),
            by_return: Links::new(by_return, spans.len()),
            numbers,
        }
    }

    fn is_pending(&self, index: usize) -> bool {
        self.spans[index].returned.is_none()
    }

    pub(super) fn is_all_explained(&self) -> bool {
        self.by_return.first().is_none()
    }

    /// Of those that returned, what may come next: what was called before any of these returned. After one, or the first.
    pub(super) fn returned_after(&self, last: Option<usize>) -> Option<usize> {
        self.in_time(self.returned.after(last)?)
    }

    /// The same of those that are pending.
    pub(super) fn pending_after(&self, last: Option<usize>) -> Option<usize> {
        self.in_time(self.pending.after(last)?)
    }

    fn in_time(&self, index: usize) -> Option<usize> {
        let (_, deadline) = self.spans[self.by_return.first()?].returned?;
        (self.spans[index].called < deadline).then_some(index)
    }

    pub(super) fn place(&mut self, index: usize) {
        let sort = if self.is_pending(index) { &mut self.pending } else { &mut self.returned };
        sort.by_call.lift(index);
        sort.placed.insert(self.numbers[index]);
        if !self.is_pending(index) {
            self.by_return.lift(index);
        }
    }

    /// Takes back what was placed last.
    pub(super) fn take_back(&mut self, index: usize) {
        let sort = if self.is_pending(index) { &mut self.pending } else { &mut self.returned };
        sort.by_call.put_back(index);
        sort.placed.remove(self.numbers[index]);
        if !self.is_pending(index) {
            self.by_return.put_back(index);
        }
    }
}
