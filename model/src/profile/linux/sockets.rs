//! What Linux denies and contradicts of sockets.

use super::Denial;
use crate::clause::linux;

/// What is taken out, and what shows it.
const fn out(
    clause: &'static str,
    page: &'static str,
    part: &'static str,
    text: &'static str,
) -> Denial {
    Denial { clause, source: linux(page, part), text }
}

pub(super) const DENIED: &[Denial] = &[
    out(
        "socket.sendmsg.unspecified.closed",
        "net/core/scm.c",
        "6.18, scm_fp_copy",
        "It is refused before anything else is looked at.",
    ),
    out(
        "socket.recv.unspecified.along",
        "net/core/scm.c",
        "6.18, scm_recv_unix",
        "Who has no room for descriptors closes them.",
    ),
    out(
        "socket.recvmsg.unspecified.behind",
        "net/unix/af_unix.c",
        "6.18, unix_stream_read_generic",
        "They come with the bytes before them, and with none.",
    ),
    out(
        "socket.recvmsg.unspecified.peek",
        "net/unix/af_unix.c",
        "6.18, unix_peek_fds",
        "Whoever looks gets descriptors of his own.",
    ),
    out(
        "socket.recvmsg.unspecified.lost",
        "net/core/scm.c",
        "6.18, scm_detach_fds",
        "As many come as can, and the others are closed.",
    ),
    out(
        "socket.recv.message.unspecified.reset",
        "net/unix/af_unix.c",
        "6.18, __unix_dgram_recvmsg",
        "The reset is told first, and then what came before it.",
    ),
    out("socket.recv.unspecified.reset", "net/unix/af_unix.c", "6.18, unix_release_sock", "It is."),
    out(
        "socket.recv.err.eagain.late",
        "net/unix/af_unix.c",
        "6.18, unix_stream_read_generic",
        "The flag is looked at once.",
    ),
    out(
        "socket.recv.datagram.unspecified.shut",
        "net/unix/af_unix.c",
        "6.18, __unix_dgram_recvmsg",
        "Who may wait is told the end, and who may not is refused.",
    ),
    out(
        "socket.recv.datagram.unspecified.gone",
        "net/unix/af_unix.c",
        "6.18, unix_release_sock",
        "It is told nothing: there is no connection.",
    ),
    out(
        "socket.read.unspecified.zero",
        "net/socket.c",
        "6.18, sock_read_iter",
        "It does not look.",
    ),
    out(
        "socket.write.unspecified.zero",
        "net/socket.c",
        "6.18, sock_write_iter",
        "It is what send does; writev does nothing.",
    ),
    out(
        "socket.send.err.eagain.late",
        "net/core/sock.c",
        "6.18, sock_alloc_send_pskb",
        "The flag is looked at once.",
    ),
    out(
        "socket.send.unspecified.cut",
        "net/unix/af_unix.c",
        "6.18, unix_stream_sendmsg",
        "A signal goes along for streams where nothing has been sent, and perhaps not for who was under way.",
    ),
    out(
        "socket.send.datagram.unspecified.gone",
        "net/unix/af_unix.c",
        "6.18, unix_dgram_sendmsg",
        "It is refused once, and then not connected; who was under way may be told of a reset.",
    ),
    out(
        "socket.send.datagram.unspecified.shut",
        "net/unix/af_unix.c",
        "6.18, unix_dgram_sendmsg",
        "It is EPIPE, once there is room.",
    ),
    out(
        "socket.shutdown.err.enotconn",
        "net/unix/af_unix.c",
        "6.18, unix_shutdown",
        "It never is.",
    ),
    out(
        "socket.bind.err.einval.first",
        "net/unix/af_unix.c",
        "6.18, unix_bind_bsd",
        "The other name is looked at first.",
    ),
    out("socket.bind.err.eisconn", "net/unix/af_unix.c", "6.18, unix_bind", "It is given one."),
    out("socket.bind.unspecified.nowhere", "unix(7)", "DESCRIPTION", "It is said."),
    out("socket.listen.err.einval.shut", "net/unix/af_unix.c", "6.18, unix_listen", "It is not."),
    out("socket.open.unspecified", "open(2)", "ERRORS", "It is ENXIO."),
    out(
        "socket.truncate.unspecified",
        "truncate(2)",
        "ERRORS",
        "What is no regular file is refused.",
    ),
    out(
        "socket.connect.err.eisconn.first",
        "net/unix/af_unix.c",
        "6.18, unix_stream_connect",
        "The name is looked at first.",
    ),
    out(
        "socket.connect.err.eopnotsupp.first",
        "net/unix/af_unix.c",
        "6.18, unix_stream_connect",
        "The name is looked at first.",
    ),
    out(
        "socket.connect.unspecified.taken",
        "net/unix/af_unix.c",
        "6.18, unix_dgram_connect",
        "It cannot.",
    ),
    out(
        "socket.connect.unspecified.turns",
        "net/unix/af_unix.c",
        "6.18, unix_dgram_disconnected",
        "It is lost.",
    ),
    out(
        "socket.send.datagram.unspecified.another",
        "net/unix/af_unix.c",
        "6.18, unix_may_send",
        "It is refused.",
    ),
    out(
        "socket.connect.unspecified.file",
        "net/unix/af_unix.c",
        "6.18, unix_find_bsd",
        "It is refused.",
    ),
    out(
        "socket.connect.unspecified.room",
        "listen(2)",
        "DESCRIPTION",
        "One more may wait than was asked for, and who finds no room waits, or is refused.",
    ),
    out("socket.connect.unspecified.nowhere", "unix(7)", "DESCRIPTION", "It is said."),
    out(
        "socket.accept.err.eagain.late",
        "net/core/datagram.c",
        "6.18, __skb_recv_datagram",
        "The flag is looked at once.",
    ),
    out(
        "socket.ready.in.perhaps",
        "net/unix/af_unix.c",
        "6.18, unix_poll",
        "Only where a connection waits, or it was shut down.",
    ),
    out(
        "socket.ready.out.perhaps",
        "net/unix/af_unix.c",
        "6.18, unix_writable",
        "What takes connections is not.",
    ),
    out(
        "socket.ready.hup.perhaps",
        "net/unix/af_unix.c",
        "6.18, unix_poll",
        "What was never connected is, and what was shut down.",
    ),
    out("socket.ready.err.perhaps", "net/unix/af_unix.c", "6.18, unix_poll", "It is not."),
    out(
        "socket.ftruncate.unspecified",
        "ftruncate(2)",
        "ERRORS",
        "What is no regular file is refused.",
    ),
];

pub(super) const CONTRADICTED: &[Denial] = &[
    out(
        "socket.listen.err.edestaddrreq",
        "net/unix/af_unix.c",
        "6.18, unix_listen",
        "It is EINVAL.",
    ),
    out(
        "socket.connect.err.eopnotsupp",
        "net/unix/af_unix.c",
        "6.18, unix_stream_connect",
        "It is EINVAL.",
    ),
    out(
        "socket.recv.err.enotconn.stream",
        "net/unix/af_unix.c",
        "6.18, unix_stream_read_generic",
        "It is EINVAL.",
    ),
    out(
        "socket.shutdown.err.enotconn.apart",
        "net/unix/af_unix.c",
        "6.18, unix_shutdown",
        "It is shut down.",
    ),
];
