//! Error numbers by their C names, so that a history means the same on every system. Behind them are the
//! signals by which an access to memory is refused, which has no other way to be told.

use std::fmt;
use std::str::FromStr;

macro_rules! errnos {
    ($($name:ident)*) => {
        /// An error number, by name (POSIX.1-2024 `<errno.h>`).
        #[allow(clippy::upper_case_acronyms)]
        #[allow(missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Errno {
            $($name,)*
            /// A number that this list has no name for: the host may know more than we do.
            Other(i32),
        }

        impl Errno {
            /// Every named error number, in alphabetical order.
            pub const ALL: &'static [Errno] = &[$(Errno::$name),*];

            /// The C spelling, or `E#n` for a number without a name here.
            pub fn name(self) -> String {
                match self {
                    $(Errno::$name => stringify!($name).to_owned(),)*
                    Errno::Other(number) => format!("E#{number}"),
                }
            }
        }
    };
}

errnos! {
    E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBUSY ECHILD
    ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EEXIST EFAULT EFBIG EHOSTUNREACH
    EIDRM EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR ELOOP EMFILE EMLINK EMSGSIZE ENAMETOOLONG
    ENETUNREACH ENFILE ENOBUFS ENODEV ENOENT ENOEXEC ENOLCK ENOMEM ENOMSG ENOPROTOOPT ENOSPC
    ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENXIO EOPNOTSUPP
    EOVERFLOW EOWNERDEAD EPERM EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EROFS ESPIPE
    ESRCH ETIMEDOUT ETOOMANYREFS ETXTBSY EXDEV
    SIGBUS SIGSEGV
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl FromStr for Errno {
    type Err = ();

    fn from_str(text: &str) -> Result<Errno, ()> {
        if let Some(known) = Errno::ALL.iter().find(|errno| errno.name() == text) {
            return Ok(*known);
        }
        let number = text.strip_prefix("E#").and_then(|n| n.parse().ok()).ok_or(())?;
        Ok(Errno::Other(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for errno in Errno::ALL.iter().copied().chain([Errno::Other(4711)]) {
            assert_eq!(errno.name().parse(), Ok(errno));
        }
        assert_eq!("EWHATEVER".parse::<Errno>(), Err(()));
    }
}
