//! Objects: what descriptions lead to and names stand for. The list of their kinds is the registration;
//! what an object does is said where its mechanism is.

use std::hash::{Hash, Hasher};

use crate::epoll::Interests;
use crate::eventfd::Counter;
use crate::memory::File;
use crate::name::{Directory, Link, Node};
use crate::payload::Data;
use crate::pidfd::Pidfd;
use crate::pipe::Pipe;
use crate::signalfd::Watched;
use crate::socket::{Bound, Socket};
use crate::world::Description;
use crate::world::World;

/// What every kind of object tells of itself.
pub trait Kind {
    /// What `fstat` calls it: one of [`crate::descriptor::FILE_TYPES`].
    fn file_type(&self) -> &'static str;

    /// What it is called: by its file type, unless several kinds have that.
    fn name(&self) -> &'static str {
        self.file_type()
    }

    /// Whether it is of another sort than the rest of its kind: other rules hold.
    fn is_special(&self) -> bool {
        false
    }

    /// A first descriptor refers to this description of it.
    fn opened(&mut self, _: &Description) {}

    /// No descriptor refers to this description of it any more.
    fn closed(&mut self, _: &Description) {}

    /// The bytes that would be received first from it, if it holds any.
    fn front(&self) -> Option<&Data> {
        None
    }

    /// What a name of it leads to, if it can have one.
    fn node(&self) -> Option<&Node> {
        None
    }

    /// The same, to be changed.
    fn node_mut(&mut self) -> Option<&mut Node> {
        None
    }

    /// The events of which it is news that what it was before became this, though they were there
    /// before: bits by index in [`crate::poll::EVENTS`].
    fn news(&self, _before: &Self) -> u32
    where
        Self: Sized,
    {
        0
    }

    /// The processes that it speaks of.
    fn processes(&self) -> Vec<u8> {
        Vec::new()
    }

    /// The objects that it is joined to: what is done to it may be done to them.
    fn objects(&self) -> Vec<u16> {
        Vec::new()
    }

    /// The objects to which it may be news besides when something is taken out of it, or goes with it.
    fn crowd(&self, world: &World) -> Vec<u16> {
        let _ = world;
        Vec::new()
    }

    /// The descriptions that lie in it, in their order.
    fn descriptions(&self) -> Vec<u16> {
        Vec::new()
    }

    /// Everything of it but which bytes it holds, which no clause asks, which processes it speaks
    /// of, which objects, and which descriptions.
    fn outline(&self, mix: &mut dyn Hasher);
}

macro_rules! objects {
    ($($(#[$text:meta])* $name:ident($kind:ty),)*) => {
        /// A thing that descriptions lead to.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum Object {
            /// A free place.
            None,
            $($(#[$text])* $name($kind),)*
        }

        impl Object {
            /// The names of all kinds.
            pub const KINDS: &[&str] = &[$(stringify!($name)),*];

            /// The place of its kind among all, from 1; 0 if the place is free.
            pub fn place(&self) -> usize {
                enum Place { $($name),* }
                match self {
                    Object::None => 0,
                    $(Object::$name(_) => Place::$name as usize + 1,)*
                }
            }

            /// What it tells of itself, if the place is not free.
            pub fn kind(&self) -> Option<&dyn Kind> {
                match self {
                    Object::None => None,
                    $(Object::$name(kind) => Some(kind),)*
                }
            }

            /// The events of which the change is news in itself; none where it is another kind.
            pub fn news(before: &Object, after: &Object) -> u32 {
                match (before, after) {
                    $((Object::$name(before), Object::$name(after)) => after.news(before),)*
                    _ => 0,
                }
            }

            /// The same, to be changed.
            pub fn kind_mut(&mut self) -> Option<&mut dyn Kind> {
                match self {
                    Object::None => None,
                    $(Object::$name(kind) => Some(kind),)*
                }
            }
        }
    };
}

objects! {
    /// A pipe, with a name (a FIFO) or without.
    Pipe(Pipe),
    /// A directory.
    Directory(Directory),
    /// A symbolic link.
    Link(Link),
    /// An event counter.
    Counter(Counter),
    /// An interest list.
    Interests(Interests),
    /// A file of memory.
    Memory(File),
    /// Signals that are read.
    Watched(Watched),
    /// A process.
    Pidfd(Pidfd),
    /// A socket.
    Socket(Socket),
    /// A name of a socket in a directory.
    Bound(Bound),
}

impl Object {
    /// The bytes that would be received first from it, if it holds any.
    pub fn front(&self) -> Option<&Data> {
        self.kind()?.front()
    }

    /// What a name of it leads to, if it can have one.
    pub fn node(&self) -> Option<&Node> {
        self.kind()?.node()
    }

    /// The same, to be changed.
    pub fn node_mut(&mut self) -> Option<&mut Node> {
        self.kind_mut()?.node_mut()
    }
}

/// A hasher behind a reference.
pub struct Through<'a>(pub &'a mut dyn Hasher);

impl Hasher for Through<'_> {
    fn finish(&self) -> u64 {
        self.0.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }
}

/// Feeds something into a hasher whose type is not known.
pub fn feed(what: &impl Hash, mix: &mut dyn Hasher) {
    what.hash(&mut Through(mix));
}
