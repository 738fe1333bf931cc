//! The study's questions, one file each.
