//! The tour, taken by its keys alone; and the page of commands.

use super::screens::open;
use super::workspace::Bench;

#[test]
fn seven_keys_lead_from_a_refusal_to_an_export() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (80, 24));
    bench
        .sees(":tour<enter>", &["Tour: 1 of 7", "Press enter to open"])
        .sees("<enter>", &["Tour: 2 of 7", "This is what happened", "Press ]d"])
        .sees("]d", &["Tour: 3 of 7", "denied", "Press ]r"])
        .sees("]r", &["Tour: 4 of 7", "Press gr"])
        .sees("gr<enter>", &["Tour: 5 of 7", "Press the digit"])
        .sees("1", &["Tour: 6 of 7", "u takes it back", "Press gs"])
        .sees("gs", &["Tour: 7 of 7", "Press gd"])
        .sees("gd", &["Tour: the end", "X writes"])
        .misses("gn", "Tour:");
}

#[test]
fn a_stop_is_left_out_and_the_tour_is_left_and_taken_up_again() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (80, 24));
    bench.sees(":tour<enter>gn", &["Tour: 2 of 7", "The tour goes on in the trajectory: press gt."]);
    // Nothing happened where a stop was left out.
    bench.misses("", "This is what happened");
    bench.misses("g.", "Tour:").sees("g.", &["Tour: 2 of 7"]);
    bench.screen.send(ossia::app::Msg::Resize(50, 12));
    bench.misses("", "Tour:");
    bench.screen.send(ossia::app::Msg::Resize(80, 24));
    bench.sees("", &["Tour: 2 of 7"]);
}

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    let made = String::from_utf8(Bench::new().run(&["man", "--markdown"]).stdout).unwrap();
    if std::env::var_os("OSSIA_WRITE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), made, "docs/cli.md is old; OSSIA_WRITE_DOCS=1 cargo test writes it");
}
