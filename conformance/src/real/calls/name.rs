//! Names.

use ipc_impls::name as sys;
use ipc_model::name::{LINK, MKDIR, RENAME, RMDIR, SETUID, STAT, SYMLINK, UMASK, UNLINK};

use super::{Driver, answer, nothing};
use crate::real::wire::Answer;

/// Who owns nothing (`nobody`, by the number that Linux gives to users who have none).
const NOBODY: u32 = 65_534;

pub(super) static DRIVERS: &[Driver] = &[
    Driver::new(&MKDIR, |_, step| nothing(sys::mkdir(&step.text(0), step.number(1) as u32))),
    Driver::new(&RMDIR, |_, step| nothing(sys::rmdir(&step.text(0)))),
    Driver::new(&UNLINK, |_, step| nothing(sys::unlink(&step.text(0)))),
    Driver::new(&LINK, |_, step| nothing(sys::link(&step.text(0), &step.text(1)))),
    Driver::new(&SYMLINK, |_, step| nothing(sys::symlink(&step.text(0), &step.text(1)))),
    Driver::new(&RENAME, |_, step| nothing(sys::rename(&step.text(0), &step.text(1)))),
    Driver::new(&STAT, |_, step| {
        answer(sys::mode(&step.text(0)), |mode| Answer::Number(mode.into()))
    }),
    Driver::new(&UMASK, |_, step| Answer::Number(sys::umask(step.number(0) as u32).into())),
    Driver::new(&SETUID, |_, _| nothing(sys::become_user(NOBODY))).lasting(),
];
