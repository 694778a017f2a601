//! Thin typed drivers for every kernel mechanism: one system call an operation, nothing checked, nothing retried.
