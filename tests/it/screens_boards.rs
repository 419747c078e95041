//! The screens that show what was worked out over many trajectories, driven by keys at three sizes.

use crate::screens::{demo, open};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (160, 50)];

#[test]
fn insights_are_drawn_at_every_size() {
    for (width, height) in SIZES {
        let mut bench = demo((width, height));
        bench.sees("gi", &["boundary", "the two ratios hold only together", "asked where it had to", "went on where it could", "stopped"]);
        insta::assert_snapshot!(format!("insights_{width}x{height}"), bench.screen.screen());
        bench.sees("G", &["queues"]).sees("<tab>", &["Library"]);
    }
}

#[test]
fn insights_count_what_the_library_shows() {
    let mut bench = demo((160, 50));
    bench.sees("/is:denied<enter>gi", &["is:denied", "points judged"]);
    let denied = bench.screen.state.insights.counted.as_ref().unwrap().insights.trajectories;
    bench.sees("/", &["search words"].map(|_| "Library")).screen.press("<esc>gi");
    let all = bench.screen.state.insights.counted.as_ref().unwrap().insights.trajectories;
    assert!(denied > 0 && denied < all, "{denied} of {all}");
    open(&[], (80, 24)).sees("gi", &["Nothing is here yet", "ossia import"]);
}
