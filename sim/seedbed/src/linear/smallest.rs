//! From a history that is not linearizable to the few operations that contradict each other, by the rules of the
//! module's documentation.

use super::search::{Placed, Span, Steps, Verdict};

/// A part of a history that is not linearizable.
pub(super) struct Smallest<S> {
    /// Which operations, in the order of their calls, and whether they had returned by then.
    pub(super) kept: Vec<(usize, bool)>,
    /// The one that returned last, among those kept.
    pub(super) unexplained: usize,
    /// An order of those kept that explains all but what that one returned; it may be part of it, with another return.
    /// `None` if the steps were not enough for one.
    pub(super) order: Option<Vec<Placed<S>>>,
    /// Whether all that was asked was decided.
    pub(super) is_smallest: bool,
}

/// A search of spans within these steps.
pub(super) type Search<'a, Op, Ret, S> = &'a dyn Fn(&[Span<'_, Op, Ret>], &mut Steps) -> Verdict<S>;

/// The smallest part of `spans`, which are not linearizable; as small as it becomes in four times `steps_max`.
pub(super) fn smallest<Op, Ret, S>(
    spans: &[Span<'_, Op, Ret>],
    search: Search<'_, Op, Ret, S>,
    steps_max: u64,
) -> Smallest<S> {
    let mut halving = Trials::new(search, steps_max.saturating_mul(2), steps_max);
    let (prefix, last) = shortest_prefix(spans, &mut halving);
    // One trial that goes nowhere is not to be the last.
    let mut trials = Trials::new(search, steps_max, steps_max / 20);
    trials.is_complete = halving.is_complete;
    let mut is_needed = vec![false; prefix.len()];
    is_needed[last] = true;
    let mut shrinking = Shrinking { spans: &prefix, last, is_needed, trials };
    let kept = shrinking.shrink();
    let order = match search(&shrinking.explicable(&kept), &mut Steps::new(steps_max)) {
        Verdict::Linearizable(order) => Some(order),
        Verdict::Not | Verdict::Undecided => None,
    };
    let unexplained = kept.iter().position(|&index| index == last).expect("the last to return is never left out");
    let kept = kept.into_iter().map(|index| (index, prefix[index].returned.is_some())).collect();
    Smallest { kept, unexplained, order, is_smallest: shrinking.trials.is_complete }
}

/// Searches that share a number of steps.
struct Trials<'a, Op, Ret, S> {
    search: Search<'a, Op, Ret, S>,
    steps: Steps,
    /// How many of them one search may take.
    share: u64,
    /// Whether all that was asked was decided.
    is_complete: bool,
}

impl<'a, Op, Ret, S> Trials<'a, Op, Ret, S> {
    const fn new(search: Search<'a, Op, Ret, S>, steps_max: u64, share: u64) -> Self {
        Self { search, steps: Steps::new(steps_max), share, is_complete: true }
    }

    fn ask(&mut self, spans: &[Span<'_, Op, Ret>]) -> Verdict<S> {
        let mut steps = Steps::new(self.share.min(self.steps.max - self.steps.taken));
        let verdict = (self.search)(spans, &mut steps);
        self.steps.taken += steps.taken;
        self.is_complete &= !matches!(verdict, Verdict::Undecided);
        verdict
    }

    fn fail(&mut self, spans: &[Span<'_, Op, Ret>]) -> bool {
        matches!(self.ask(spans), Verdict::Not)
    }

    fn pass(&mut self, spans: &[Span<'_, Op, Ret>]) -> bool {
        matches!(self.ask(spans), Verdict::Linearizable(_))
    }

    const fn are_over(&self) -> bool {
        self.steps.taken >= self.steps.max
    }
}

/// What was known of `spans` when the first return came that cannot be explained, and whose it was. A prefix of what
/// can be explained can be, so halving finds it.
fn shortest_prefix<'a, Op, Ret, S>(
    spans: &[Span<'a, Op, Ret>],
    trials: &mut Trials<'_, Op, Ret, S>,
) -> (Vec<Span<'a, Op, Ret>>, usize) {
    let mut returns: Vec<_> = spans.iter().filter_map(|span| Some(span.returned?.1)).collect();
    returns.sort_unstable();
    let (mut first, mut last) = (0, returns.len() - 1);
    while first < last {
        let middle = first.midpoint(last);
        if trials.fail(&until(spans, returns[middle])) {
            last = middle;
        } else {
            first = middle + 1;
        }
    }
    let prefix = until(spans, returns[last]);
    let is_last = |span: &Span<'_, _, _>| span.returned.is_some_and(|(_, returned)| returned == returns[last]);
    let last = prefix.iter().position(is_last).expect("what returned was called before");
    (prefix, last)
}

/// What was known of `spans` right after the moment `end`.
fn until<'a, Op, Ret>(spans: &[Span<'a, Op, Ret>], end: u64) -> Vec<Span<'a, Op, Ret>> {
    let known = spans.iter().take_while(|span| span.called < end);
    known.map(|span| if span.returned.is_some_and(|(_, at)| at > end) { span.pending() } else { *span }).collect()
}

/// Leaves out what the contradiction does not need.
struct Shrinking<'a, 'b, 's, Op, Ret, S> {
    spans: &'a [Span<'b, Op, Ret>],
    /// The one that returned last.
    last: usize,
    /// What cannot be left out cannot be either when even less is known.
    is_needed: Vec<bool>,
    trials: Trials<'s, Op, Ret, S>,
}

impl<'b, Op, Ret, S> Shrinking<'_, 'b, '_, Op, Ret, S> {
    /// Which of the spans remain when no more can be left out. Neighbours are tried together first, then by fewer: an
    /// operation and what undoes it can only go together.
    fn shrink(&mut self) -> Vec<usize> {
        let mut kept: Vec<_> = (0..self.spans.len()).collect();
        let mut size = kept.len() / 2;
        while size > 0 {
            let before = kept.len();
            let mut start = 0;
            while start < kept.len() && !self.trials.are_over() {
                if !self.trials.is_complete {
                    // What is tried alone had better be little.
                    size = size.min(2);
                }
                let end = (start + size).min(kept.len());
                let rest = [&kept[..start], &kept[end..]].concat();
                if self.is_spare(&kept[start..end], &rest) {
                    kept = rest;
                } else {
                    start += size.div_ceil(2);
                }
            }
            size = if kept.len() < before { kept.len() / 2 } else { size / 2 };
        }
        kept
    }

    /// Whether `window` can be left out, and `rest` be shown.
    fn is_spare(&mut self, window: &[usize], rest: &[usize]) -> bool {
        if window.iter().any(|&index| self.is_needed[index]) {
            return false;
        }
        let explicable = self.explicable(rest);
        if !self.trials.pass(&explicable) {
            return false;
        }
        let is_still_wrong = self.is_still_wrong(window, rest);
        if !is_still_wrong && let [index] = window {
            self.is_needed[*index] = true;
        }
        is_still_wrong
    }

    /// Whether what is left out explains nothing: all of it, whenever it took effect. That is too much to try if it is
    /// many operations with many states; then these alone are tried so, and `rest` must be wrong by itself.
    fn is_still_wrong(&mut self, window: &[usize], rest: &[usize]) -> bool {
        if self.trials.is_complete {
            let others_pending = self.pending_unless(|index| rest.binary_search(&index).is_ok());
            match self.trials.ask(&others_pending) {
                Verdict::Not => return true,
                Verdict::Linearizable(_) => return false,
                Verdict::Undecided => {}
            }
        }
        let shown: Vec<_> = rest.iter().map(|&index| self.spans[index]).collect();
        let window_pending = self.pending_unless(|index| window.binary_search(&index).is_err());
        self.trials.fail(&shown) && self.trials.fail(&window_pending)
    }

    /// Those kept alone, without what the last one returned.
    fn explicable(&self, kept: &[usize]) -> Vec<Span<'b, Op, Ret>> {
        let span = |&index: &usize| if index == self.last { self.spans[index].pending() } else { self.spans[index] };
        kept.iter().map(span).collect()
    }

    /// All, of which some may have taken effect or not.
    fn pending_unless(&self, is_known: impl Fn(usize) -> bool) -> Vec<Span<'b, Op, Ret>> {
        let span = |(index, span): (usize, &Span<'b, Op, Ret>)| if is_known(index) { *span } else { span.pending() };
        self.spans.iter().enumerate().map(span).collect()
    }
}
