//! What a failed call left in `errno`.

use std::fmt;

/// An error number as this host counts them: the host may know more of them than we have names for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

impl Errno {
    /// The calling thread's `errno`.
    pub fn last() -> Errno {
        Errno(nix::errno::Errno::last_raw())
    }

    /// The C name (`EPIPE`), or `None` for a number that has none here.
    pub fn name(self) -> Option<String> {
        match nix::errno::Errno::from_raw(self.0) {
            nix::errno::Errno::UnknownErrno => None,
            known => Some(format!("{known:?}")),
        }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(&name),
            None => write!(f, "E#{}", self.0),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Errno {}

/// What a call gives: its value, or what it left in `errno`.
pub type Result<T> = std::result::Result<T, Errno>;

/// -1 is failure for every call that returns an `int`.
pub(crate) fn int(returned: i32) -> Result<i32> {
    if returned == -1 { Err(Errno::last()) } else { Ok(returned) }
}

/// -1 is failure for every call that returns a `ssize_t`.
pub(crate) fn size(returned: isize) -> Result<usize> {
    if returned == -1 { Err(Errno::last()) } else { Ok(returned as usize) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_name_keeps_its_number() {
        assert_eq!(format!("{:?}", Errno(nix::libc::EPIPE)), "EPIPE");
        assert_eq!(format!("{:?}", Errno(4711)), "E#4711");
    }
}
