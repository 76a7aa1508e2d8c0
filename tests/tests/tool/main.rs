//! The tool `ironlink`, called as a shell would call it: what its options do, and what it says.

mod errors;
mod explain;
mod hostile;
mod linking;
mod looking;
mod running;
mod workshop;
