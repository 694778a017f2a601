//! Every interleaving of the shared-memory code that ships.
