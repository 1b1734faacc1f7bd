//! What somebody wants to do with a socket, and what can be done, with tokio's API.

use std::{fmt, ops};

/// What somebody wants to do. Only reading and writing are simulated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Interest(u8);

/// What can be done now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ready(u8);

impl Interest {
    /// To read.
    pub const READABLE: Self = Self(1);
    /// To write.
    pub const WRITABLE: Self = Self(1 << 1);
    /// To see data that is urgent, which is not simulated.
    pub const PRIORITY: Self = Self(1 << 2);
    /// To see an error alone, which is not simulated: who reads sees it.
    pub const ERROR: Self = Self(1 << 3);

    /// Whether it is to read.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.0 & Self::READABLE.0 != 0
    }

    /// Whether it is to write.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.0 & Self::WRITABLE.0 != 0
    }

    /// Whether it is to see urgent data.
    #[must_use]
    pub const fn is_priority(self) -> bool {
        self.0 & Self::PRIORITY.0 != 0
    }

    /// Whether it is to see an error.
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 & Self::ERROR.0 != 0
    }

    /// Both.
    #[must_use]
    pub const fn add(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This without `other`; `None` if nothing is left.
    #[must_use]
    pub const fn remove(self, other: Self) -> Option<Self> {
        match self.0 & !other.0 {
            0 => None,
            left => Some(Self(left)),
        }
    }

    /// # Panics
    /// If it is neither to read nor to write.
    pub(super) fn assert_simulated(self, call: &str) {
        let is_simulated = self.is_readable() || self.is_writable();
        assert!(is_simulated, "{call} of {self:?} is not supported in a simulated world: only reading and writing are");
    }
}

impl Ready {
    /// Nothing.
    pub const EMPTY: Self = Self(0);
    /// There is something to read, the end and an error included.
    pub const READABLE: Self = Self(1);
    /// There is room to write.
    pub const WRITABLE: Self = Self(1 << 1);
    /// Never shown: a read tells.
    pub const READ_CLOSED: Self = Self(1 << 2);
    /// Never shown: a write tells.
    pub const WRITE_CLOSED: Self = Self(1 << 3);
    /// Never shown.
    pub const PRIORITY: Self = Self(1 << 4);
    /// Never shown: a read tells.
    pub const ERROR: Self = Self(1 << 5);
    /// All there is.
    pub const ALL: Self = Self((1 << 6) - 1);

    const fn has(self, any: u8) -> bool {
        self.0 & any != 0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether something can be read, or nothing will come any more.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.has(Self::READABLE.0 | Self::READ_CLOSED.0)
    }

    /// Whether something can be written, or cannot any more.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.has(Self::WRITABLE.0 | Self::WRITE_CLOSED.0)
    }

    /// Whether nothing will come any more.
    #[must_use]
    pub const fn is_read_closed(self) -> bool {
        self.has(Self::READ_CLOSED.0)
    }

    /// Whether nothing can be written any more.
    #[must_use]
    pub const fn is_write_closed(self) -> bool {
        self.has(Self::WRITE_CLOSED.0)
    }

    /// Whether there is urgent data.
    #[must_use]
    pub const fn is_priority(self) -> bool {
        self.has(Self::PRIORITY.0)
    }

    /// Whether there is an error.
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.has(Self::ERROR.0)
    }
}

impl ops::BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.add(other)
    }
}

impl ops::BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl ops::BitOr for Ready {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl ops::BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl ops::BitAnd for Ready {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl ops::Sub for Ready {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.is_readable(), "READABLE"),
            (self.is_writable(), "WRITABLE"),
            (self.is_priority(), "PRIORITY"),
            (self.is_error(), "ERROR"),
        ];
        let names: Vec<_> = names.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
        f.write_str(&names.join(" | "))
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready")
            .field("is_readable", &self.is_readable())
            .field("is_writable", &self.is_writable())
            .field("is_read_closed", &self.is_read_closed())
            .field("is_write_closed", &self.is_write_closed())
            .field("is_error", &self.is_error())
            .field("is_priority", &self.is_priority())
            .finish()
    }
}
