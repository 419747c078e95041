//! The tour, taken by its keys alone; and the page of commands.

use super::screens::open;
use super::workspace::Bench;

#[test]
fn nine_keys_lead_from_a_refusal_to_an_export() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (80, 24));
    bench
        .sees(":tour<enter>", &["Tour: 1 of 9", "Press enter to open"])
        .sees("<enter>", &["Tour: 2 of 9", "Press ]d"])
        .sees("]d", &["Tour: 3 of 9", "denied", "Press ]r"])
        .sees("]r", &["Tour: 4 of 9", "Press gr"])
        .sees("gr<enter>", &["Tour: 5 of 9", "Press the digit"])
        .sees("1", &["Tour: 6 of 9", "Press u"])
        .sees("u", &["Tour: 7 of 9", "taken back"])
        .sees("gs", &["Tour: 8 of 9", "Press gp"])
        .sees("gp", &["Tour: 9 of 9", "Press gd"])
        .sees("gd", &["Tour: the end", "X writes"])
        .misses("gn", "Tour:");
}

#[test]
fn a_stop_is_left_out_and_the_tour_is_left_and_taken_up_again() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (80, 24));
    bench.sees(":tour<enter>gn", &["Tour: 2 of 9", "The tour goes on in the trajectory: press gt."]);
    bench.misses("g.", "Tour:").sees("g.", &["Tour: 2 of 9"]);
    bench.screen.send(ossia::app::Msg::Resize(50, 12));
    bench.misses("", "Tour:");
    bench.screen.send(ossia::app::Msg::Resize(80, 24));
    bench.sees("", &["Tour: 2 of 9"]);
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
