//! The terminal itself: entered and given back, waited on, read, and lent to other programs. crossterm is named here alone.
//!
//! Nothing here polls by the clock: `Wait` blocks until a key, a signal, another thread or a change on disk wakes it, and sees a
//! terminal that is gone.

mod child;
mod clipboard;
mod depth;
mod input;
mod modes;
mod wait;

pub use child::{pipe, run_on_terminal, words};
pub use clipboard::{LARGEST, osc52};
pub use depth::{Colors, colors, utf8};
pub use input::{Event, read};
pub use modes::{enter, is_terminal, leave, leave_at_once, lend, mouse, size, stop_for_shell};
pub use wait::{Signals, Wait, Waker, Woken};
