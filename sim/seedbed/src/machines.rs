//! How machines are named to what is done to several: one by its handle, or all whose names are like a pattern.

use crate::{context, disk::MachineId, program::Program, world::Machine};

/// One machine or several: a [`Machine`], the one of a [`Program`], or a pattern of names in which `*` stands for any
/// letters, also none. What is made later is not meant.
///
/// # Panics
/// A pattern panics where it is used if no machine's name is like it: nothing would ever happen, and nobody would notice.
pub trait Machines: private::Meant {}

impl<T: private::Meant + ?Sized> Machines for T {}

pub(crate) mod private {
    use crate::disk::MachineId;

    /// Sealed.
    pub trait Meant {
        #[doc(hidden)]
        fn meant(&self) -> Vec<Numbered>;
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Numbered(pub(crate) MachineId);
}

use private::{Meant, Numbered};

impl Meant for Machine {
    fn meant(&self) -> Vec<Numbered> {
        vec![Numbered(self.id())]
    }
}

impl Meant for Program {
    fn meant(&self) -> Vec<Numbered> {
        self.machine().meant()
    }
}

impl Meant for str {
    fn meant(&self) -> Vec<Numbered> {
        let all = context::with(|core| core.network(|network| network.machines()));
        let meant: Vec<_> = all.iter().filter(|(_, name)| is_like(name, self)).map(|(id, _)| Numbered(*id)).collect();
        let names = || all.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
        assert!(!meant.is_empty(), "no machine's name is like `{self}`: there are {}", names());
        meant
    }
}

/// All pairs of one and another machine.
///
/// # Panics
/// If there is none.
pub(crate) fn pairs(one: &(impl Machines + ?Sized), other: &(impl Machines + ?Sized)) -> Vec<[MachineId; 2]> {
    let (ones, others) = (one.meant(), other.meant());
    let mut pairs: Vec<[MachineId; 2]> = Vec::new();
    for Numbered(one) in ones {
        for &Numbered(other) in &others {
            if one != other && !pairs.contains(&[one, other]) && !pairs.contains(&[other, one]) {
                pairs.push([one, other]);
            }
        }
    }
    pairs
}

fn is_like(name: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(name) = name.strip_prefix(start) else { return false };
    let ends = (0..=name.len()).filter(|&end| name.is_char_boundary(end));
    ends.into_iter().any(|end| is_like(&name[end..], rest))
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (name, pattern, expected) in [
            ("store", "store", true),
            ("store-2", "store", false),
            ("store-2", "store*", true),
            ("store", "store*", true),
            ("client-7", "*-7", true),
            ("client-17", "c*-*7", true),
            ("client-17", "c*-*8", false),
            ("", "*", true),
            ("märz", "m*z", true),
        ] {
            assert_eq!(is_like(name, pattern), expected, "{name} and {pattern}");
        }
    }
}
