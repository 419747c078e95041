//! Every screen that shows one trajectory, or a list of them, at three sizes with its styles.

use crate::screens::demo;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (160, 50)];

/// Presses keys and keeps the screen at every size; how long a search took is not a part of it.
fn keep(name: &str, keys: &str) {
    for (width, height) in SIZES {
        let mut bench = demo((width, height));
        bench.screen.press(keys);
        bench.screen.state.library.took_ms = 0.0;
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), bench.screen.screen());
    }
}

#[test]
fn the_library_is_drawn_at_every_size() {
    keep("library", "");
    keep("library_steps", "/make<enter>j");
    keep("library_facets", "Fj<enter>");
}

#[test]
fn a_trajectory_is_drawn_at_every_size() {
    keep("trajectory_denial", "/handbook<enter><enter>gg]djk");
    keep("trajectory_call", "/handbook<enter><enter>gg]d[awt");
    keep("trajectory_page", "/disk<enter><enter>gg]f<tab>");
}

#[test]
fn a_comparison_is_drawn_at_every_size() {
    keep("compare", "/tool:bash<enter>vjjv=");
}

#[test]
fn a_review_is_drawn_at_every_size() {
    keep("review", "grrisk<enter>");
    keep("review_answered", "grrisk<enter>3u3<backspace>");
}

#[test]
fn what_lies_over_a_screen_is_drawn_at_every_size() {
    keep("help", "/handbook<enter><enter>?");
    keep("palette", ":copy");
    keep("signs", "g?");
    keep("executions", "/handbook<enter><enter>E");
    keep("facts", "/handbook<enter><enter>gg]dA");
}
