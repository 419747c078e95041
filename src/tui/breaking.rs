//! Breaking down on purpose, in debug builds alone: so that a test sees what a bug would do to a person.

/// The variable that names a place.
#[cfg(debug_assertions)]
const VARIABLE: &str = "OSSIA_BREAK";

/// Breaks down here where the environment of a debug build names this place.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "to break down is what it is for")]
pub fn at(place: &str) {
    if std::env::var(VARIABLE).is_ok_and(|named| named == place) {
        std::panic::panic_any(format!("{VARIABLE} asked for it"));
    }
}

/// Does nothing: what people run reads no such variable.
#[cfg(not(debug_assertions))]
pub const fn at(_place: &str) {}
