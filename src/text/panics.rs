//! What is said of a panic: that something broke and where, and nothing of the texts that it quotes.

use std::any::Any;

/// Gives the message of a panic up to the first text that it quotes: what broke may have had a secret in its hands.
#[must_use]
pub fn said_by_panic(payload: &(dyn Any + Send)) -> String {
    let said = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or_default();
    let quoted = said.find(['`', '"', '\'', '\n']).unwrap_or(said.len());
    said.get(..quoted).unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_quoted() {
        let payload = |text: &str| -> Box<dyn Any + Send> { Box::new(text.to_owned()) };
        // As the standard library writes of a text that is cut inside of a letter.
        let cut = std::panic::catch_unwind(|| "ghp_é-hunter2"[..5].len()).unwrap_err();
        assert!(!said_by_panic(&*cut).contains("ghp_") && !said_by_panic(&*cut).contains("hunter2"), "{}", said_by_panic(&*cut));
        assert_eq!(said_by_panic(&*payload("left == right\n left: 1")), "left == right");
        assert_eq!(said_by_panic(&*(Box::new("the disk is gone") as Box<dyn Any + Send>)), "the disk is gone");
    }
}
